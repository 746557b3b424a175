import { formVirtualKey } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpTables, spellings, type TestHouse, testHouse } from '../fleet/testing.ts';
import { vaultKeysOf } from './index.ts';

const CREDENTIAL = 'made-up-vendor-credential-7f3a91c2';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.platform.pool.query('TRUNCATE connection, credential, contract_version, change CASCADE');
});

const ask: TestHouse['ask'] = (...call) => house.ask(...call);
const connect = (given?: object) => house.connect(given);
const fieldsOf = (answer: { body: { errors?: { field: string }[] } }) =>
  answer.body.errors?.map((one) => one.field);
async function changes() {
  const rows = await house.platform.pool.query('SELECT act, actor, reason FROM change ORDER BY at, ctid');
  return rows.rows;
}
const plain = {
  name: 'Acme',
  vendor: 'acme',
  service: 'analytics',
  region: 'us',
  contract: 'recommended',
  reason: 'A test',
};
async function placements() {
  const rows = await house.platform.pool.query('SELECT placements FROM credential ORDER BY version');
  return rows.rows.map((row) => row.placements);
}
async function credentials() {
  const rows = await house.platform.pool.query(
    'SELECT version, wrapped IS NULL AS erased FROM credential ORDER BY version',
  );
  return rows.rows;
}

test('credentials of a vendor are had without their values, with when they ended', async () => {
  const made = await connect({ credential: CREDENTIAL });
  const since = new Date(house.platform.clock.now());
  house.platform.advance(60_000);
  await ask('PUT', `/connections/${made.id}/credential`, { value: `${CREDENTIAL}-2`, reason: 'A test' });
  const keys = (from: Date, vendor = 'acme') => vaultKeysOf(house.platform, vendor, from);
  const now = new Date(house.platform.clock.now());
  const name = made.name;
  expect(await keys(since)).toEqual([
    { connection: made.id, name, endedAt: null },
    { connection: made.id, name, endedAt: now },
  ]);
  expect(await keys(new Date(now.getTime() + 1))).toEqual([{ connection: made.id, name, endedAt: null }]);
  expect(await keys(since, 'other')).toEqual([]);
});

