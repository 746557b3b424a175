import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SsoHouse, ssoHouse } from './testing/sso-house.ts';

let sso: SsoHouse;
beforeAll(async () => {
  sso = await ssoHouse();
});
afterAll(() => sso?.close());
beforeEach(() => sso.reset());

describe('who looks whether an issuer can be reached', () => {
  const ask = (id: string) => sso.house.ask('POST', `/issuers/${id}/check`, {}, sso.owner().secret);
  const check = async (given: object = {}, issuer = sso.real.issuer) =>
    ask((await sso.add(issuer, given)).id);

  test('hears that it can', async () => {
    expect(await check()).toMatchObject({ status: 200, body: { reached: true, code: null, text: null } });
    expect(await ask('nobody')).toMatchObject({ status: 404 });
  });

  test.each<[string, string, () => string, object?]>([
    ['private_address', 'is in a private network', () => sso.real.issuer, { private: false }],
    ['refused', 'Nothing listens at 127.0.0.1:1', () => 'https://127.0.0.1:1'],
    ['wrong_issuer', 'calls itself by another name', () => `${sso.real.issuer}/`],
    ['no_issuer', 'describes no OpenID Connect issuer', () => `${sso.real.issuer}/nowhere`],
  ])('hears %s, and what to do', async (code, text, issuer, given) => {
    const { status, body } = await check(given, issuer());
    expect([status, body]).toMatchObject([200, { reached: false, code, acr: [] }]);
    expect((body as { text: string }).text).toContain(text);
  });
});
