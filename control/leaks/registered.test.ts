import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpTables, spellings, type TestHouse, testHouse } from '../fleet/testing.ts';
import { createLeaks, scansOfSecrets } from './index.ts';

/** Registered secrets in reports of scans, on a real database with a real vault. All secrets are made up. */
let house: TestHouse;
beforeAll(async () => {
  house = await testHouse({
    scans: ({ platform, secrets }) => scansOfSecrets(platform, (bytes) => secrets.hashRequest(bytes)),
  });
  const { platform, vault, secrets } = house;
  house.app.route(
    '/api/v1',
    createLeaks({ platform, vault, keyed: (bytes) => secrets.hashRequest(bytes) }).routes,
  );
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query('TRUNCATE leak, scan_run, scan_source, key_alarm, setting CASCADE');
});

const value = ['made-up', 'deploy', 'key-0123456789'].join('_');
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
const said = { 'x-drawbridge-reason': 'A test' };
const post = async (path: string, body: object) => {
  const answer = await house.ask('POST', path, body, said);
  expect(answer.status, path).toBeLessThan(300);
  return answer.body;
};
const register = (given: object = {}) =>
  post('/registered-secrets', {
    label: 'Deploy key',
    owner: 'Ada Example',
    class: 'secret.token',
    value,
    ...given,
  });
async function report(hash: string, path = 'deploy.env') {
  house.platform.advance(1_000);
  const { id } = await post('/scan-runs', { source: 'github.com/acme/shop' });
  const place = { path, line: 3, column: 9, history: false, nth: 0 };
  const kind = { class: 'secret.token', detector: 'contextual', confidence: 'likely' };
  const findings = [{ ...place, ...kind, sha256: hash }];
  await post(`/scan-runs/${id}/findings`, { batch: 0, files: 1, blobs: 0, bytes: 3, findings });
  return post(`/scan-runs/${id}/end`, { whole: true });
}
const leaks = async (state = 'open') => (await house.ask('GET', `/leaks?state=${state}`)).body.items;
const alarms = async (): Promise<string[]> =>
  (await house.platform.pool.query('SELECT said FROM key_alarm ORDER BY id')).rows.map(
    ({ said: text }) => text,
  );
const forget = async (id: string) =>
  expect((await house.ask('DELETE', `/registered-secrets/${id}`, undefined, said)).status).toBe(204);

const known = { kind: 'registered_secret', severity: 'critical', owner: 'Ada Example', places: 1 };

test('a registered secret is known in a report by its label, and its owner told once', async () => {
  const secret = await register();
  expect(secret.inScans).toBe(true);
  await report(sha256(value));
  await report(sha256(value));
  expect(await leaks()).toMatchObject([{ ...known, of: { id: secret.id, name: 'Deploy key' } }]);
  expect(await alarms()).toEqual([
    expect.stringContaining(
      'The registered secret Deploy key (owner: Ada Example) lies in github.com/acme/shop, deploy.env:3.',
    ),
  ]);
  const stored = `${await dumpTables(house.platform)}\n${house.platform.logged()}`;
  const plain = createHash('sha256').update(value).digest();
  for (const one of [value, sha256(value), plain.toString('hex')])
    for (const spelling of spellings(one)) expect(stored.includes(spelling), one).toBe(false);
});

test('only the whole value is it: of another one, or of a piece, nobody knows the owner', async () => {
  await register();
  await report(sha256(`${value}x`));
  await report(sha256(value.slice(1)), 'other.env');
  expect((await leaks()).map(({ kind }: { kind: string }) => kind)).toEqual(['unknown', 'unknown']);
  expect(await alarms()).toEqual([]);
});

test('what was told of before is known once it is registered, and by nobody once it is forgotten', async () => {
  await report(sha256(value));
  const [before] = await leaks();
  expect(before).toMatchObject({ kind: 'unknown', severity: 'medium' });
  const { id } = await register();
  expect(await leaks()).toMatchObject([{ ...known, id: before.id, of: { id } }]);
  expect(await alarms()).toEqual([expect.stringContaining('Deploy key')]);
  await report(sha256(value));
  expect(await leaks()).toMatchObject([{ ...known, id: before.id }]);
  expect(await alarms()).toHaveLength(1);

  await forget(id);
  const nobodys = { id: before.id, kind: 'unknown', severity: 'medium', of: null, owner: null };
  expect(await leaks()).toMatchObject([nobodys]);
  await report(sha256(value));
  expect(await leaks()).toMatchObject([nobodys]);
});

test('a password is not known in reports: what is kept of it can not be tried out by them', async () => {
  expect((await register({ class: 'secret.password' })).inScans).toBe(false);
  expect((await house.ask('GET', '/registered-secrets')).body.items).toMatchObject([{ inScans: false }]);
  await report(sha256(value));
  expect(await leaks()).toMatchObject([{ kind: 'unknown' }]);
});

test('a person says that a registered secret was replaced: nobody else knows', async () => {
  await register();
  await report(sha256(value));
  const [{ id }] = await leaks();
  await post(`/leaks/${id}/decision`, { state: 'rotated', reason: 'Made anew at the vendor' });
  expect(await leaks('closed')).toMatchObject([{ kind: 'registered_secret', state: 'rotated' }]);
});
