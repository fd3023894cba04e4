// Signs one person in as a relying party would: openid-client asks, a headless Chromium types, jose verifies.
//
// Reads one JSON object from stdin and writes one to stdout; any failure ends it with status 1 and a message.
//   in   issuer, clientId, clientSecret (absent: a public client), redirectUri (a free port of 127.0.0.1), scope,
//        username, password, wrongPassword (typed first, when given), javaScript (whether pages may run scripts),
//        algorithm (what the ID Token is signed with; RS256 unless given),
//        pictures (a folder for screenshots of every page, when given)
//   out  header and claims of the ID Token, userinfo, callback (its parameters), rejected (what a wrong password
//        shows), again (the claims of a second, silent sign-in with prompt=none), metadata
import { createServer } from 'node:http';
import { webcrypto } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

globalThis.crypto ??= webcrypto; // Node.js 18 has it only under this name
const client = await import('openid-client');
const { createRemoteJWKSet, jwtVerify } = await import('jose');
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

/** Listens where the browser is sent back to; `arrival()` is the address of the next visit. */
async function listen(redirectUri) {
  const { port, hostname, pathname } = new URL(redirectUri);
  const waiting = [];
  const arrived = [];
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>Signed in</title><p>Back at the relying party.');
    const address = new URL(request.url, redirectUri);
    if (address.pathname !== pathname) return;
    const next = waiting.shift();
    if (next) next(address); else arrived.push(address);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(Number(port), hostname, resolve));
  return {
    arrival: () => new Promise((resolve, reject) => {
      if (arrived.length) return resolve(arrived.shift());
      const timer = setTimeout(() => reject(new Error('the browser never came back')), STEP_MILLISECONDS);
      waiting.push((address) => { clearTimeout(timer); resolve(address); });
    }),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}

const given = JSON.parse(await text(process.stdin));

const configuration = await client.discovery(
  new URL(given.issuer),
  given.clientId,
  { id_token_signed_response_alg: given.algorithm ?? 'RS256' },
  given.clientSecret ? client.ClientSecretBasic(given.clientSecret) : client.None(),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);
const metadata = configuration.serverMetadata();
const callback = await listen(given.redirectUri);
const browser = await chromium.launch({
  executablePath: executable('chromium', 'chromium-browser', 'google-chrome'),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

let pictures = 0;
/** Saves what the page looks like on a desktop and on a telephone, in light and dark. */
async function picture(page, name) {
  if (!given.pictures) return;
  pictures += 1;
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      const file = `${given.username}-${pictures}-${name}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: join(given.pictures, file), fullPage: true });
    }
  }
}

/** One authorization request, answered by `steps` in the browser, redeemed and verified. */
async function signIn(page, parameters, steps) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: given.redirectUri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const arrival = callback.arrival();
  arrival.catch(() => {}); // reported by the step that failed before it
  await page.goto(address.href);
  await steps();
  const returned = await arrival;
  const tokens = await client.authorizationCodeGrant(configuration, returned, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const verified = await jwtVerify(tokens.id_token, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
    issuer: given.issuer,
    audience: given.clientId,
    algorithms: [given.algorithm ?? 'RS256'],
  });
  return { returned, tokens, verified };
}

try {
  const context = await browser.newContext({ javaScriptEnabled: given.javaScript });
  context.setDefaultTimeout(STEP_MILLISECONDS);
  const page = await context.newPage();
  let rejected;

  async function type(password) {
    await page.fill('input[name=username]', given.username);
    await page.fill('input[name=password]', password);
    await page.click('#login-submit');
  }

  const first = await signIn(page, {}, async () => {
    await page.waitForSelector('input[name=username]');
    await picture(page, 'login');
    if (given.wrongPassword) {
      await type(given.wrongPassword);
      await page.waitForSelector('[role=alert]');
      rejected = (await page.textContent('[role=alert]')).trim();
      await picture(page, 'login-rejected');
    }
    await type(given.password);
    await page.waitForSelector('#consent-accept');
    await picture(page, 'consent');
    await page.click('#consent-accept');
  });
  const userinfo = await client.fetchUserInfo(configuration, first.tokens.access_token, first.verified.payload.sub);

  // The session and the consent are remembered: no page is shown the second time.
  const second = await signIn(page, { prompt: 'none' }, async () => {});

  if (given.pictures) {
    await page.goto(`${given.issuer}/`);
    await picture(page, 'home');
    await page.goto(`${given.issuer}/authorize?client_id=nobody`);
    await picture(page, 'error');
  }

  process.stdout.write(JSON.stringify({
    header: first.verified.protectedHeader,
    claims: first.verified.payload,
    userinfo,
    callback: Object.fromEntries(first.returned.searchParams),
    rejected,
    again: second.verified.payload,
    metadata,
  }));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n${error.cause ? `cause: ${JSON.stringify(error.cause)}\n` : ''}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  callback.close();
}
