import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Action, encodeCursor, Problem } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createActPolicies } from './acts.ts';
import { createPolicies, type Policies } from './policies.ts';
import { byAda, shipped, shippedPolicies } from './testing.ts';

let platform: TestPlatform;
let policies: Policies;
let keepers = [{ id: 'person:1', roles: ['owner'] }];
beforeAll(async () => {
  platform = await testPlatform();
  policies = createPolicies({ platform, starters: shippedPolicies, keepers: async () => keepers });
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.pool.query('TRUNCATE policy, policy_version, policy_grant, access_request, change CASCADE');
  keepers = [{ id: 'person:1', roles: ['owner'] }];
});

/** What it was refused with. */
async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Problem) return error;
  throw new Error('it was not refused', { cause: error });
}
const text = (body: string, title = 'A test') =>
  `@title("${title}")\nforbid (principal, action, resource)\n${body};`;
const forbid = (name: string, body: string, rest: object = {}) =>
  policies.create({ name, text: text(body), examples: [], activate: true, ...rest }, byAda);

/** Things that stand in a path by an id of their own, of two connections. All is made up. */
async function thingsOfConnections() {
  for (const id of ['one', 'other']) {
    const made = [`rotation-${id}`, `glass-${id}`, `request-${id}`, `grant-${id}`, id];
    await platform.pool.query(
      `INSERT INTO connection SELECT $1, $1, $1, 'acme', 'analytics', 'us', 'https', 'api.acme.test', 443, false, 'open',
        '{}', '', $1, 1, 1, now(), 'x'`,
      [id],
    );
    await platform.pool.query(
      `INSERT INTO rotation (id, connection, how, step, since, failed, switched, plan, from_version, key_name, old_refs, due_at,
        reason, started_at, started_by, started_by_name, revision)
       SELECT $1, $2, 'guided', 'create', now(), 0, false, '{}', 1, 'x', '{}', now(), 'x', now(), 'x', 'x', 1`,
      [made[0], id],
    );
    await platform.pool.query(
      `INSERT INTO break_glass (id, connection, reason, asked_at, asked_by, asked_by_name, until)
       SELECT $1, $2, 'x', now(), 'x', 'x', now() + interval '1 hour'`,
      [made[1], id],
    );
    await platform.pool.query(
      `INSERT INTO access_request (id, crossing, app, connection, policies, asked_by, asked_by_name, asked_at, reason, state)
       SELECT $1, gen_random_uuid(), 'x', $2, '{}', 'x', 'x', now(), 'x', 'open'`,
      [made[2], id],
    );
    await platform.pool.query(
      `INSERT INTO policy_grant (id, policy, app, connection, until, granted_at, granted_by, reason)
       SELECT $1, 'nobody-moves', 'x', $2, now(), now(), 'x', 'x'`,
      [made[3], id],
    );
  }
}

