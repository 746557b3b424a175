import { createHmac } from 'node:crypto';
import { openSealed } from '@drawbridge/envelope';
import { phraseHasherOf, phraseTable, type Snapshot, secretContext } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpTables, type EnrolledGateway, spellings, type TestHouse, testHouse } from '../fleet/testing.ts';
import { permissionsOf, type Role } from '../identity/index.ts';
import { inTransaction } from '../platform/index.ts';
import { ledgerPseudonyms, openPayloadKey } from '../vault/index.ts';
import { createDetectors, eraseKnownEntries, havePlaces, placesOfPeople } from './index.ts';

/** Patterns, lists and registered secrets on a real database with a real vault. All people and secrets are made up. */
let house: TestHouse;
let gateway: EnrolledGateway;
beforeAll(async () => {
  house = await testHouse();
}, 60_000);
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  gateway = await house.enrol('gw-made-up');
});

const reason = 'A test';
const pattern = {
  name: 'Employee number',
  class: 'custom.match',
  pattern: 'EMP-\\d{6}',
  confidence: 'likely',
  finds: ['of EMP-123456'],
  passes: ['EMP-12'],
  reason,
};
const people =
  'given,family,email,phone,employer\nZadora,Quermuster,zadora@quer.example,+49 151 23456789,Quermuster GmbH\nBob,Beispiel,bob@example.com,,\n';

async function newList(name = 'Staff', kind = 'people', given: object = {}): Promise<string> {
  const made = await house.ask('POST', '/known-lists', { name, kind, reason, ...given });
  expect(made.status).toBe(201);
  return made.body.id;
}
const take = (list: string, content: string, given: object = {}) =>
  house.ask('POST', `/known-lists/${list}/imports`, { format: 'csv', content, reason, ...given });
const found = async (text: string): Promise<[string, string, string | null][]> => {
  const answer = await house.ask('POST', '/detector-tries', { text });
  expect(answer.status).toBe(200);
  return answer.body.findings.map(
    (one: { class: string; start: number; end: number; known: string | null }) => [
      one.class,
      text.slice(one.start, one.end),
      one.known,
    ],
  );
};
const acts = async (): Promise<string[]> =>
  (await house.platform.pool.query<{ act: string }>('SELECT act FROM change ORDER BY id')).rows.map(
    ({ act }) => act,
  );

/** What gateways get, where a contract has texts looked through. */
async function published(): Promise<NonNullable<Snapshot['scan']>> {
  const connection = await house.connect();
  await house.platform.pool.query(
    `UPDATE contract_version SET rules = rules || '{"text":{"scan":"all","found":{},"otherwise":{"do":"tokenise"},"over_budget":"refuse"}}'::jsonb
     WHERE connection = $1`,
    [connection.id],
  );
  const fleet = house.newFleet();
  await fleet.start();
  try {
    expect(fleet.problem()).toBeNull();
    const { scan } = await fleet.compileSnapshot(gateway.id);
    if (scan === undefined) throw new Error('no contract has texts looked through');
    return scan;
  } finally {
    await fleet.stop();
  }
}

describe('patterns', () => {
  test('are taken once they do what their examples say, have versions with who and why, and end', async () => {
    expect(await house.ask('POST', '/patterns/employee', pattern)).toMatchObject({
      status: 201,
      body: { version: 1, state: 'enabled', changedBy: 'Ada Example' },
    });
    expect((await house.ask('POST', '/patterns/employee', pattern)).status).toBe(409);
    const changed = await house.ask('PUT', '/patterns/employee', {
      ...pattern,
      flags: 'i',
      reason: 'Any case',
    });
    expect(changed.body).toMatchObject({ version: 2, flags: 'i' });
    expect(await found('of emp-654321')).toEqual([['custom.match', 'emp-654321', null]]);

    await house.ask('POST', '/patterns/employee/disable', { reason });
    expect(await found('of emp-654321')).toEqual([]);
    expect((await house.ask('GET', '/patterns')).body.items).toMatchObject([
      { id: 'employee', state: 'disabled' },
    ]);
    await house.ask('POST', '/patterns/employee/remove', { reason });
    expect((await house.ask('GET', '/patterns')).body.items).toEqual([]);
    expect((await house.ask('GET', '/patterns/employee')).body.items).toMatchObject([
      { version: 2, reason: 'Any case' },
      { version: 1, reason: 'A test' },
    ]);
    expect((await house.ask('POST', '/patterns/employee/enable', { reason })).status).toBe(404);
    expect((await house.ask('POST', '/patterns/employee', pattern)).body).toMatchObject({ version: 3 });
    expect((await acts()).filter((act) => act.startsWith('pattern.')).sort()).toEqual([
      'pattern.add',
      'pattern.add',
      'pattern.change',
      'pattern.disable',
      'pattern.remove',
    ]);
  });

  test.each([
    [{ pattern: 'EMP-(\\d' }, 'pattern', 'at character'],
    [{ pattern: '(?=EMP)x' }, 'pattern', 'can take any time'],
    [{ finds: ['EMP-123456', 'EMP-1'] }, 'finds.1', 'does not find it'],
    [{ passes: ['EMP-123456'] }, 'passes.0', 'finds something in it'],
    [{ class: 'model.parameter' }, 'class', 'no class of findings'],
    [{ finds: [] }, 'finds', ''],
  ])('%j is refused with its field', async (given, field, words) => {
    const answer = await house.ask('POST', '/patterns/employee', { ...pattern, ...given });
    expect([400, 422]).toContain(answer.status);
    expect(answer.body.errors[0].field).toBe(field);
    expect(answer.body.errors[0].message).toContain(words);
    expect((await house.ask('GET', '/patterns')).body.items).toEqual([]);
  });
});

