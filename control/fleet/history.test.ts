import { describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { testCaller } from '../platform/testing.ts';
import { configurationRoutes, forgetOldVersions } from './index.ts';
import { egressStays } from './rollback.ts';
import { type Answer, dumpTables, spellings } from './testing.ts';
import { CREDENTIAL, testFleet } from './testing-fleet.ts';

const DAY_MS = 24 * 3600_000;

const here = testFleet();

async function about(method: string, path: string, body?: object): Promise<Answer> {
  const app = createRouter();
  app.onError(handleErrors(here.house.platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:1', name: 'Ada Example' }));
    await next();
  });
  const named = async (ids: readonly string[]) => new Map(ids.map((id) => [id, `The one called ${id}`]));
  app.route('/', configurationRoutes(here.house.platform, here.fleet, { connections: named, apps: named }));
  const answer = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}
async function version(): Promise<number> {
  await here.fleet.refresh();
  return here.fleet.version() ?? 0;
}
const inForce = async () => {
  await here.fleet.refresh();
  return here.fleet.compileSnapshot(here.gateway.id);
};
const patch = (id: string, given: object) =>
  here.house.ask('PATCH', `/connections/${id}`, { ...given, reason: 'A test' });
const texts = (lines: readonly { text: string }[]): string[] => lines.map((line) => line.text);

test('rules of the egress proxy that were others then are said to stay', () => {
  const rules = (hash: string) => ({
    kind: 'egress' as const,
    mode: 'observe' as const,
    apps: [],
    rules: hash,
  });
  expect(egressStays([rules('a')], [rules('a')])).toEqual([]);
  expect(egressStays([], [])).toEqual([]);
  for (const then of [[], [rules('b')]]) {
    expect(egressStays(then, [rules('a')])).toMatchObject([{ subject: { kind: 'egress', id: 'rules' } }]);
  }
});

describe('the history', () => {
  test('has every version with who led to it, why, and what is otherwise in plain words', async () => {
    const made = await here.house.connect({ credential: CREDENTIAL });
    await version();
    await patch(made.id, { name: 'Another name' });
    await version();
    await here.house.ask('PATCH', `/connections/${made.id}`, {
      state: 'severed',
      reason: 'They were breached',
    });
    const severed = await version();
    const key = await here.house.makeKey([made.id]);
    const keyed = await version();
    await here.house.ask('PATCH', `/connections/${made.id}`, {
      state: 'open',
      origins: ['https://www.example.com'],
      reason: 'All clear',
    });
    await version();

    const { body } = await about('GET', '/snapshots?limit=3');
    expect(body.items.map((item: { version: number }) => item.version)).toEqual([keyed + 1, keyed, severed]);
    expect(body.items.map((item: { inForce: boolean }) => item.inForce)).toEqual([true, false, false]);
    expect(body.items[2]).toMatchObject({
      before: severed - 1,
      changesInAll: 1,
      changes: [
        {
          actor: 'person:1',
          reason: 'They were breached',
          act: 'connection.sever',
          subject: { kind: 'connection', id: made.id },
        },
      ],
      differences: [{ code: 'connection.severed', subject: { kind: 'connection', id: made.id } }],
    });
    expect(texts(body.items[1].differences)).toEqual([
      `Key ${key.id} of The one called ${await appOf(key.id)} was made, for The one called ${made.id}.`,
    ]);
    expect(texts(body.items[0].differences)).toEqual([
      `The one called ${made.id} was opened: requests cross again.`,
      `The one called ${made.id}: origins: added https://www.example.com.`,
    ]);

    const rest = (await about('GET', `/snapshots?limit=50&cursor=${body.next}`)).body;
    const first = rest.items.at(-1);
    expect(first).toMatchObject({ before: null, differences: [], differencesInAll: 0 });
    expect(rest.next).toBeNull();
    const one = (await about('GET', `/snapshots/${severed}`)).body;
    expect(one).toEqual(body.items[2]);
    expect((await about('GET', '/snapshots/4711')).status).toBe(404);
  });

  test('keeps no secret: no credential, sealed or not, and no key’s hash', async () => {
    const made = await here.house.connect({ credential: CREDENTIAL });
    const { key } = await here.house.makeKey([made.id]);
    await version();
    const rows = await here.house.platform.pool.query<{ text: string }>(
      'SELECT p::text AS text FROM snapshot_part p',
    );
    const kept = rows.rows.map((row) => row.text).join('\n');
    expect(kept).toContain(made.id);
    for (const secret of [CREDENTIAL, key].flatMap(spellings)) expect(kept).not.toContain(secret);
    expect(kept).not.toMatch(/"(hash|wrapped|stored|sealed|ct|enc)"/);
    expect(await dumpTables(here.house.platform)).not.toContain(CREDENTIAL);
  });

  test('ends after 400 days, and never with the version in force', async () => {
    const made = await here.house.connect();
    await version();
    await patch(made.id, { state: 'severed' });
    await version();
    here.house.platform.advance(401 * DAY_MS);
    await patch(made.id, { state: 'open' });
    const last = await version();
    expect(await forgetOldVersions(here.house.platform)).toBe(last - 1);
    here.house.platform.advance(401 * DAY_MS);
    expect(await forgetOldVersions(here.house.platform)).toBe(0);
    expect((await about('GET', '/snapshots')).body.items).toMatchObject([{ version: last, before: null }]);
    const unused = await here.house.platform.pool.query(
      'SELECT FROM snapshot_part WHERE hash NOT IN (SELECT unnest(parts) FROM snapshot_version)',
    );
    expect(unused.rowCount).toBe(0);
  });

  test('is not pushed out by names under review, which gateways are asked for all day', async () => {
    const made = await here.house.connect();
    await version();
    await patch(made.id, { state: 'severed' });
    const severed = await version();
    for (let name = 0; name < 101; name++) {
      here.house.revealed.add(`made-up-hash-${name}`);
      expect(await version()).toBe(severed + 1 + name);
    }
    await patch(made.id, { state: 'open' });
    const last = await version();
    const kept = async () =>
      (await about('GET', '/snapshots?limit=200')).body.items.map(
        (item: { version: number }) => item.version,
      );
    const before = await kept();
    expect(await forgetOldVersions(here.house.platform)).toBe(1);
    expect(await kept()).toEqual(before.filter((one: number) => one !== severed + 1));
    expect((await about('GET', `/snapshots/${severed + 2}`)).body).toMatchObject({
      before: severed,
      differences: [{ code: 'names.revealed', text: '2 unknown names may now be shown.' }],
    });
    expect((await about('GET', `/snapshots/${last}`)).body.differences).toMatchObject([
      { code: 'connection.opened' },
    ]);
    expect(await forgetOldVersions(here.house.platform)).toBe(0);
  });
});

describe('going back', () => {
  async function someHistory() {
    const one = await here.house.connect({
      name: 'One',
      credential: CREDENTIAL,
      origins: ['https://a.example'],
    });
    const two = await here.house.connect({ name: 'Two', credential: CREDENTIAL });
    const kept = await here.house.makeKey([one.id]);
    const revoked = await here.house.makeKey([one.id]);
    const to = await version();
    const before = await inForce();
    await patch(one.id, { origins: ['https://b.example'] });
    await patch(two.id, { state: 'severed' });
    const { current } = (await here.house.ask('GET', `/connections/${one.id}/contract`)).body;
    await here.house.ask('PUT', `/connections/${one.id}/contract`, {
      rules: { ...current.rules, unmapped: { do: 'refuse' } },
      basedOn: 1,
      reason: 'Stricter',
    });
    await here.house.ask('PUT', `/connections/${one.id}/credential`, {
      value: `${CREDENTIAL}-2`,
      reason: 'Rotated',
    });
    await here.house.ask('DELETE', `/keys/${revoked.id}`, undefined, { 'x-drawbridge-reason': 'Leaked' });
    const later = await here.house.connect({ name: 'Later', credential: CREDENTIAL });
    return { one, two, kept, revoked, later, to, before, basedOn: await version() };
  }

  test('puts the settings back through the tables, says what stays, and what is published says the same', async () => {
    const was = await someHistory();
    const plan = (await about('GET', `/snapshots/${was.to}/rollback`)).body;
    expect(await version()).toBe(was.basedOn);
    const done = await about('POST', `/snapshots/${was.to}/rollback`, {
      basedOn: was.basedOn,
      reason: 'It broke',
    });
    expect(done.body).toEqual(plan);
    expect(texts(plan.putBack)).toEqual([
      'Its origins are those of then: https://a.example.',
      'The rules of contract version 1 are in force again, as version 3.',
    ]);
    expect(texts(plan.stays).sort()).toEqual([
      expect.stringMatching(/^It is severed and stays severed/),
      expect.stringMatching(/^It was connected later/),
      expect.stringMatching(/^It was revoked and stays so/),
      'Version 1 of its credential was destroyed: version 2 stays in use.',
    ]);

    const now = await inForce();
    const at = (id: string) => now.connections.find((connection) => connection.id === id);
    const then = was.before.connections.find((connection) => connection.id === was.one.id);
    expect(now.version).toBe(was.basedOn + 1);
    expect(at(was.one.id)).toMatchObject({
      origins: ['https://a.example'],
      contract: { version: 3, rules: then?.contract.rules },
      credential: { version: 2 },
    });
    expect(at(was.two.id)?.state).toBe('severed');
    expect(at(was.later.id)?.state).toBe('open');
    expect(now.keys.map((key) => key.id)).toEqual([was.kept.id]);
    expect((await here.house.ask('GET', `/connections/${was.one.id}`)).body).toMatchObject({
      origins: ['https://a.example'],
      contract: { version: 3, reason: `Back to configuration ${was.to}: It broke` },
    });

    const [version3] = (await about('GET', '/snapshots?limit=1')).body.items;
    expect(version3).toMatchObject({
      changesInAll: 1,
      changes: [{ act: 'configuration.rollback', reason: 'It broke', subject: { id: String(was.to) } }],
    });
    const again = (await about('GET', `/snapshots/${was.to}/rollback`)).body;
    expect(again.putBack).toEqual([]);
  });

  test('opens what is severed only when asked', async () => {
    const was = await someHistory();
    const body = { basedOn: was.basedOn, reopen: true, reason: 'It broke' };
    expect((await about('POST', `/snapshots/${was.to}/rollback`, body)).status).toBe(200);
    const now = await inForce();
    expect(now.connections.find((connection) => connection.id === was.two.id)?.state).toBe('open');
  });

  test('severs what was severed then, and binds keys as they were', async () => {
    const one = await here.house.connect({ name: 'One', credential: CREDENTIAL });
    const key = await here.house.makeKey([one.id]);
    await patch(one.id, { state: 'severed' });
    const to = await version();
    await patch(one.id, { state: 'open' });
    const two = await here.house.connect({ name: 'Two', credential: CREDENTIAL });
    await here.house.platform.pool.query(
      'UPDATE virtual_key SET connections = $1, per_minute = 5, expires_at = $2',
      [[one.id, two.id], new Date(here.house.platform.clock.now() + DAY_MS)],
    );
    const plan = (await about('GET', `/snapshots/${to}/rollback`)).body;
    expect(texts(plan.stays)).toContainEqual(expect.stringMatching(/^It expires at .* that was set since/));
    await about('POST', `/snapshots/${to}/rollback`, { basedOn: plan.basedOn, reason: 'It broke' });
    const now = await inForce();
    expect(now.connections.find((connection) => connection.id === one.id)?.state).toBe('severed');
    expect(now.keys).toMatchObject([
      {
        id: key.id,
        connections: [one.id],
        per_minute: null,
        expires_at: here.house.platform.clock.now() + DAY_MS,
      },
    ]);
  });

  test('puts modes, caps and budgets back; a break-glass neither begins nor ends', async () => {
    const one = await here.house.connect({ name: 'One', credential: CREDENTIAL });
    const two = await here.house.connect({ name: 'Two', credential: CREDENTIAL });
    const key = await here.house.makeKey([one.id]);
    const caps = (given: object) =>
      here.house.ask('PATCH', `/keys/${key.id}`, { ...given, reason: 'A test' });
    await version();
    const lift = (id: string) =>
      here.house.ask('POST', `/connections/${id}/break-glass`, { minutes: 30, reason: 'A test' });
    await patch(one.id, { mode: 'observe' });
    await version();
    await caps({ perMinute: 5, perDay: { requests: 100, tokens: 1, money: null } });
    await version();
    const over = await lift(one.id);
    expect(over.status).toBe(201);
    const to = await version();

    await here.house.ask('POST', `/break-glass/${over.body.id}/end`, { reason: 'Done' });
    await version();
    await patch(one.id, { mode: 'enforce' });
    await version();
    await caps({ perMinute: null, perDay: null });
    await version();
    await patch(two.id, { mode: 'minimise' });
    await version();
    const lifted = await lift(two.id);
    await version();
    const said = (await about('GET', '/snapshots')).body.items.flatMap(
      (item: { differences: { code: string; text: string }[] }) => item.differences,
    );
    const saidOf = (code: string) =>
      said.flatMap((each: (typeof said)[0]) => (each.code === code ? [each.text] : []));
    expect(saidOf('connection.mode')).toContain(
      `The one called ${one.id} is in mode enforce: contract and policies hold. It was observe.`,
    );
    expect(saidOf('connection.break_glass')).toEqual([
      expect.stringMatching(new RegExp(`${two.id}: a break-glass lifts contract and policies until 20`)),
      `The one called ${one.id}: the break-glass is over.`,
      expect.stringMatching(new RegExp(`${one.id}: a break-glass lifts contract and policies until 20`)),
    ]);
    expect(saidOf('key.per_minute')[0]).toMatch(/has no cap of requests a minute any more\.$/);
    expect(saidOf('key.per_day')).toEqual([
      expect.stringMatching(/has no daily budget any more\.$/),
      expect.stringMatching(/may use 100 requests, 1 token a day; it was not limited\.$/),
    ]);
    expect(said.map((each: { code: string }) => each.code)).not.toContain('connection.other');
    const led = (await about('GET', '/snapshots')).body.items.flatMap(
      (item: { changes: { act: string }[] }) => item.changes.map(({ act }) => act),
    );
    expect(led).toEqual(
      expect.arrayContaining(['connection.mode', 'break_glass.begin', 'break_glass.end', 'key.caps']),
    );

    const plan = (await about('GET', `/snapshots/${to}/rollback`)).body;
    expect(texts(plan.putBack).sort()).toEqual([
      'It is capped at 5 requests a minute.',
      'It may use 100 requests, 1 token a day.',
      'Its mode is enforce: contract and policies hold.',
      'Its mode is observe: requests cross as apps send them, and what contract and policies would have done is recorded.',
    ]);
    expect(texts(plan.stays).sort()).toEqual([
      `A break-glass is in force until ${lifted.body.until} and stays so. End it on its page.`,
      'A break-glass was in force then: it is over and stays over.',
    ]);
    await about('POST', `/snapshots/${to}/rollback`, { basedOn: plan.basedOn, reason: 'It broke' });
    const now = await inForce();
    const at = (id: string) => now.connections.find((connection) => connection.id === id);
    expect(at(one.id)?.mode).toBe('observe');
    expect(at(one.id)).not.toHaveProperty('break_glass');
    expect(at(two.id)).not.toHaveProperty('mode');
    expect(at(two.id)?.break_glass?.id).toBe(lifted.body.id);
    expect(now.keys).toMatchObject([{ per_minute: 5, per_day: { requests: 100, tokens: 1, money: null } }]);
    expect((await about('GET', `/snapshots/${to}/rollback`)).body.putBack).toEqual([]);
  });

  test('leads nowhere else, also where no credential is bound to the host', async () => {
    const one = await here.house.connect({ name: 'One' });
    const two = await here.house.connect({
      name: 'Two',
      upstream: { scheme: 'http', host: '127.0.0.1', port: 9, private: true },
    });
    const to = await version();
    await patch(one.id, { upstream: { ...one.upstream, host: 'moved.acme.example' } });
    await here.house.platform.pool.query('UPDATE connection SET private = false WHERE id = $1', [two.id]);
    await version();
    const plan = (await about('GET', `/snapshots/${to}/rollback`)).body;
    expect(texts(plan.putBack)).toEqual([]);
    expect(texts(plan.stays).sort()).toEqual([
      expect.stringContaining('stays with moved.acme.example: a rollback sends nothing to another host'),
      expect.stringContaining('Private addresses stay forbidden'),
    ]);
    await about('POST', `/snapshots/${to}/rollback`, { basedOn: plan.basedOn, reason: 'It broke' });
    const now = (await inForce()).connections;
    expect(now.find(({ id }) => id === one.id)?.upstream.host).toBe('moved.acme.example');
    expect(now.find(({ id }) => id === two.id)?.upstream.private).toBe(false);
  });

  test('leaves a host to which a credential is bound', async () => {
    const made = await here.house.connect({ credential: CREDENTIAL });
    const to = await version();
    const upstream = { ...made.upstream, host: 'moved.acme.example' };
    await patch(made.id, { upstream });
    await here.house.ask('PUT', `/connections/${made.id}/credential`, {
      value: CREDENTIAL,
      reason: 'A test',
    });
    await version();
    const plan = (await about('GET', `/snapshots/${to}/rollback`)).body;
    expect(texts(plan.stays)[0]).toContain('stays with moved.acme.example');
    await about('POST', `/snapshots/${to}/rollback`, { basedOn: plan.basedOn, reason: 'It broke' });
    expect((await here.house.ask('GET', `/connections/${made.id}`)).body).toMatchObject({
      upstream,
      credential: { version: 2 },
    });
  });

  test('is refused where the configuration is another one than was looked at', async () => {
    const was = await someHistory();
    await patch(was.one.id, { origins: [] });
    const answer = await about('POST', `/snapshots/${was.to}/rollback`, {
      basedOn: was.basedOn,
      reason: 'It broke',
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'configuration_changed' } });
    expect((await here.house.ask('GET', `/connections/${was.one.id}`)).body.origins).toEqual([]);
    const unsaid = await about('POST', `/snapshots/${was.to}/rollback`, { basedOn: was.basedOn });
    expect(unsaid.body.code).toBe('reason_missing');
  });
});

async function appOf(key: string): Promise<string> {
  const { items } = (await here.house.ask('GET', '/keys')).body;
  return items.find((item: { id: string }) => item.id === key).app.id;
}
