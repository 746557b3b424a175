import { createHash, createHmac, randomBytes } from 'node:crypto';
import { formApiToken, formVirtualKey } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, dumpTables, spellings, type TestHouse, testHouse } from '../fleet/testing.ts';
import { createLeaks } from './index.ts';
import { pruneScans } from './prune.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
  const { platform, vault, secrets } = house;
  const leaks = createLeaks({ platform, vault, keyed: (bytes) => secrets.hashRequest(bytes) });
  house.app.route('/api/v1', leaks.routes);
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query('TRUNCATE leak, scan_run, scan_source, key_alarm, setting CASCADE');
  house.people.actor = { id: 'person:1', name: 'Ada Example' };
});

const said = { 'x-drawbridge-reason': 'A test' };
const post = (path: string, body: object) => house.ask('POST', path, body, said);
const read = async (path: string) => (await house.ask('GET', path)).body;
const sha256 = (value: string) => createHash('sha256').update(value).digest('base64url');

const begin = async (source = 'github.com/acme/shop') => (await post('/scan-runs', { source })).body;
const place = (given: object = {}) => ({
  path: 'src/a.ts',
  line: 3,
  column: 9,
  history: false,
  class: 'secret.api_key',
  detector: 'made_up.key',
  confidence: 'certain',
  nth: 0,
  ...given,
});
const tell = (run: { id: string }, findings: object[], batch = 0): Promise<Answer> =>
  post(`/scan-runs/${run.id}/findings`, { batch, files: 1, blobs: 2, bytes: 3, findings });
const end = async (run: { id: string }, whole = true) =>
  (await post(`/scan-runs/${run.id}/end`, { whole })).body;
async function report(findings: object[], source?: string) {
  // The clock stands still by itself.
  house.platform.advance(1_000);
  const run = await begin(source);
  expect((await tell(run, findings)).status).toBe(200);
  return end(run);
}
const leaks = async (query = '') => (await read(`/leaks${query}`)).items;
const alarms = async () =>
  (await house.platform.pool.query('SELECT kind, said, about_id FROM key_alarm ORDER BY id')).rows;
const revokedAt = async (id: string) =>
  (await house.platform.pool.query('SELECT revoked_at FROM virtual_key WHERE id = $1', [id])).rows[0]
    .revoked_at;
const makeKey = async () => house.makeKey([(await house.connect()).id]);

test('who shows the hash of a whole virtual key has found it: it is revoked at once, and its owner told', async () => {
  const { id, key } = await makeKey();
  const topics: string[] = [];
  const quiet = house.platform.events.subscribe((topic) => topics.push(topic));
  const run = await report([place({ sha256: sha256(key) })]);
  quiet();
  expect(run).toMatchObject({ number: 1, revoked: 1, fresh: 1, findings: 1, state: 'ended' });
  expect(await revokedAt(id)).not.toBeNull();
  expect(topics).toEqual(expect.arrayContaining(['keys', 'alarms', 'leaks']));
  expect(await leaks('?state=closed')).toMatchObject([
    {
      kind: 'virtual_key',
      state: 'revoked',
      severity: 'critical',
      of: { id, name: 'Shop' },
      owner: 'Ada Example',
      place: 'src/a.ts:3 in github.com/acme/shop',
      decided: { by: 'Ada Example', reason: 'Found in github.com/acme/shop by its scan 1' },
    },
  ]);
  expect(await alarms()).toMatchObject([
    { kind: 'leaked', about_id: id, said: expect.stringContaining('It was revoked: make a new one') },
  ]);
  const { rows } = await house.platform.pool.query(
    `SELECT act, actor, reason FROM change WHERE act IN ('key.revoke', 'leak.find', 'scan.end') ORDER BY seq`,
  );
  expect(rows).toMatchObject([
    { act: 'key.revoke', actor: 'person:1', reason: 'Found in github.com/acme/shop by its scan 1' },
    { act: 'leak.find' },
    { act: 'scan.end' },
  ]);
});