describe('a connection', () => {
  test('is made with the region’s host, the recommended contract and its credential', async () => {
    const made = await connect({ name: 'Acme EU (web)', region: 'eu', credential: CREDENTIAL });
    expect(made).toMatchObject({
      slug: 'acme-eu-web',
      gatewayUrl: 'http://127.0.0.1:4410/acme-eu-web',
      upstream: { scheme: 'https', host: 'eu.acme.test', port: 443, private: false },
      state: 'open',
      owner: 'Ada Example',
      credential: { version: 1, covers: true, enteredBy: 'Ada Example' },
      contract: { version: 1, author: 'Ada Example', reason: 'A test' },
    });
    const read = await ask('GET', `/connections/${made.id}`);
    expect(read.body).toEqual(made);
    expect(read.headers.get('etag')).toBe(made.etag);
    expect(await changes()).toEqual([
      { act: 'connection.create', actor: 'person:1', reason: 'A test' },
      { act: 'credential.enter', actor: 'person:1', reason: 'A test' },
    ]);
  });

  test('gets a path prefix that is free; one asked for and taken is a conflict', async () => {
    expect((await connect({ name: 'Métrics' })).slug).toBe('acme-metrics');
    expect((await connect({ name: '日本' })).slug).toBe('acme');
    expect((await connect({ name: 'Acme' })).slug).toBe('acme-2');
    expect((await connect({ name: 'Acme' })).slug).toBe('acme-3');
    const taken = await ask('POST', '/connections', { ...plain, slug: 'acme-2' });
    expect([taken.status, taken.body.code, fieldsOf(taken)]).toEqual([409, 'slug_taken', ['slug']]);
  });

  test('twenty at once of one name each get a prefix of their own, or hear that it was taken', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/connections', plain)));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const slugs = answers.filter(({ status }) => status === 201).map(({ body }) => body.slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    const list = await ask('GET', '/connections?limit=200');
    expect(list.body.items).toHaveLength(slugs.length);
  });

  const asIs = {
    classes: {},
    otherwise: { do: 'pass' },
    unmapped: { do: 'pass' },
    names: { do: 'pass', allowed: [] },
    properties: {},
  };
  const wrong: [string, object, number, string][] = [
    ['an unknown vendor', { vendor: 'nobody' }, 422, 'vendor'],
    ['an unknown service', { service: 'mail' }, 422, 'service'],
    ['an unknown region', { region: 'mars' }, 422, 'region'],
    ['a reserved prefix', { slug: 'fleet' }, 422, 'slug'],
    ['a prefix that begins with -', { slug: '-x' }, 422, 'slug'],
    ['a prefix with a slash', { slug: 'a/b' }, 422, 'slug'],
    ['an origin with a path', { origins: ['https://a.example.com/x'] }, 422, 'origins.0'],
    ['a wildcard origin', { origins: ['https://*.example.com'] }, 422, 'origins.0'],
    ['an origin of another kind', { origins: ['https://a.example.com', 'file:///etc'] }, 422, 'origins.1'],
    ['a credential with a line break', { credential: 'abc\r\nx-evil: 1' }, 400, 'credential'],
    ['a credential that is too long', { credential: 'x'.repeat(4097) }, 400, 'credential'],
    [
      'a contract of another form',
      { contract: { ...asIs, otherwise: { do: 'x' } } },
      400,
      'contract.otherwise.do',
    ],
    ['an unknown member', { credentials: 'x' }, 400, 'credentials'],
    ['no reason', { reason: undefined }, 400, 'reason'],
    ['a reason too short', { reason: ' x ' }, 400, 'reason'],
    ['a host with a path', upstream({ host: 'a.example.com/x' }), 422, 'upstream.host'],
    ['a host with a user', upstream({ host: 'me@a.example.com' }), 422, 'upstream.host'],
    ['a loopback address', upstream({ host: '127.0.0.1' }), 422, 'upstream.private'],
    ['a loopback name', upstream({ host: 'LocalHost.' }), 422, 'upstream.private'],
    ['a link-local address', upstream({ host: '169.254.169.254' }), 422, 'upstream.private'],
    ['a private address in brackets', upstream({ host: '[fd00::1]' }), 422, 'upstream.private'],
    ['an IPv4 address as IPv6', upstream({ host: '::ffff:10.0.0.1' }), 422, 'upstream.private'],
    ['an address as one number', upstream({ host: '2130706433' }), 422, 'upstream.host'],
    ['an address in hexadecimal', upstream({ host: '0x7f000001' }), 422, 'upstream.host'],
    ['a credential in clear over a public network', upstream({ scheme: 'http' }), 422, 'upstream.scheme'],
  ];
  function upstream(given: object) {
    return { upstream: { scheme: 'https', host: 'a.example.com', port: 443, private: false, ...given } };
  }
  test.each(wrong)(
    '%s is refused by field, and nothing stays behind',
    async (_what, given, status, field) => {
      const answer = await ask('POST', '/connections', { ...plain, ...given });
      expect([answer.status, fieldsOf(answer)]).toEqual([status, [field]]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect((await ask('GET', '/connections')).body.items).toEqual([]);
      expect(await changes()).toEqual([]);
    },
  );

  test('a virtual key pasted as credential is refused', async () => {
    const { key } = formVirtualKey(Buffer.alloc(42, 3));
    const answer = await ask('POST', '/connections', { ...plain, credential: key });
    expect([answer.status, fieldsOf(answer)]).toEqual([422, ['credential']]);
  });

  test('a private upstream is allowed when it is said', async () => {
    const host = { scheme: 'http', host: '[::1]', port: 9000, private: true };
    expect((await connect({ upstream: host })).upstream).toEqual({ ...host, host: '::1' });
  });

  test('names its host where each customer has one of their own', async () => {
    const own = { service: 'models', region: 'own' };
    const refused = await ask('POST', '/connections', { ...plain, ...own });
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ['upstream']]);
    const upstream = { scheme: 'https', host: 'ours.acme.test', port: 443, private: false };
    expect((await connect({ ...own, upstream })).upstream).toEqual(upstream);
  });

  test('lists page by page, each once', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) {
      made.push((await connect()).id);
      house.platform.advance(5);
    }
    const seen: string[] = [];
    let query = '?limit=2';
    for (;;) {
      const { items, next } = (await ask('GET', `/connections${query}`)).body;
      seen.push(...items.map((item: { id: string }) => item.id));
      if (next === null) break;
      query = `?limit=2&cursor=${next}`;
    }
    expect(seen).toEqual(made);
    expect(fieldsOf(await ask('GET', '/connections?cursor=nonsense'))).toEqual(['cursor']);
    expect(fieldsOf(await ask('GET', '/connections?limit=201'))).toEqual(['limit']);
  });

  test('that is unknown is a problem 404, whatever is asked of it', async () => {
    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'x', reason: 'A test' }],
      ['PUT', '/credential', { value: 'x', reason: 'A test' }],
      ['GET', '/contract'],
      ['POST', '/contract/allow', { kind: 'event_name', name: 'x', reason: 'A test' }],
    ];
    for (const [method, path, body] of calls) {
      expect([path, (await ask(method, `/connections/unknown${path}`, body)).status]).toEqual([path, 404]);
    }
  });
});

