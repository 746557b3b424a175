import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';

/** Services whose requests are signed: which can be connected, and with what credential. */

const service = (scheme: string) => `
  - id: ${scheme}
    name: Bolt by ${scheme}
    regions: [{ id: us, host: api.bolt.test }]
    auth:
      - { in: header, name: authorization, prefix: 'Bearer ' }
      - { in: signature, scheme: ${scheme}, service: bolt }
    endpoints:
      - id: track
        methods: [POST]
        path: /v2/events
        fields:
          fields: { user.id: person.id }`;
const bolt = `format: drawbridge.pack/1
vendor: bolt
name: Bolt
as_of: 2025-11-09
services:${['aws-sigv4', 'google-oauth', 'entra-oauth'].map(service).join('')}
`;
const ACCESS = 'AKIDMADEUPEXAMPLE';
const SECRET = 'made/up+secret/of/the/test=';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
  expect(await house.ask('POST', '/packs', { pack: bolt, reason: 'A test' })).toMatchObject({ status: 201 });
});
afterAll(() => house.close());

const connect = (scheme: string, credential?: string) =>
  house.ask('POST', '/connections', {
    name: 'Bolt',
    vendor: 'bolt',
    service: scheme,
    region: 'us',
    contract: 'recommended',
    reason: 'A test',
    ...(credential === undefined ? {} : { credential }),
  });
const kept = async () => (await house.ask('GET', '/connections')).body.items.length;

test.each(['google-oauth', 'entra-oauth'])(
  'a service that asks for %s can not be connected, with or without a credential',
  async (scheme) => {
    const before = await kept();
    for (const credential of [undefined, `${ACCESS}:${SECRET}`]) {
      const { status, body } = await connect(scheme, credential);
      expect([status, body.errors]).toEqual([
        422,
        [expect.objectContaining({ field: 'service', message: expect.stringContaining(scheme) })],
      ]);
    }
    expect(await kept()).toBe(before);
  },
);

const malformed: [string, string][] = [
  ['a key of another kind', 'sk-made-up-key-of-a-vendor'],
  ['only the access key id', ACCESS],
  ['an empty secret', `${ACCESS}:`],
  ['one part too many', `${ACCESS}:${SECRET}:${'t'.repeat(20)}:more`],
  ['an empty session token', `${ACCESS}:${SECRET}:`],
  ['a pair with a character that no key has', `${ACCESS}:${SECRET},`],
];

test.each(malformed)(
  'an AWS credential that is %s is refused by field, and not said back',
  async (_what, value) => {
    const before = await kept();
    const refused = await connect('aws-sigv4', value);
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [{ field: 'credential', message: expect.stringContaining('ACCESS_KEY_ID:SECRET_ACCESS_KEY') }],
    ]);
    expect(JSON.stringify(refused.body)).not.toContain(value);
    expect(await kept()).toBe(before);
  },
);

test('an AWS credential is taken with and without a session token; entered anew it is looked at again', async () => {
  const made = await connect('aws-sigv4', `${ACCESS}:${SECRET}`);
  expect([made.status, made.body.credential]).toEqual([201, expect.objectContaining({ version: 1 })]);
  const enter = (value: string) =>
    house.ask('PUT', `/connections/${made.body.id}/credential`, { value, reason: 'A test' });
  const refused = await enter(ACCESS);
  expect([refused.status, refused.body.errors]).toEqual([422, [expect.objectContaining({ field: 'value' })]]);
  const taken = await enter(`${ACCESS}:${SECRET}:made/up+session-token_of_the_test==`);
  expect([taken.status, taken.body.credential]).toEqual([200, expect.objectContaining({ version: 2 })]);
});