test('a made-up key with the id of one that is there revokes nothing', async () => {
  const { id, key } = await makeKey();
  const forged = key.slice(0, 21) + formVirtualKey(randomBytes(42)).key.slice(21);
  expect(forged.slice(0, 21)).toBe(key.slice(0, 21));
  await report([place({ sha256: sha256(forged) }), place({ nth: 1, sha256: sha256(id) })]);
  expect(await revokedAt(id)).toBeNull();
  expect((await leaks()).map(({ kind }: { kind: string }) => kind)).toEqual(['unknown', 'unknown']);
  expect(await alarms()).toEqual([]);
});

test('by policy a virtual key is told of and left; it is revoked by the next report once that is chosen', async () => {
  const { id, key } = await makeKey();
  expect(await read('/leak-policy')).toEqual({ virtualKeys: 'revoke' });
  const chosen = await house.ask('PUT', '/leak-policy', { virtualKeys: 'tell', reason: 'A test' });
  expect(chosen.body).toEqual({ virtualKeys: 'tell' });
  const found = place({ sha256: sha256(key) });
  expect(await report([found])).toMatchObject({ revoked: 0 });
  expect(await revokedAt(id)).toBeNull();
  expect(await leaks()).toMatchObject([{ kind: 'virtual_key', state: 'open' }]);
  expect((await alarms())[0].said).toContain('Make its successor, then revoke it.');
  // That somebody took it for harmless keeps no key that works.
  const [{ id: leak }] = await leaks();
  await post(`/leaks/${leak}/decision`, { state: 'accepted', reason: 'An example, they say' });
  await house.ask('PUT', '/leak-policy', { virtualKeys: 'revoke', reason: 'A test' });
  expect(await report([found])).toMatchObject({ revoked: 1 });
  expect(await revokedAt(id)).not.toBeNull();
  expect(await alarms()).toHaveLength(2);
});

test('a run that is silent for a day is over, and keeps nothing to compare with', async () => {
  await house.connect({ credential: `made-up-${randomBytes(16).toString('hex')}` });
  const silent = await begin('silent');
  house.platform.advance(25 * 3600_000);
  await begin('another');
  const { rows } = await house.platform.pool.query('SELECT proofs, whole FROM scan_run WHERE id = $1', [
    silent.id,
  ]);
  expect(rows).toEqual([{ proofs: null, whole: false }]);
  expect(await tell(silent, [place()])).toMatchObject({ status: 409, body: { code: 'run_ended' } });
});

test('a credential that is being replaced makes not its successor due', async () => {
  const credential = `made-up-${randomBytes(16).toString('hex')}`;
  await house.connect({ credential });
  await house.platform.pool.query("UPDATE credential SET role = 'previous'");
  const run = await begin();
  const proof = createHmac('sha256', Buffer.from(run.proofKey, 'base64url'))
    .update(credential)
    .digest('base64url');
  await tell(run, [place({ proof, sha256: sha256(credential) })]);
  await end(run);
  expect(await alarms()).toHaveLength(1);
  expect((await house.platform.pool.query('SELECT FROM rotation_event')).rows).toEqual([]);
});