describe('saving', () => {
  test('a starter is taken over in one act, laid out, with its examples, its author and reason', async () => {
    const starter = await shipped('only-approved-vendors');
    const made = await policies.create({ ...starter, activate: true }, byAda);
    expect(made).toMatchObject({
      title: 'Only approved vendors',
      version: 1,
      active: 1,
      decides: { crossings: true, acts: false },
      exceptions: true,
      author: 'Ada Example',
      reason: 'A test',
      text: starter.text,
      examples: starter.examples,
    });
    const { items, hash } = await policies.list();
    expect(items.map(({ name }) => name)).toEqual(['only-approved-vendors']);
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect((await policies.starters()).filter(({ taken }) => taken).map(({ name }) => name)).toEqual([
      'only-approved-vendors',
    ]);
    const changes = await platform.pool.query(
      'SELECT act, actor, reason, subject_id FROM change ORDER BY act DESC',
    );
    expect(changes.rows).toEqual(
      ['policy.save', 'policy.activate'].map((act) => ({
        act,
        actor: 'person:1',
        reason: 'A test',
        subject_id: 'only-approved-vendors',
      })),
    );
  });

  test.each([
    ['unless { resource.vendor.aproved }', 3, /aproved.*did you mean `approved`/],
    ['unles { true }', 3, /unles/],
    ['when { context.hour == "ten" }', 3, /./],
  ])('what is wrong in %s is said with its line', async (body, line, message) => {
    const wrong = `@title("A test")\nforbid (principal is App, action == Action::"cross", resource)\n${body};`;
    const problem = await problemOf(
      policies.create({ name: 'a-test', text: wrong, examples: [], activate: false }, byAda),
    );
    expect(problem).toMatchObject({ status: 422, code: 'policy_invalid', errors: [{ field: 'text' }] });
    expect(problem.extra?.problems).toMatchObject([{ line, message: expect.stringMatching(message) }]);
    expect((await policies.check({ name: 'a-test', text: wrong, examples: [] })).problems).toEqual(
      problem.extra?.problems,
    );
    expect((await policies.list()).items).toEqual([]);
  });

  test('a permit, a policy without a title, and two statements in one are refused with what to do', async () => {
    const say = async (given: string) =>
      (
        await problemOf(
          policies.create({ name: 'a-test', text: given, examples: [], activate: false }, byAda),
        )
      ).message;
    expect(await say('@title("x") permit (principal, action, resource);')).toContain('only forbids');
    expect(await say('forbid (principal, action, resource);')).toContain('@title');
    expect(await say(`${text('when { true }')}\n${text('when { true }')}`)).toBeTruthy();
  });

  test('a change is based on what was read, is compared line by line, and can be gone back from', async () => {
    await forbid('a-test', 'when { context.hour == 3 }');
    const changed = await policies.change(
      'a-test',
      { text: text('when { context.hour == 4 }'), examples: [], basedOn: 1, activate: false },
      byAda,
    );
    expect(changed).toMatchObject({ version: 2, active: 1 });
    expect((await policies.version('a-test', 2)).lines.filter(({ sign }) => sign !== ' ')).toEqual([
      { sign: '-', text: 'when { context.hour == 3 };' },
      { sign: '+', text: 'when { context.hour == 4 };' },
    ]);
    const late = { text: text('when { true }'), examples: [], basedOn: 1, activate: false };
    expect(await problemOf(policies.change('a-test', late, byAda))).toMatchObject({
      code: 'policy_changed',
      extra: { current: 2 },
    });
    expect(await policies.activate('a-test', undefined, byAda)).toMatchObject({ active: 2 });
    expect(await policies.activate('a-test', 1, byAda)).toMatchObject({ version: 2, active: 1 });
    expect((await policies.get('a-test')).versions.map(({ active }) => active)).toEqual([false, true]);
  });

  test('one in force is not removed; one that was removed comes back as a further version', async () => {
    await forbid('a-test', 'when { context.hour == 3 }');
    expect(await problemOf(policies.remove('a-test', byAda))).toMatchObject({ code: 'policy_active' });
    await policies.deactivate('a-test', byAda);
    await policies.remove('a-test', byAda);
    expect((await policies.list()).items).toEqual([]);
    expect(await problemOf(policies.get('a-test'))).toMatchObject({ status: 404 });
    expect(await forbid('a-test', 'when { context.hour == 4 }')).toMatchObject({ version: 2, active: 2 });
    expect(await problemOf(forbid('a-test', 'when { true }'))).toMatchObject({ code: 'policy_there' });
  });
});

describe('before it comes into force', () => {
  test('its examples are run, and those of all others together with it', async () => {
    await policies.create({ ...(await shipped('eu-only-for-tagged-apps')), activate: true }, byAda);
    const all = { name: 'nothing-to-us', activate: true, examples: [] };
    const broad = `@title("Nothing to the US")
forbid (principal is App, action == Action::"cross", resource) when { resource.jurisdiction == "US" };`;
    const problem = await problemOf(policies.create({ ...all, text: broad }, byAda));
    expect(problem).toMatchObject({ status: 409, code: 'example_fails' });
    expect(problem.message).toContain(
      '“Another app, to a service in the United States” of eu-only-for-tagged-apps must be allowed, and nothing-to-us denies it.',
    );
    // Nothing of it stays.
    expect((await policies.list()).items.map(({ name }) => name)).toEqual(['eu-only-for-tagged-apps']);
    const checked = await policies.check({ name: 'nothing-to-us', text: broad, examples: [] });
    expect(checked.results).toMatchObject([{ policy: 'eu-only-for-tagged-apps', holds: false }]);
  });

  test('an example that must be denied is denied by the policy itself, not by another', async () => {
    const never = {
      name: 'never',
      text: `@title("Nothing at night")\nforbid (principal is App, action == Action::"cross", resource) when { context.hour == 3 };`,
      examples: [{ must: 'denied' as const, says: 'At noon', crossing: { hour: 12 } }],
      activate: true,
    };
    expect((await problemOf(policies.create(never, byAda))).message).toContain(
      '“At noon” of never must be denied, and nothing denies it.',
    );
    await expect(policies.create({ ...never, activate: false }, byAda)).resolves.toMatchObject({
      active: null,
    });
  });

  test('one that nobody could ever undo is refused; one that leaves an hour, or a role, is not', async () => {
    const lock = (body: string) =>
      forbid('lock', body, {
        text: `@title("A lock")\nforbid (principal is Person, action, resource)\n${body};`,
      });
    expect(await problemOf(lock('when { true }'))).toMatchObject({ status: 409, code: 'locks_out' });
    expect(await problemOf(lock('unless { principal.roles.contains("security") }'))).toMatchObject({
      code: 'locks_out',
    });
    keepers.push({ id: 'person:2', roles: ['security'] });
    await expect(lock('unless { principal.roles.contains("security") }')).resolves.toMatchObject({
      active: 1,
    });
    await policies.deactivate('lock', byAda);
    await policies.remove('lock', byAda);
    await expect(lock('unless { context.weekday == "sunday" && context.hour == 4 }')).resolves.toBeTruthy();
  });
});

