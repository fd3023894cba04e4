// Verifies ID Tokens as a relying party that keeps the JWKS exactly as long as the server's headers permit, and that
// never looks again early: a kid that it does not know is a token that it refuses.
//
//   in   a line of JSON: issuer, audience, jwksUri; then a token on each line
//   out  a line of JSON for each token: ok, reason (why not), kid, fetches (of the JWKS, until now)
import { webcrypto } from 'node:crypto';
import { createInterface } from 'node:readline';

globalThis.crypto ??= webcrypto; // Node.js 18 has it only under this name
const { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } = await import('jose');

let fetches = 0;
let seconds = 0;

/** Fetches the JWKS and notes how long it may be kept; without a promise, not at all. */
async function noted(url, options) {
  const response = await fetch(url, options);
  fetches += 1;
  const found = /(?:^|[\s,])max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '');
  seconds = found ? Number(found[1]) : 0;
  return response;
}

function keptFor(jwksUri, known) {
  const options = { cacheMaxAge: known * 1000, cooldownDuration: Infinity, [customFetch]: noted };
  return createRemoteJWKSet(new URL(jwksUri), options);
}

let given;
let keys;
let known;
for await (const line of createInterface({ input: process.stdin })) {
  if (!given) {
    given = JSON.parse(line);
    await noted(given.jwksUri, {});
    continue;
  }
  if (known !== seconds) {
    known = seconds;
    keys = keptFor(given.jwksUri, known);
  }
  let answer;
  try {
    await jwtVerify(line, keys, { issuer: given.issuer, audience: given.audience });
    answer = { ok: true };
  } catch (error) {
    answer = { ok: false, reason: `${error.code ?? error.name}: ${error.message}` };
  }
  const { kid } = decodeProtectedHeader(line);
  process.stdout.write(`${JSON.stringify({ ...answer, kid, fetches })}\n`);
}
