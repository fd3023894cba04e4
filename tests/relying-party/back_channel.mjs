// What clients do without a browser of their own, by openid-client: it registers itself, proves who it is by a JWT,
// speaks for itself, lets a device in (a headless Chromium approves), binds its tokens to a key, refreshes, asks what a
// token permits, gives it up, and removes its registration.
//
// Reads one JSON object from stdin and writes one to stdout; any failure ends it with status 1 and a message.
//   in   issuer, initialAccessToken, username, password
//   out  registered (the registration's answer), service (a token response), introspected (what that token permits),
//        revoked (the same after it was given up), device (a token response), userinfo, refreshed (a token response),
//        bound (whether the same token was refused as a bearer token), removed (a status)
import { webcrypto } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

globalThis.crypto ??= webcrypto; // Node.js 18 has it only under this name
const client = await import('openid-client');
const { exportJWK } = await import('jose');
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

const given = JSON.parse(await text(process.stdin));
const execute = [client.allowInsecureRequests];

/** A person signs in, types the code that the device shows, and lets it in. */
async function approve(address) {
  const browser = await chromium.launch({
    executablePath: executable('chromium', 'chromium-browser', 'google-chrome'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    page.setDefaultTimeout(STEP_MILLISECONDS);
    await page.goto(address);
    await page.click('#device-submit');
    await page.fill('input[name=username]', given.username);
    await page.fill('input[name=password]', given.password);
    await page.click('#login-submit');
    await page.click('#device-submit');
    await page.click('#device-accept');
    await page.waitForSelector('h1');
  } finally {
    await browser.close();
  }
}

try {
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const publicKey = { ...(await exportJWK(key.publicKey)), kid: 'own', use: 'sig', alg: 'ES256' };
  const configuration = await client.dynamicClientRegistration(
    new URL(given.issuer),
    {
      client_name: 'A television',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code'],
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'RS256',
      jwks: { keys: [publicKey] },
    },
    client.PrivateKeyJwt({ key: key.privateKey, kid: 'own' }),
    { initialAccessToken: given.initialAccessToken, execute },
  );
  const registered = configuration.clientMetadata();

  const service = await client.clientCredentialsGrant(configuration, {});
  const introspected = await client.tokenIntrospection(configuration, service.access_token);
  await client.tokenRevocation(configuration, service.access_token);
  const revoked = await client.tokenIntrospection(configuration, service.access_token);

  const DPoP = client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256'));
  const waiting = await client.initiateDeviceAuthorization(configuration, { scope: 'openid profile offline_access' });
  await approve(waiting.verification_uri_complete);
  const device = await client.pollDeviceAuthorizationGrant(configuration, waiting, undefined, { DPoP });
  const subject = device.claims().sub;
  const userinfo = await client.fetchUserInfo(configuration, device.access_token, subject, { DPoP });
  const asBearer = await fetch(new URL(configuration.serverMetadata().userinfo_endpoint), {
    headers: { authorization: `Bearer ${device.access_token}` },
  });
  const refreshed = await client.refreshTokenGrant(configuration, device.refresh_token, undefined, { DPoP });

  const removed = await fetch(registered.registration_client_uri, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${registered.registration_access_token}` },
  });

  process.stdout.write(JSON.stringify({
    registered,
    service,
    introspected,
    revoked,
    device,
    userinfo,
    bound: asBearer.status === 401,
    refreshed,
    removed: removed.status,
  }));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n${error.cause ? `cause: ${JSON.stringify(error.cause)}\n` : ''}`);
  process.exitCode = 1;
}