test('files are applied together or not at all, and again changes nothing', async () => {
  const [one, two] = [await shipped('only-approved-vendors'), await shipped('models-by-team')];
  await forbid('by-hand', 'when { context.hour == 3 }', {
    text: `@title("By hand")\nforbid (principal is App, action == Action::"cross", resource) when { context.hour == 3 };`,
  });
  const none = { saved: [], activated: [], unchanged: [], deactivated: [], others: ['by-hand'] };
  const both = ['only-approved-vendors', 'models-by-team'];
  expect(await policies.apply([one, two], false, byAda)).toEqual({ ...none, saved: both, activated: both });
  expect(await policies.apply([one, two], false, byAda)).toEqual({ ...none, unchanged: both });
  const failing = { must: 'denied' as const, says: 'A workload', crossing: {} };
  const broken = { ...two, examples: [failing] };
  const problem = await problemOf(policies.apply([{ ...one, examples: [] }, broken], true, byAda));
  expect(problem).toMatchObject({ code: 'example_fails' });
  expect((await policies.list()).items.map(({ version, active }) => [version, active])).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  expect(await policies.apply([one], true, byAda)).toMatchObject({
    unchanged: ['only-approved-vendors'],
    deactivated: ['by-hand', 'models-by-team'],
  });
});

test('one that this release can not read forbids, is listed, and can be taken out of force', async () => {
  await forbid('a-test', 'when { context.hour == 3 }');
  await platform.pool.query(`UPDATE policy_version SET text = replace(text, 'hour', 'hours')`);
  const gate = createActPolicies({
    platform,
    connections: async () => new Map(),
  });
  const ada = testCaller({ id: 'person:1', name: 'Ada Example' }, platform.clock.now());
  const problem = await problemOf(gate.checkAct(ada, 'setting.read', null));
  expect(problem).toMatchObject({ code: 'policy_unreadable' });
  await expect(gate.checkAct({ ...ada, kind: 'command' }, 'policy.change', null)).resolves.toBeUndefined();
  expect(await policies.list()).toMatchObject({ items: [{ name: 'a-test', active: 1 }], hash: null });
  await policies.deactivate('a-test', byAda);
  await expect(gate.checkAct(ada, 'setting.read', null)).resolves.toBeUndefined();
});