describe('a change', () => {
  test('of host, port or scheme erases the credential and says so', async () => {
    for (const moved of [{ host: 'other.acme.test' }, { port: 8443 }]) {
      const made = await connect({ credential: CREDENTIAL });
      const answer = await ask('PATCH', `/connections/${made.id}`, {
        upstream: { ...made.upstream, ...moved },
        reason: 'They moved',
      });
      expect(answer.body).toMatchObject({
        credential: null,
        upstream: moved,
        notices: [{ code: 'credential_dropped', text: expect.stringMatching(/enter it again/) }],
      });
      expect((await ask('GET', `/connections/${made.id}`)).body.credential).toBeNull();
    }
    expect(await credentials()).toEqual([
      { version: 1, erased: true },
      { version: 1, erased: true },
    ]);
    const rows = await house.platform.pool.query(`SELECT detail FROM change WHERE act = 'connection.change'`);
    expect(rows.rows[0].detail).toEqual({ changed: ['upstream'], credentialDropped: true });
  });

  test('of anything else keeps it', async () => {
    const made = await connect({ credential: CREDENTIAL });
    const answer = await ask('PATCH', `/connections/${made.id}`, {
      name: 'Another name',
      owner: 'Grace Example',
      origins: ['https://app.example.com', 'https://app.example.com/'],
      state: 'severed',
      upstream: { ...made.upstream, private: true },
      reason: 'They were breached',
    });
    expect(answer.body).toMatchObject({
      name: 'Another name',
      owner: 'Grace Example',
      origins: ['https://app.example.com'],
      state: 'severed',
      credential: { version: 1 },
    });
    expect(answer.body.notices).toBeUndefined();
    expect((await changes()).at(-1)).toEqual({
      act: 'connection.sever',
      actor: 'person:1',
      reason: 'They were breached',
    });
  });

  test('of nothing is not recorded and keeps the ETag', async () => {
    const made = await connect();
    const answer = await ask('PATCH', `/connections/${made.id}`, { name: made.name, reason: 'A test' });
    expect(answer.body).toEqual(made);
    expect(await changes()).toHaveLength(1);
  });

  test('against an ETag that no longer holds is refused; of twenty at once one wins', async () => {
    const made = await connect();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(
          'PATCH',
          `/connections/${made.id}`,
          { name: `Name ${index}`, reason: 'A test' },
          { 'if-match': made.etag },
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(
      answers.filter(({ status, body }) => status === 412 && body.code === 'changed_meanwhile'),
    ).toHaveLength(19);
    expect((await changes()).filter(({ act }) => act === 'connection.change')).toHaveLength(1);
  });
});

describe('a credential', () => {
  test('entered anew gets the next version; the one before is erased', async () => {
    const made = await connect({ credential: CREDENTIAL });
    const answer = await ask('PUT', `/connections/${made.id}/credential`, {
      value: `  ${CREDENTIAL}-2\n`,
      reason: 'Rotated',
    });
    expect(answer.body.credential).toMatchObject({ version: 2, covers: true });
    expect(answer.body.etag).not.toBe(made.etag);
    expect(await credentials()).toEqual([
      { version: 1, erased: true },
      { version: 2, erased: false },
    ]);
  });

  test('is bound to every place that the pack has when it is entered; one that it gains later is not covered', async () => {
    const [body, basic] = [
      { in: 'body', path: 'properties.token' },
      { in: 'basic', part: 'username' },
    ] as const;
    const made = await connect({ credential: CREDENTIAL });
    expect(await placements()).toEqual([[body, basic]]);
    const read = async () => (await ask('GET', `/connections/${made.id}`)).body.credential;
    const service = house.catalogue.service('acme', 'analytics');
    if (service === undefined) throw new Error('the made-up vendor has this service');
    const { auth } = service;
    try {
      service.auth = [basic];
      expect(await read()).toMatchObject({ version: 1, covers: true });
      const query = { in: 'query', name: 'key' } as const;
      service.auth = [query, basic, body];
      expect(await read()).toMatchObject({ version: 1, covers: false });
      expect(await placements()).toEqual([[body, basic]]);

      const again = { value: CREDENTIAL, reason: 'A test' };
      const entered = await ask('PUT', `/connections/${made.id}/credential`, again);
      expect(entered.body.credential).toMatchObject({ version: 2, covers: true });
      expect(await placements()).toEqual([
        [body, basic],
        [query, basic, body],
      ]);
    } finally {
      service.auth = auth;
    }
  });

  test('goes where the pack says: nobody chooses', async () => {
    const { id } = await connect();
    const calls: [string, string, object][] = [
      ['POST', '/connections', plain],
      ['PATCH', `/connections/${id}`, { reason: 'A test' }],
      ['PUT', `/connections/${id}/credential`, { value: CREDENTIAL, reason: 'A test' }],
    ];
    for (const [method, path, given] of calls) {
      const answer = await ask(method, path, { ...given, placements: [{ in: 'query', name: 'key' }] });
      expect([method, answer.status, fieldsOf(answer)]).toEqual([method, 400, ['placements']]);
    }
  });

  test('entered twenty times at once gets twenty versions, one of them in use', async () => {
    const made = await connect();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask('PUT', `/connections/${made.id}/credential`, { value: `credential-${index}`, reason: 'A test' }),
      ),
    );
    const rows = await credentials();
    expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(rows.filter(({ erased }) => !erased)).toEqual([{ version: 20, erased: false }]);
  });

  test('that the vault can not seal leaves nothing behind', async () => {
    const made = await connect();
    process.kill(house.vault.pid ?? 0, 'SIGSTOP');
    const pid = house.vault.pid ?? 0;
    const entering = ask('PUT', `/connections/${made.id}/credential`, {
      value: CREDENTIAL,
      reason: 'A test',
    });
    await new Promise((done) => setTimeout(done, 500));
    process.kill(pid, 'SIGKILL');
    const answer = await entering;
    expect([answer.status, answer.body.code]).toEqual([503, 'crashed']);
    expect(JSON.stringify(answer.body)).not.toContain(CREDENTIAL);
    expect(await credentials()).toEqual([]);
    expect((await ask('GET', `/connections/${made.id}`)).body).toEqual(made);
  });
});