test('half of a character in an example is refused by what is wrong', async () => {
  const answer = await house.ask('POST', '/patterns/employee', { ...pattern, passes: ['\ud83d'] });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
});

describe('lists', () => {
  test('a preview says what would be new, changed, gone and refused, and writes nothing', async () => {
    const list = await newList();
    expect((await take(list, people, { preview: true })).body).toMatchObject({
      added: 2,
      changed: 0,
      gone: 0,
    });
    expect((await house.ask('GET', '/known-lists')).body.items).toMatchObject([{ entries: 0, forms: 0 }]);
    await take(list, people);
    const next = `${people.replace('+49 151 23456789', '').replace(/Bob.*\n/, '')}Eve,Neu,eve@example.com,,\nZed,,,,\nEve,Neu,eve@example.com,,\n`;
    expect((await take(list, next, { preview: true })).body).toMatchObject({
      entries: 2,
      added: 1,
      changed: 1,
      gone: 1,
      refused: 2,
      rows: [
        { line: 4, field: 'name' },
        { line: 5, field: 'name', message: 'is the same as line 3' },
      ],
    });
    const refused = await take(list, next);
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'content']);
    expect((await take(list, next, { skipRefused: true })).status).toBe(200);
    expect(await found('Bob Beispiel and Eve Neu')).toEqual([['person.name', 'Eve Neu', 'list Staff']]);
  });

  test('the same again changes nothing; what was found is named by its list', async () => {
    const list = await newList();
    await take(list, people);
    expect((await take(list, people)).body).toMatchObject({ added: 0, changed: 0, gone: 0, entries: 2 });
    expect(
      await found(
        'QUERMUSTER, Zadora; zadora (0151/234 567 89) of Quermuster GmbH, not Zadora or Quermuster',
      ),
    ).toEqual([
      ['person.name', 'QUERMUSTER, Zadora', 'list Staff'],
      ['person.phone', '0151/234 567 89', 'list Staff'],
      ['org.name', 'Quermuster GmbH', 'list Staff'],
    ]);
    expect(await found('write to zadora@quer.example')).toEqual([
      ['person.email', 'zadora@quer.example', 'list Staff'],
    ]);
  });

  test('words have the class of their list', async () => {
    const list = await newList('Projects', 'words', { class: 'business.term' });
    await take(list, 'Nordstern\nProjekt Süd\n', { format: 'lines' });
    expect(await found('project_nordstern and PROJEKT SUD')).toEqual([
      ['business.term', 'nordstern', 'list Projects'],
      ['business.term', 'PROJEKT SUD', 'list Projects'],
    ]);
    expect(
      (await house.ask('POST', '/known-lists', { name: 'projects', kind: 'people', reason })).status,
    ).toBe(409);
    expect(
      (await house.ask('POST', '/known-lists', { name: 'X', kind: 'words', reason })).body.errors[0].field,
    ).toBe('class');
  });

  test('are shown to who asks, which is recorded, by page or by one form', async () => {
    const list = await newList();
    await take(list, people);
    const look = (given: object) => house.ask('POST', `/known-lists/${list}/looks`, { reason, ...given });
    const first = await look({ limit: 1 });
    expect(first.body.items).toHaveLength(1);
    const second = await look({ limit: 1, cursor: first.body.next });
    expect(
      [...first.body.items, ...second.body.items].map(({ name }: { name: string }) => name).sort(),
    ).toEqual(['Bob Beispiel', 'Zadora Quermuster']);
    for (const find of ['quermuster zadora', 'ZADORA@quer.example', '0151 23456789'])
      expect((await look({ find })).body.items).toMatchObject([{ email: 'zadora@quer.example' }]);
    expect((await look({ find: 'Zadora' })).body.items).toEqual([]);
    expect((await acts()).filter((act) => act === 'known_list.show')).toHaveLength(6);
    const { id } = second.body.items[0];
    expect(
      (
        await house.ask('DELETE', `/known-lists/${list}/entries/${id}`, undefined, {
          'x-drawbridge-reason': reason,
        })
      ).status,
    ).toBe(204);
    expect((await house.ask('GET', '/known-lists')).body.items).toMatchObject([{ entries: 1 }]);
  });

  test('that were shown are not kept in clear with the answer to a request with a key', async () => {
    const list = await newList();
    await take(list, people);
    const looked = await house.ask(
      'POST',
      `/known-lists/${list}/looks`,
      { reason },
      { 'idempotency-key': 'a-look-of-a-test' },
    );
    expect(looked.body.items).toHaveLength(2);
    const { rows } = await house.platform.pool.query<{ response: Buffer }>(
      'SELECT response FROM idempotency',
    );
    expect(rows.some(({ response }) => response.includes('Zadora'))).toBe(false);
  });

  test('an erasure takes a person out, by address', async () => {
    const list = await newList();
    await take(list, people);
    const pseudonymOf = ledgerPseudonyms(house.vault, house.secrets);
    const of = [await pseudonymOf('ZADORA@quer.example')];
    expect(await inTransaction(house.platform.pool, (client) => eraseKnownEntries(client, of))).toBe(1);
    expect(await inTransaction(house.platform.pool, (client) => eraseKnownEntries(client, of))).toBe(0);
    expect(await found('Zadora Quermuster and Bob Beispiel')).toEqual([
      ['person.name', 'Bob Beispiel', 'list Staff'],
    ]);
    const [row] = (await house.ask('GET', '/known-lists')).body.items;
    expect(row).toMatchObject({ entries: 1, forms: 3 });
  });

  test('a list that is removed is known no more', async () => {
    const list = await newList();
    await take(list, people);
    await house.ask('DELETE', `/known-lists/${list}`, undefined, { 'x-drawbridge-reason': reason });
    expect(await found('Zadora Quermuster')).toEqual([]);
    expect((await take(list, people)).status).toBe(404);
  });
});