test('a kept credential is shown by a hash that only who has it can make, and is rotated when it is gone', async () => {
  const credential = `made-up-${randomBytes(16).toString('hex')}`;
  const connection = await house.connect({ credential });
  const run = await begin();
  const under = (key: string) =>
    createHmac('sha256', Buffer.from(key, 'base64url')).update(credential).digest('base64url');
  // What is given out finds it, and is no proof of having it.
  expect(run.known).toEqual([{ length: credential.length, hash: under(run.key) }]);
  await tell(run, [place({ proof: run.known[0].hash, sha256: sha256('other') })]);
  expect(await leaks()).toMatchObject([{ kind: 'unknown' }]);
  await tell(run, [place({ proof: under(run.proofKey), sha256: sha256(credential), path: 'b' })], 1);
  await end(run);
  const [leak] = await leaks('?kind=credential');
  expect(leak).toMatchObject({
    state: 'open',
    severity: 'critical',
    of: { name: 'Acme', connection: connection.id },
    owner: connection.owner,
  });
  expect((await alarms())[0].said).toContain('Rotate it now.');
  const due = await house.platform.pool.query('SELECT kind, connection FROM rotation_event');
  expect(due.rows).toEqual([{ kind: 'seen_elsewhere', connection: connection.id }]);
  const { rows } = await house.platform.pool.query('SELECT proofs FROM scan_run');
  expect(rows).toEqual([{ proofs: null }]);
  await house.platform.pool.query('UPDATE credential SET wrapped = NULL, dropped_at = now()');
  expect(await read(`/leaks/${leak.id}`)).toMatchObject({ state: 'rotated' });
  expect(await leaks('?state=open&kind=credential')).toEqual([]);
  // Nothing that was answered or kept holds the value, its hash, or the keys of the run.
  const kept = await dumpTables(house.platform);
  for (const secret of [credential, run.key, run.proofKey, sha256('other'), sha256(credential)])
    for (const text of spellings(secret)) expect(kept).not.toContain(text);
});

test('reports again: what is new, what still stands, what is gone; the same value is one leak wherever it stands', async () => {
  const value = { sha256: sha256('the same made-up value') };
  const since = { commit: 'a'.repeat(40), at: '2024-05-01T10:00:00.000Z' };
  await report([
    place({ ...value, history: true, commit: 'c'.repeat(12), since }),
    place({ ...value, path: 'b.ts' }),
  ]);
  await report([place({ ...value, path: 'deploy.env' })], 'github.com/acme/infra');
  const [leak, ...others] = await leaks();
  expect(others).toEqual([]);
  expect(leak).toMatchObject({ kind: 'unknown', owner: null, places: 3, since, severity: 'high' });
  const again = [place({ ...value, path: 'b.ts', line: 30 }), place({ ...value, path: 'c.ts' })];
  expect(await report(again)).toMatchObject({ number: 2, fresh: 1, gone: 1, findings: 2 });
  expect(await report(again)).toMatchObject({ number: 3, fresh: 0, gone: 0 });
  const places = (await read(`/leaks/${leak.id}/places`)).items as {
    path: string;
    goneRun: number | null;
    line: number;
  }[];
  expect(new Map(places.map(({ path, line, goneRun }) => [path, [line, goneRun]]))).toEqual(
    new Map([
      ['src/a.ts', [3, 2]],
      ['b.ts', [30, null]],
      ['c.ts', [3, null]],
      ['deploy.env', [3, null]],
    ]),
  );
  expect(await leaks('?source=github.com/acme/infra')).toMatchObject([{ id: leak.id, gonePlaces: 1 }]);
  // What was not looked through is not gone.
  const partial = await begin();
  expect(await end(partial, false)).toMatchObject({ gone: 0, whole: false });
});