test('a POST repeated with its key makes one connection', async () => {
  const given = {
    name: 'Acme',
    vendor: 'acme',
    service: 'analytics',
    region: 'us',
    contract: 'recommended',
    credential: CREDENTIAL,
    reason: 'A test',
  };
  const first = await ask('POST', '/connections', given, { 'idempotency-key': 'made-up-key-1' });
  const again = await ask('POST', '/connections', given, { 'idempotency-key': 'made-up-key-1' });
  expect(again.body).toEqual(first.body);
  expect((await ask('GET', '/connections')).body.items).toHaveLength(1);
});

test('no answer, log line or table holds a credential, however it is spelled', async () => {
  const made = await connect({ credential: CREDENTIAL });
  await ask('PUT', `/connections/${made.id}/credential`, { value: `${CREDENTIAL}\u0000`, reason: 'A test' });
  await ask('PUT', `/connections/${made.id}/credential`, {
    value: CREDENTIAL,
    placements: [{ in: 'query', name: 'key' }],
    reason: 'A test',
  });
  await ask('PUT', `/connections/${made.id}/credential`, { value: CREDENTIAL, reason: 'A test' });
  const everywhere = {
    answers: house.answered(),
    log: house.platform.logged(),
    tables: await dumpTables(house.platform),
  };
  for (const [place, text] of Object.entries(everywhere)) {
    for (const spelling of spellings(CREDENTIAL))
      expect([place, text.includes(spelling)]).toEqual([place, false]);
  }
  // The search finds what is there: the name, which is no secret.
  expect(everywhere.tables).toContain('Acme');
  expect(everywhere.answers).toContain('Acme');
});

test('the OpenAPI document can be made', () => {
  const document = house.app.getOpenAPIDocument({ openapi: '3.1.0', info: { title: 'Test', version: '1' } });
  expect(Object.keys(document.paths ?? {})).toContain('/api/v1/connections/{id}/contract/allow');
});