test('who reads everything does not read the people in lists', () => {
  const roles: Role[] = ['security', 'developer', 'privacy_officer', 'auditor', 'responder'];
  const may = (action: 'detector.read' | 'directory.show' | 'directory.import') =>
    roles.filter((role) => permissionsOf([role]).actions.has(action));
  expect(may('directory.show')).toEqual(['security', 'privacy_officer']);
  expect(may('directory.import')).toEqual(['security', 'privacy_officer']);
  expect(may('detector.read')).toContain('auditor');
});

describe('registered secrets', () => {
  const value = ['made-up', 'deploy', 'key-0123456789'].join('_');
  const register = (given: object = {}) =>
    house.ask('POST', '/registered-secrets', {
      label: 'Deploy key',
      owner: 'Ada Example',
      class: 'secret.password',
      value,
      reason,
      ...given,
    });

  test('are known by a hash, found in texts, and named by their label', async () => {
    expect((await register()).body).toMatchObject({ label: 'Deploy key', owner: 'Ada Example' });
    expect(await found(`the key is ${value}!`)).toEqual([
      ['secret.password', value, 'registered secret "Deploy key"'],
    ]);
    expect((await register({ label: 'Other' })).body.code).toBe('secret_registered');
    const [{ id }] = (await house.ask('GET', '/registered-secrets')).body.items;
    await house.ask('DELETE', `/registered-secrets/${id}`, undefined, { 'x-drawbridge-reason': reason });
    expect((await house.ask('GET', '/registered-secrets')).body.items).toEqual([]);
  });

  test.each(['password', '12345678901', 'two words1 here2', 'a!b!c!d!'])(
    '%s could not be told',
    async (bad) => {
      expect((await register({ value: bad })).body.errors[0].field).toBe('value');
    },
  );
});

