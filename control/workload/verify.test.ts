import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { keysFrom, wrongKeySet } from './issuer-keys.ts';
import { verifyWorkload, WorkloadTokenError } from './verify.ts';

/** Tokens of a made-up issuer, as it makes them and as others forge them. */
const trust = {
  issuer: 'https://issuer.example',
  audience: 'https://drawbridge.example',
  subject: 'system:serviceaccount:pay:*',
};
const NOW = Date.UTC(2025, 10, 9, 8);
const seconds = NOW / 1000;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
let set: { keys: object[] };
beforeAll(async () => {
  set = {
    keys: [
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa' },
      { ...(await exportJWK(ec.publicKey)), kid: 'ec' },
      { ...(await exportJWK(ed.publicKey)), kid: 'ed' },
    ],
  };
});

const claims: JWTPayload = {
  iss: trust.issuer,
  aud: trust.audience,
  sub: 'system:serviceaccount:pay:worker',
  iat: seconds - 10,
  nbf: seconds - 10,
  exp: seconds + 600,
};
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const made = (payload: JWTPayload, alg = 'RS256', key = rsa.privateKey, kid = 'rsa') =>
  new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
const verify = (token: string) => verifyWorkload(token, trust, keysFrom(set), NOW);
async function refusal(token: string): Promise<string> {
  return verify(token).then(
    () => 'taken',
    (error: unknown) => (error instanceof WorkloadTokenError ? error.code : String(error)),
  );
}
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('tokens of the issuer are taken, whichever of its keys they are signed with', async () => {
  expect(await verify(await made(claims))).toEqual({ subject: claims.sub });
  expect(await refusal(await made(claims, 'ES256', ec.privateKey, 'ec'))).toBe('taken');
  expect(await refusal(await made(claims, 'EdDSA', ed.privateKey, 'ed'))).toBe('taken');
  expect(await refusal(await made({ ...claims, aud: ['else', trust.audience] }))).toBe('taken');
});

test.each([
  ['another issuer', { ...claims, iss: 'https://issuer.example.evil' }, 'wrong_issuer'],
  ['no issuer', without('iss'), 'wrong_issuer'],
  ['another audience', { ...claims, aud: 'https://other.example' }, 'wrong_audience'],
  ['no audience', without('aud'), 'wrong_audience'],
  ['another subject', { ...claims, sub: 'system:serviceaccount:web:worker' }, 'wrong_subject'],
  ['no subject', without('sub'), 'malformed'],
  ['a subject that is none', { ...claims, sub: ['a'] as unknown as string }, 'malformed'],
  ['a time that is over', { ...claims, exp: seconds - 31 }, 'expired'],
  ['no end', without('exp'), 'malformed'],
  ['an end that is no number', { ...claims, exp: 'soon' as unknown as number }, 'malformed'],
  ['a time that has not begun', { ...claims, nbf: seconds + 31 }, 'not_yet'],
  ['a making that lies ahead', { ...claims, iat: seconds + 31, nbf: seconds }, 'not_yet'],
  ['no making', without('iat'), 'malformed'],
  ['a year to live', { ...claims, exp: seconds + 365 * 86_400 }, 'lives_too_long'],
])('a token with %s is refused', async (_, payload, code) => {
  expect(await refusal(await made(payload as JWTPayload))).toBe(code);
});

test('clocks may be half a minute apart', async () => {
  expect(await refusal(await made({ ...claims, exp: seconds - 29 }))).toBe('taken');
  expect(await refusal(await made({ ...claims, nbf: seconds + 29, iat: seconds + 29 }))).toBe('taken');
});

test('a token without a signature, or signed with what everybody has, is refused', async () => {
  const body = part(claims);
  expect(await refusal(`${part({ alg: 'none' })}.${body}.`)).toBe('wrong_algorithm');
  expect(await refusal(`${part({ alg: 'None', kid: 'rsa' })}.${body}.`)).toBe('wrong_algorithm');
  // The public key, taken for a shared secret.
  const head = part({ alg: 'HS256', kid: 'rsa' });
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const mac = createHmac('sha256', pem).update(`${head}.${body}`).digest('base64url');
  expect(await refusal(`${head}.${body}.${mac}`)).toBe('wrong_algorithm');
});

test('a token that another signed is refused, whatever key it says it is signed with', async () => {
  expect(await refusal(await made(claims, 'RS256', other.privateKey))).toBe('wrong_signature');
  expect(await refusal(await made(claims, 'RS256', rsa.privateKey, 'nobody’s'))).toBe('unknown_key');
  const jwk = await exportJWK(other.publicKey);
  const own = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'rsa', jwk })
    .sign(other.privateKey);
  expect(await refusal(own)).toBe('wrong_signature');
  const [head = '', , signature = ''] = (await made(claims)).split('.');
  const changed = part({ ...claims, sub: 'system:serviceaccount:pay:admin' });
  expect(await refusal(`${head}.${changed}.${signature}`)).toBe('wrong_signature');
});

test('a header that asks for what is not known here is refused', async () => {
  const head = part({ alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: false });
  const signed = sign(
    'sha256',
    Buffer.from(`${head}.${part(claims)}`),
    createPrivateKey(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  expect(await refusal(`${head}.${part(claims)}.${signed.toString('base64url')}`)).not.toBe('taken');
});

test.each(['', 'made up', 'a.b.c', `${'x'.repeat(16_385)}`, '{}.{}.{}', '\u0000.\u0000.\u0000'])(
  'what is no token is refused (%#)',
  async (text) => {
    expect(await refusal(text)).toMatch(/^(malformed|wrong_algorithm)$/);
  },
);

test('a set that holds a private or a shared key is not taken', async () => {
  expect(wrongKeySet(set)).toBeNull();
  expect(wrongKeySet({ keys: [await exportJWK(rsa.privateKey)] })).toContain('keys.0');
  expect(wrongKeySet({ keys: [...set.keys, { kty: 'oct', k: 'c2VjcmV0' }] })).toContain('keys.3');
  expect(wrongKeySet({ keys: [{ ...set.keys[0], use: 'enc' }] })).toContain('no key that signs');
  expect(wrongKeySet({ keys: [] })).toContain('no key that signs');
  expect(wrongKeySet('keys')).toContain('no JWKS');
});
