// Walks through what the authorization endpoint offers besides a plain code, as a relying party with openid-client, a
// headless Chromium and jose would: form_post with and without scripts, pushed requests, signed request objects, the
// hybrid flow, and a logout that is heard on the back channel.
//
// Reads one JSON object from stdin and writes one to stdout; any failure ends it with status 1 and a message.
//   in   issuer, clientId, clientSecret, redirectUri and backchannelUri (free ports of 127.0.0.1),
//        postLogoutRedirectUri, key (a private JWK, ES256), username, password, pictures (a folder, when given)
//   out  for each step the claims of its ID Token: formPost, withoutScripts, pushed, requestObject, hybrid; and what the
//        logout token said: logoutHeader, logout
import { createServer } from 'node:http';
import { webcrypto } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

globalThis.crypto ??= webcrypto; // Node.js 18 has it only under this name
const client = await import('openid-client');
const { createRemoteJWKSet, importJWK, jwtVerify } = await import('jose');
const { chromium } = await import('playwright-core');

const STEP_MILLISECONDS = 20_000;

function executable(...names) {
  for (const name of names) {
    for (const folder of process.env.PATH.split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch { /* the next folder */ }
    }
  }
  throw new Error(`none of these is on the PATH: ${names.join(', ')}`);
}

/** Listens at an address; `next()` is the next request to its path: method, address and body. */
async function listen(uri) {
  const { port, hostname, pathname } = new URL(uri);
  const waiting = [];
  const arrived = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('cache-control', 'no-store');
    response.end('<!doctype html><title>Back</title><p id="back">Back at the relying party.');
    const address = new URL(request.url, uri);
    if (address.pathname !== pathname) return;
    const one = { method: request.method, address, body };
    const first = waiting.shift();
    if (first) first(one); else arrived.push(one);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(Number(port), hostname, resolve));
  return {
    next: () => new Promise((resolve, reject) => {
      if (arrived.length) return resolve(arrived.shift());
      const timer = setTimeout(() => reject(new Error(`nothing came to ${uri}`)), STEP_MILLISECONDS);
      waiting.push((one) => { clearTimeout(timer); resolve(one); });
    }),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}

const given = JSON.parse(await text(process.stdin));
const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };
const configure = () => client.discovery(
  new URL(given.issuer), given.clientId, {}, client.ClientSecretBasic(given.clientSecret), options,
);
const configuration = await configure();
const metadata = configuration.serverMetadata();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
const callback = await listen(given.redirectUri);
const backchannel = await listen(given.backchannelUri);
const browser = await chromium.launch({
  executablePath: executable('chromium', 'chromium-browser', 'google-chrome'),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** The parameters of one request, and what its answer is checked against. */
async function request(more) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const parameters = {
    redirect_uri: given.redirectUri,
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  };
  return { parameters, checks };
}

/** Redeems what came to the callback: an address, or a form. */
async function redeem(one, checks, using = configuration) {
  const answer = one.method === 'POST'
    ? new Request(one.address, {
      method: 'POST', body: one.body, headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    : one.address;
  return client.authorizationCodeGrant(using, answer, checks);
}

async function picture(page, name) {
  if (given.pictures) await page.screenshot({ path: join(given.pictures, `front-channel-${name}.png`), fullPage: true });
}

async function signIn(page) {
  await page.fill('input[name=username]', given.username);
  await page.fill('input[name=password]', given.password);
  await page.click('#login-submit');
  await page.waitForSelector('#consent-accept');
  await picture(page, 'consent');
  await page.click('#consent-accept');
}

async function visit(page, address) {
  const arrival = callback.next();
  arrival.catch(() => {}); // reported by the step that failed before it
  await page.goto(address.href);
  return arrival;
}

try {
  const context = await browser.newContext();
  context.setDefaultTimeout(STEP_MILLISECONDS);
  const page = await context.newPage();
  const out = {};

  // A form that sends itself.
  let { parameters, checks } = await request({ response_mode: 'form_post' });
  let arrival = callback.next();
  arrival.catch(() => {});
  await page.goto(client.buildAuthorizationUrl(configuration, parameters).href);
  await picture(page, 'login');
  await signIn(page);
  const tokens = await redeem(await arrival, checks);
  out.formPost = tokens.claims();

  // The same for somebody without scripts, who presses the button.
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const still = await plain.newPage();
  ({ parameters, checks } = await request({ response_mode: 'form_post', prompt: 'none' }));
  arrival = callback.next();
  arrival.catch(() => {});
  await still.goto(client.buildAuthorizationUrl(configuration, parameters).href);
  await picture(still, 'form-post');
  await still.click('#form-post-continue');
  out.withoutScripts = (await redeem(await arrival, checks)).claims();

  ({ parameters, checks } = await request({ prompt: 'none' }));
  const pushed = await client.buildAuthorizationUrlWithPAR(configuration, parameters);
  if (pushed.searchParams.has('nonce')) throw new Error(`a pushed request shows itself: ${pushed}`);
  out.pushed = (await redeem(await visit(page, pushed), checks)).claims();

  ({ parameters, checks } = await request({ prompt: 'none', response_type: 'code' }));
  const key = { key: await importJWK(given.key, 'ES256'), kid: given.key.kid };
  const signed = await client.buildAuthorizationUrlWithJAR(configuration, parameters, key);
  out.requestObject = (await redeem(await visit(page, signed), checks)).claims();

  const hybrid = await configure();
  client.useCodeIdTokenResponseType(hybrid);
  ({ parameters, checks } = await request({ prompt: 'none', response_type: 'code id_token' }));
  await visit(page, client.buildAuthorizationUrl(hybrid, parameters));
  await page.waitForSelector('#back');
  const answer = { method: 'GET', address: new URL(page.url()) };
  if (!answer.address.hash) throw new Error(`no fragment: ${page.url()}`);
  out.hybrid = (await redeem(answer, checks, hybrid)).claims();

  const heard = backchannel.next();
  heard.catch(() => {});
  const state = client.randomState();
  const goodbye = client.buildEndSessionUrl(configuration, {
    id_token_hint: tokens.id_token, post_logout_redirect_uri: given.postLogoutRedirectUri, state,
  });
  await page.goto(goodbye.href);
  const landed = new URL(page.url());
  if (!page.url().startsWith(given.postLogoutRedirectUri) || landed.searchParams.get('state') !== state) {
    throw new Error(`not where the relying party wanted: ${page.url()}`);
  }
  const message = await heard;
  const form = new URLSearchParams(message.body);
  if (message.method !== 'POST' || [...form.keys()].join() !== 'logout_token') throw new Error(message.body);
  const verified = await jwtVerify(form.get('logout_token'), keys, {
    issuer: given.issuer, audience: given.clientId, typ: 'logout+jwt', maxTokenAge: '2m',
  });
  out.logoutHeader = verified.protectedHeader;
  out.logout = verified.payload;

  process.stdout.write(JSON.stringify(out));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n${error.cause ? `cause: ${JSON.stringify(error.cause)}\n` : ''}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  callback.close();
  backchannel.close();
}