describe('what people do', () => {
  const acts = () =>
    createActPolicies({
      platform,
      connections: async () => new Map(),
    });
  // The clock of tests stands on a Sunday.
  const ada = () => testCaller({ id: 'person:1', name: 'Ada Example' }, platform.clock.now());

  test('is forbidden by a policy that names itself, to people and tokens, never to the command', async () => {
    const gate = acts();
    await expect(gate.decideAct(ada(), 'connection.create', null)).resolves.toEqual({
      allowed: true,
      reasons: [],
    });
    await policies.create({ ...(await shipped('no-new-vendors-on-weekends')), activate: true }, byAda);
    const problem = await problemOf(gate.checkAct(ada(), 'connection.create', null));
    expect(problem).toMatchObject({
      status: 403,
      code: 'policy_denied',
      extra: { policies: [{ name: 'no-new-vendors-on-weekends' }] },
    });
    expect(problem.message).toContain('“Nobody connects a vendor or changes a data contract on a weekend”');
    await expect(gate.checkAct(ada(), 'policy.change', null)).resolves.toBeUndefined();
    expect(
      await gate.decideAct({ ...ada(), kind: 'token' }, 'contract.change', { of: 'connections', id: 'x' }),
    ).toMatchObject({
      allowed: false,
    });
    expect(
      await gate.decideAct({ ...ada(), kind: 'command' }, 'contract.change', { of: 'connections', id: 'x' }),
    ).toMatchObject({
      allowed: true,
    });
    await policies.deactivate('no-new-vendors-on-weekends', byAda);
    await expect(gate.checkAct(ada(), 'connection.create', null)).resolves.toBeUndefined();
  });

  test('is decided by the thing that the path speaks of, whatever it is called there', async () => {
    const gate = createActPolicies({
      platform,
      connections: async () =>
        new Map(
          ['one', 'other'].map((id) => [
            id,
            {
              id,
              vendor: 'acme',
              service: 'analytics',
              region: 'us',
              jurisdiction: id === 'one' ? 'US' : 'EU',
            },
          ]),
        ),
    });
    await forbid('nobody-in-the-us', 'x', {
      text: `@title("Nobody touches what is in the US")
forbid (principal, action, resource) when { resource is Connection && resource.jurisdiction == "US" };`,
    });
    await forbid('nobody-at-acme', 'x', {
      text: `@title("Nobody touches Acme")
forbid (principal, action, resource) when { resource is Vendor && !resource.approved };`,
    });
    await forbid('nobody-moves', 'x', {
      text: `@title("Nobody changes a host")
forbid (principal, action == Action::"connection.change_host", resource);`,
    });
    await thingsOfConnections();
    const allowed = async (action: Action, of: string, id: string) =>
      (await gate.decideAct(ada(), action, { of, id })).allowed;
    const reviewId = encodeCursor(['one', 'name', 'hash']);
    for (const [action, of, id] of [
      ['connection.change', 'connections', 'one'],
      ['credential.enter', 'rotations', 'rotation-one'],
      ['rotation.run', 'rotations', 'rotation-one'],
      ['contract.change', 'review', reviewId],
      ['break_glass.approve', 'break-glass', 'glass-one'],
      ['access.grant', 'access-requests', 'request-one'],
      ['access.grant', 'grants', 'grant-one'],
      ['facts.change', 'vendors', 'acme'],
      ['pack.write', 'packs', 'acme'],
      ['epoch.begin', 'vendors', 'acme'],
      ['account.attest', 'accounts', 'acme'],
      ['connection.change_host', 'connections', 'other'],
    ] as const)
      expect([action, of, await allowed(action, of, id)]).toEqual([action, of, false]);
    for (const [action, of, id] of [
      ['connection.change', 'connections', 'other'],
      ['rotation.run', 'rotations', 'rotation-other'],
      ['rotation.run', 'rotations', 'made-up'],
      ['contract.change', 'review', 'made-up'],
      ['log.read', 'logs', 'one'],
      // What the action is not about is the deployment's.
      ['person.read', 'vendors', 'acme'],
    ] as const)
      expect([action, of, await allowed(action, of, id)]).toEqual([action, of, true]);
    for (const name of ['nobody-in-the-us', 'nobody-at-acme', 'nobody-moves'])
      await policies.deactivate(name, byAda);
  });

  test('is decided by roles, and by whether a factor was used just now', async () => {
    const gate = acts();
    await forbid('auditors-read', 'x', {
      text: `@title("Auditors see no people")
forbid (principal is Person, action == Action::"person.read", resource) when { principal.roles.contains("auditor") };`,
    });
    await forbid('fresh-factor', 'x', {
      text: `@title("Exports ask for a factor")
forbid (principal, action == Action::"export.read", resource) unless { context.steppedUp };`,
    });
    const bob = { ...ada(), roles: ['auditor'] };
    expect(await gate.decideAct(bob, 'person.read', null)).toMatchObject({ allowed: false });
    expect(await gate.decideAct(ada(), 'person.read', null)).toMatchObject({ allowed: true });
    expect(await gate.decideAct(ada(), 'export.read', null)).toMatchObject({ allowed: true });
    expect(await gate.decideAct({ ...ada(), steppedUpAt: null }, 'export.read', null)).toMatchObject({
      allowed: false,
    });
  });
});