test('two reports of one source at once: neither takes from the other, and none is counted twice', async () => {
  const values = Array.from({ length: 300 }, (_, index) =>
    place({ nth: index, sha256: sha256(`value ${index}`) }),
  );
  const [one, two] = await Promise.all([begin(), begin()]);
  expect([one.number, two.number].sort()).toEqual([1, 2]);
  house.platform.advance(1_000);
  const answers = await Promise.all([tell(one, values), tell(two, [...values].reverse()), tell(one, values)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const ends = await Promise.all([end(one), end(two)]);
  expect(ends.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(300);
  expect(ends.map(({ gone, findings }) => [gone, findings])).toEqual([
    [0, 300],
    [0, 300],
  ]);
  expect((await read('/leak-counts')).open).toBe(300);
  // One that began before another found something does not say it is gone.
  house.platform.advance(1_000);
  const [slow, quick] = [await begin(), await begin()];
  house.platform.advance(1_000);
  await tell(quick, [place({ path: 'new.ts', sha256: sha256('new') })]);
  await end(quick, false);
  expect((await end(slow)).gone).toBe(300);
  expect(await leaks('?limit=200')).toHaveLength(200);
  const found = (await leaks()).find(({ place: where }: { place: string }) => where.includes('new.ts'));
  expect(found).toMatchObject({ places: 1, gonePlaces: 0 });
});

test('a report is taken from who began it, in order, once, and until it ends', async () => {
  const run = await begin();
  expect((await tell(run, [place()], 1)).body.code).toBe('batch_missing');
  expect((await tell(run, [place()])).body.fresh).toBe(1);
  expect((await tell(run, [place(), place({ path: 'b' })])).body).toMatchObject({ fresh: 1, findings: 1 });
  house.people.actor = { id: 'person:2', name: 'Bo Example' };
  expect((await tell(run, [place()], 1)).status).toBe(404);
  house.people.actor = { id: 'person:1', name: 'Ada Example' };
  await end(run);
  expect((await tell(run, [place()], 1)).body.code).toBe('run_ended');
  expect((await post('/scan-runs/none/end', { whole: true })).status).toBe(404);
});

test.each([
  ['a path with a line break', { path: 'a\nb' }, 'findings.0.path'],
  ['a path with a terminal’s escape', { path: 'a\u001b[2Jb' }, 'findings.0.path'],
  ['a path that turns the text around', { path: 'a\u202eb' }, 'findings.0.path'],
  ['a path with a NUL', { path: 'a\0b' }, 'findings.0.path'],
  ['a path of 5,000 characters', { path: 'a'.repeat(5_000) }, 'findings.0.path'],
  ['the value itself', { value: 'x' }, 'findings.0.value'],
  ['a class of personal data', { class: 'person.email' }, 'findings.0.class'],
  ['a hash that is none', { sha256: 'x' }, 'findings.0.sha256'],
  ['a line before the first', { line: 0 }, 'findings.0.line'],
  ['a line beyond all', { line: 3e9 }, 'findings.0.line'],
  ['a commit that is none', { commit: '--help' }, 'findings.0.commit'],
  ['a time that is none', { since: { commit: 'a'.repeat(40), at: 'yesterday' } }, 'findings.0.since.at'],
])('%s is refused by field, and nothing of the batch is kept', async (_, given, field) => {
  const run = await begin();
  const { status, body } = await tell(run, [place({ ...given }), place({ path: 'fine' })]);
  expect([status, body.errors[0].field]).toEqual([400, field]);
  expect(await leaks()).toEqual([]);
});

test('markup in a path is kept as it is; a batch and a run take so many findings', async () => {
  const path = '<img src=x onerror=alert(1)>/"\'&.ts';
  await report([place({ path })]);
  expect((await leaks())[0].place).toBe(`${path}:3 in github.com/acme/shop`);
  const run = await begin();
  const many = Array.from({ length: 1_001 }, (_, nth) => place({ nth }));
  expect((await tell(run, many)).status).toBe(400);
  await house.platform.pool.query('UPDATE scan_run SET findings = 99999');
  expect((await tell(run, many.slice(0, 2))).body.code).toBe('too_many_findings');
  expect((await tell(run, many.slice(0, 1))).status).toBe(200);
});

test('more reports than scans need are refused for a while', async () => {
  for (let index = 0; index < 60; index++) await begin();
  const refused = await post('/scan-runs', { source: 'x' });
  expect([refused.status, refused.body.code]).toEqual([429, 'too_many_runs']);
  house.platform.advance(10 * 60_000 + 1);
  expect((await post('/scan-runs', { source: 'x' })).status).toBe(201);
});

test('a decision names who, why and until when; what was accepted is open again after it', async () => {
  await report([place({ sha256: sha256('x') })]);
  const [{ id }] = await leaks();
  const until = new Date(house.platform.clock.now() + 3600_000).toISOString();
  const decided = await post(`/leaks/${id}/decision`, { state: 'accepted', until, reason: 'For the demo' });
  expect(decided.body).toMatchObject({
    state: 'accepted',
    decided: { by: 'Ada Example', reason: 'For the demo', until },
  });
  expect(await leaks()).toEqual([]);
  house.platform.advance(3600_001);
  expect(await leaks()).toMatchObject([{ id, state: 'open' }]);
  for (const [given, field] of [
    [{ state: 'accepted', until }, 'until'],
    [{ state: 'rotated', until: '2999-01-01T00:00:00Z' }, 'until'],
  ] as const) {
    const { status, body } = await post(`/leaks/${id}/decision`, { ...given, reason: 'A test' });
    expect([status, body.errors[0].field]).toEqual([422, field]);
  }
  await post(`/leaks/${id}/decision`, { state: 'false_alarm', reason: 'Of the documentation' });
  await report([place({ sha256: sha256('x') })]);
  expect(await read(`/leaks/${id}`)).toMatchObject({ state: 'false_alarm' });
  expect((await post('/leaks/none/decision', { state: 'open', reason: 'A test' })).status).toBe(404);
});

async function makePerson() {
  const { rows } = await house.platform.pool.query(
    `INSERT INTO person (id, name, roles, state, created_at)
      VALUES ('person-of-tokens', 'Cy Example', '{owner}', 'active', now())
      ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id`,
  );
  return rows[0].id;
}

/** A made-up person's token that works, as it is kept. */
async function makeToken() {
  const { id, key, hash } = formApiToken(randomBytes(42));
  const { pool } = house.platform;
  const now = new Date(house.platform.clock.now());
  await pool.query(
    `INSERT INTO api_token (id, hash, person, name, actions, created_at, expires_at)
      VALUES ($1, $2, $3, 'made-up CI', '{leak.report}', $4::timestamptz, $4::timestamptz + interval '30 days')`,
    [id, hash, await makePerson(), now],
  );
  const state = async () =>
    (await pool.query('SELECT revoked_at, revoked_by FROM api_token WHERE id = $1', [id])).rows[0];
  return { id, key, state };
}

test('an API token that was found is revoked like a virtual key, each of the two by its own hash, or told of by policy', async () => {
  const [found, other] = [await makeToken(), await makeToken()];
  const forged = other.key.slice(0, 21) + formApiToken(randomBytes(42)).key.slice(21);
  await house.ask('PUT', '/leak-policy', { virtualKeys: 'tell', reason: 'A test' });
  const reported = [place({ sha256: sha256(found.key) }), place({ nth: 1, sha256: sha256(forged) })];
  expect(await report(reported)).toMatchObject({ revoked: 0 });
  expect((await found.state()).revoked_at).toBeNull();
  expect((await alarms()).map(({ said }) => said)).toEqual([
    expect.stringContaining('Revoke it, and make another one.'),
  ]);
  await house.ask('PUT', '/leak-policy', { virtualKeys: 'revoke', reason: 'A test' });
  expect(await report(reported)).toMatchObject({ revoked: 1 });
  expect(await found.state()).toEqual({ revoked_at: expect.any(Date), revoked_by: 'person:1' });
  expect((await other.state()).revoked_at).toBeNull();
  expect(await leaks('?state=closed')).toMatchObject([
    { kind: 'api_token', state: 'revoked', of: { id: found.id, name: 'made-up CI' } },
  ]);
  expect((await alarms()).at(-1)?.said).toContain('It was revoked: make a new one');
  const { rows } = await house.platform.pool.query(
    `SELECT subject_id, reason FROM change WHERE act = 'token.revoke'`,
  );
  expect(rows).toEqual([{ subject_id: found.id, reason: 'Found in github.com/acme/shop by its scan 2' }]);
  // It is told of once more by no later report.
  expect(await report(reported)).toMatchObject({ revoked: 0 });
  expect(await alarms()).toHaveLength(2);
});

test('planted keys and API tokens are known too; pages go from the worst to the least', async () => {
  const planted = 'made-up planted key';
  await house.platform.pool.query(
    `INSERT INTO canary (id, hash, vendor, form, place, owner, planted_at, planted_by)
      VALUES ('canary-1', $1, 'drawbridge', 'virtual', 'The wiki', 'Security', now(), 'Ada')`,
    [createHash('sha256').update(planted).digest()],
  );
  const { key } = await makeKey();
  await report([
    place({ sha256: sha256(planted) }),
    place({ sha256: sha256('unknown'), nth: 1, confidence: 'possible' }),
    place({ sha256: sha256(key), nth: 2 }),
    place({ nth: 3, class: 'secret.password', confidence: 'likely' }),
  ]);
  const pages: string[] = [];
  let cursor = '';
  do {
    const { items, next } = await read(`/leaks?state=all&limit=1${cursor}`);
    pages.push(
      ...items.map(({ kind, severity }: { kind: string; severity: string }) => `${kind} ${severity}`),
    );
    cursor = next === null ? '' : `&cursor=${next}`;
  } while (cursor !== '');
  expect(pages[0]).toBe('virtual_key critical');
  expect(pages.slice(1, 3).sort()).toEqual(['canary medium', 'unknown medium']);
  expect(pages[3]).toBe('unknown low');
  expect(await leaks('?kind=canary')).toMatchObject([{ of: { name: 'The wiki' }, owner: 'Security' }]);
  await house.platform.pool.query('DELETE FROM canary');
});

test('of a key of ours that still works nobody can say that it was rotated or revoked', async () => {
  await house.ask('PUT', '/leak-policy', { virtualKeys: 'tell' }, said);
  const { id, key } = await makeKey();
  await report([place({ sha256: sha256(key) })]);
  const [leak] = await leaks();
  const decide = (state: string) => post(`/leaks/${leak.id}/decision`, { state, reason: 'They say so' });
  for (const state of ['rotated', 'revoked']) {
    expect(await decide(state)).toMatchObject({ status: 409, body: { code: 'key_still_works' } });
  }
  expect(await leaks()).toMatchObject([{ id: leak.id, state: 'open' }]);
  await house.platform.pool.query('UPDATE virtual_key SET revoked_at = now() WHERE id = $1', [id]);
  expect((await decide('revoked')).status).toBe(200);
});

test('who only may report can’t end as gone what another one found', async () => {
  await report([place({ sha256: sha256('made-up-1') })]);
  house.people.actor = { id: 'person:2', name: 'Another One' };
  expect(await report([])).toMatchObject({ number: 2, gone: 0, whole: true });
  expect(await leaks()).toMatchObject([{ places: 1, gonePlaces: 0 }]);
  // What one tells again is one's own from then on.
  await report([place({ sha256: sha256('made-up-1') })]);
  expect(await report([])).toMatchObject({ gone: 1 });
});

test('what is gone for a year is removed, with runs that nothing names; what stands or was decided stays', async () => {
  const count = async () =>
    (
      await house.platform.pool.query(
        `SELECT (SELECT count(*)::int FROM leak) AS leaks, (SELECT count(*)::int FROM leak_place) AS places,
           (SELECT count(*)::int FROM scan_run) AS runs`,
      )
    ).rows[0];
  const [stands, goes, decided] = ['stands', 'goes', 'decided'].map((value, nth) =>
    place({ path: value, nth, sha256: sha256(`made-up-${value}`) }),
  );
  await report([stands, goes, decided] as object[]);
  const of = (await leaks()).find((one: { place: string }) => one.place.startsWith('decided'));
  await post(`/leaks/${of.id}/decision`, { state: 'false_alarm', reason: 'An example' });
  for (let run = 0; run < 23; run++) {
    house.platform.advance(601_000);
    await report([stands] as object[]);
  }
  expect(await count()).toEqual({ leaks: 3, places: 3, runs: 24 });
  expect(await pruneScans(house.platform)).toEqual({ places: 0, leaks: 0, runs: 0 });
  house.platform.advance(366 * 24 * 3600_000);
  // The first run is named by what stands; the next three are older than the latest twenty.
  expect(await pruneScans(house.platform)).toEqual({ places: 2, leaks: 1, runs: 3 });
  expect(await count()).toEqual({ leaks: 2, places: 1, runs: 21 });
  expect((await leaks('?state=closed')).map(({ id }: { id: string }) => id)).toEqual([of.id]);
  expect((await read('/scan-runs')).items.at(-1)).toMatchObject({ number: 1 });
});
