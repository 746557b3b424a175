import { createHmac } from 'node:crypto';
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Enrolled } from '../identity/testing.ts';
import { CLIENT } from './testing/issuers.ts';
import { type Entry, type SsoHouse, ssoHouse } from './testing/sso-house.ts';

/** Answers of issuers that answer what they like. All people are made up. */
let sso: SsoHouse;
beforeAll(async () => {
  sso = await ssoHouse();
});
afterAll(() => sso.close());
beforeEach(() => sso.reset());

describe('from an issuer that forges', () => {
  const mfa = { acr: [], amr: ['mfa'] };
  const other = { issuer: 'https://other.example' };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  let entry: Entry;
  let person: Enrolled;
  beforeEach(async () => {
    person = await sso.someone();
    entry = await sso.add(sso.forging.issuer, { mfa });
    sso.real.next = { sub: 'nobody' };
  });
  const good = (claims: JWTPayload) => ({ ...claims, sub: person.email, email: person.email, amr: ['mfa'] });

  test('an answer as it should be lets in: what follows fails for its own reason', async () => {
    sso.forging.forge((claims) => sso.forging.sign(good(claims)));
    const came = await sso.forged(entry);
    expect(await sso.session(came.secret)).toMatchObject({ stage: 'signed_in' });
    const sent = sso.forging.exchanged.at(-1);
    expect(sent?.get('code_verifier')?.length).toBeGreaterThan(42);
    expect(sent?.get('client_secret')).toBeNull();
  });

  test.each<[string, (claims: JWTPayload) => Promise<string> | string]>([
    ['of another issuer', (claims) => sso.forging.sign({ ...good(claims), iss: other.issuer })],
    ['for another client', (claims) => sso.forging.sign({ ...good(claims), aud: 'another' })],
    [
      'for several, one of them ours',
      (claims) => sso.forging.sign({ ...good(claims), aud: [CLIENT, 'another'] }),
    ],
    ['with another nonce', (claims) => sso.forging.sign({ ...good(claims), nonce: 'made up' })],
    ['without a nonce', (claims) => sso.forging.sign({ ...good(claims), nonce: undefined } as JWTPayload)],
    ['whose time is over', (claims) => sso.forging.sign({ ...good(claims), exp: Number(claims.iat) - 60 })],
    ['without a signature', (claims) => `${encode({ alg: 'none' })}.${encode(good(claims))}.`],
    [
      'signed with the client’s name as a shared secret',
      (claims) => {
        const signed = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(good(claims))}`;
        return `${signed}.${createHmac('sha256', CLIENT).update(signed).digest('base64url')}`;
      },
    ],
    [
      'signed by somebody else',
      async (claims) => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT(good(claims)).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(privateKey);
      },
    ],
    ['that is none', () => 'made up'],
  ])('an ID token %s lets nobody in', async (_, make) => {
    sso.forging.forge(make);
    expect(await sso.forged(entry)).toEqual({ to: '/sign-in?problem=oidc_not_verified', secret: null });
  });

  test('an answer is taken once, from the browser that began, within ten minutes', async () => {
    sso.forging.forge((claims) => sso.forging.sign(good(claims)));
    const { url, kept } = await sso.begin(entry);
    const query = new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' });
    const elsewhere = { to: '/sign-in?problem=oidc_began_elsewhere', secret: null };
    expect((await sso.comeBack(entry, query, kept)).secret).not.toBeNull();
    expect(await sso.comeBack(entry, query, kept)).toEqual(elsewhere);

    const second = await sso.begin(entry);
    const victim = await sso.begin(entry);
    const stolen = new URLSearchParams({
      code: 'made-up',
      state: second.url.searchParams.get('state') ?? '',
    });
    expect(await sso.comeBack(entry, stolen, victim.kept)).toEqual(elsewhere);
    expect(await sso.comeBack(entry, stolen, second.kept)).toEqual(elsewhere);
    expect(await sso.comeBack(entry, 'code=made-up', second.kept)).toEqual(elsewhere);
    expect(await sso.comeBack(entry, 'code=made-up&state=made-up', '')).toEqual(elsewhere);

    const late = await sso.begin(entry);
    sso.house.platform.advance(10 * 60_000);
    const tooLate = new URLSearchParams({ code: 'made-up', state: late.url.searchParams.get('state') ?? '' });
    expect(await sso.comeBack(entry, tooLate, late.kept)).toEqual(elsewhere);
  });

  test('an answer of one issuer is not taken for another’s', async () => {
    const honest = await sso.add(sso.real.issuer, { name: 'Honest', mfa });
    const { url, kept } = await sso.begin(honest);
    const query = new URLSearchParams({ code: 'made-up', state: url.searchParams.get('state') ?? '' });
    // The browser began at the honest one, and comes back to the other's address, which would get the code.
    const before = sso.forging.exchanged.length;
    expect(await sso.comeBack(entry, query, kept)).toMatchObject({ secret: null });
    expect(sso.forging.exchanged.length).toBe(before);
    // And an answer that names another issuer (RFC 9207).
    expect(await sso.forged(entry, { iss: sso.real.issuer })).toMatchObject({ secret: null });
    expect(sso.forging.exchanged.length).toBe(before);
  });

  test('what the issuer refuses leads back to the page, and its text is not repeated', async () => {
    const { url, kept } = await sso.begin(entry);
    const state = url.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', error_description: '<b>made up</b>', state });
    expect(await sso.comeBack(entry, query, kept)).toEqual({
      to: '/sign-in?problem=oidc_refused',
      secret: null,
    });
    expect(sso.house.platform.logged()).not.toContain('<b>');
  });

  test.each([
    ['that it is another', { issuer: 'https://other.example' }],
    ['that it takes codes in clear', { token_endpoint: 'http://127.0.0.1:1/token' }],
  ])('one that says %s is not used', async (_, said) => {
    sso.house.platform.advance(11 * 60_000);
    sso.forging.say(said);
    const begun = await sso.house.ask('POST', `/session/oidc/${entry.id}`, {});
    if (begun.status === 200) {
      expect(await sso.forged(entry)).toMatchObject({ secret: null });
      sso.house.platform.advance(11 * 60_000);
      return;
    }
    expect(begun.status).toBe(503);
  });

  test('no answer leads anywhere but into the console', async () => {
    sso.forging.forge((claims) => sso.forging.sign(good(claims)));
    for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example', '/api/v1/session']) {
      const { url, kept } = await sso.begin(entry, path);
      const query = new URLSearchParams({ code: 'x', state: url.searchParams.get('state') ?? '' });
      expect((await sso.comeBack(entry, query, kept)).to).toBe('/');
    }
  });
});