test('gateways get all of it: hashes under the sealed key, patterns, and no word', async () => {
  await house.ask('POST', '/patterns/employee', pattern);
  await take(await newList(), people);
  const value = ['made-up', 'deploy', 'key-0123456789'].join('_');
  await house.ask('POST', '/registered-secrets', {
    label: 'Deploy key',
    owner: 'Ada',
    class: 'secret.token',
    value,
    reason,
  });
  const scan = await published();
  expect(scan.custom).toEqual([
    { id: 'employee', class: 'custom.match', pattern: 'EMP-\\d{6}', confidence: 'likely' },
  ]);
  const hashKey = await openSealed(gateway.privateKey, scan.hash_key, secretContext('scan'));
  const table = phraseTable(scan.phrases ?? [], phraseHasherOf(hashKey));
  expect(table.lookup('zadora quermuster')).toEqual({ id: 'list Staff', class: 'person.name' });
  expect(table.lookup('zadora')).toBeNull();
  expect(scan.known).toContainEqual({
    id: 'registered secret "Deploy key"',
    class: 'secret.token',
    length: value.length,
    hash: createHmac('sha256', hashKey).update(value).digest('base64url'),
  });

  const kept = `${await dumpTables(house.platform)}\n${JSON.stringify(scan)}\n${house.platform.logged()}`;
  for (const word of ['zadora@quer.example', 'Quermuster', 'quermuster', 'Beispiel', value])
    for (const spelling of spellings(word)) expect(kept.includes(spelling), word).toBe(false);
});

test('what differs between versions says how many phrases are known, and none of them', async () => {
  const list = await newList();
  await published();
  const fleet = house.newFleet();
  await fleet.start();
  await take(list, people);
  await fleet.refresh();
  await fleet.stop();
  const { rows } = await house.platform.pool.query<{ part: string }>(
    `SELECT body::text AS part FROM snapshot_part WHERE body::text LIKE '%"lists"%'`,
  );
  expect(rows[0]?.part).toContain('"forms"');
  expect(rows[0]?.part.toLowerCase()).not.toContain('quermuster');
});

test('who tries a text is written down, never the text; after 60 within an hour one waits', async () => {
  const text = 'a guess: made-up-secret-4711';
  const answers = await Promise.all(
    Array.from({ length: 62 }, () => house.ask('POST', '/detector-tries', { text })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(2);
  expect(refused[0]?.body).toMatchObject({ code: 'too_many_tries' });
  const { rows } = await house.platform.pool.query(
    "SELECT actor, to_jsonb(change)::text AS row FROM change WHERE act = 'detector.try'",
  );
  expect(rows).toHaveLength(60);
  for (const { row } of rows) expect(row).not.toContain('4711');
  house.platform.advance(3600_000);
  expect((await house.ask('POST', '/detector-tries', { text })).status).toBe(200);
});

test('people of lists are had with their addresses by the ledger’s pseudonyms, and nobody else', async () => {
  await take(await newList(), people);
  const { platform, vault, secrets } = house;
  const pseudonymOf = ledgerPseudonyms(vault, secrets);
  const payloadKey = await openPayloadKey(platform, vault);
  const detectors = createDetectors({
    platform,
    vault,
    secrets,
    payloadKey,
    pseudonymOf,
    scans: {
      hashOf: async () => Buffer.alloc(32),
      known: async () => undefined,
      forgotten: async () => undefined,
    },
    shipped: [],
  });
  const bob = await pseudonymOf('bob@example.com');
  expect(await detectors.addresses([bob, 'nobody'])).toEqual([
    {
      subjects: expect.arrayContaining([bob]),
      email: 'bob@example.com',
      name: 'Bob Beispiel',
      country: null,
      language: null,
    },
  ]);
  expect(await havePlaces(platform)).toBe(false);
  const table = 'email,id,country,locale\nbob@example.com,b-1,germany,de_AT\neve@example.com,,FR,\n';
  expect((await take(await newList('Customers'), table)).body).toMatchObject({ added: 2, refused: 0 });
  expect(await detectors.addresses([bob])).toContainEqual(
    expect.objectContaining({ country: 'DE', language: 'de' }),
  );
  expect(await havePlaces(platform)).toBe(true);
  // Two lists have Bob: one says where he is.
  const { rows } = await placesOfPeople.execute(platform.db);
  const names = await Promise.all(['bob@example.com', 'b-1', 'eve@example.com'].map(pseudonymOf));
  expect(
    rows.toSorted((one, other) => names.indexOf(one.pseudonym) - names.indexOf(other.pseudonym)),
  ).toEqual([
    { pseudonym: names[0], country: 'DE', language: 'de' },
    { pseudonym: names[1], country: 'DE', language: 'de' },
    { pseudonym: names[2], country: 'FR', language: null },
  ]);
  const wrong = await take(await newList('Others'), 'email,country\nbob@example.com,Atlantis\n', {
    preview: true,
  });
  expect(wrong.body.rows).toMatchObject([{ line: 2, field: 'country' }]);
  expect(await detectors.addresses(['nobody'])).toEqual([]);
  expect(await detectors.addresses([])).toEqual([]);
});
