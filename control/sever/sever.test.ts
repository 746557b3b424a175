import { type Snapshot, SnapshotSchema } from '@drawbridge/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { US } from '../chain/index.ts';
import { fleetRoutes } from '../fleet/index.ts';
import { noteAcknowledged } from './acknowledged.ts';
import type { Severance, SeverLine } from './schemas.ts';
import { destroyAsked, endDue } from './severances.ts';
import { edge, testSever } from './testing.ts';

/** Cutting off and opening again, on a real database with real snapshots. */
type Here = Awaited<ReturnType<typeof testSever>>;
let here: Here;
let gateway: string;
/** Tokens of gateways that are let in, by their ids. */
const tokens = new Map<string, string>();
async function enrol(id: string): Promise<string> {
  tokens.set(id, (await here.house.enrol(id)).token);
  return id;
}
const HOUR = 3_600_000;
const because = { reason: 'A test' };

beforeAll(async () => {
  here = await testSever();
});
afterAll(() => here.house.close());
beforeEach(async () => {
  await here.reset();
  Object.assign(here.house.people, { actor: { id: 'person:1', name: 'Ada Example' }, as: {} });
  gateway = await enrol('gateway-1');
  await here.fleet.start();
});
afterEach(() => here.fleet.stop());

const ask: Here['house']['ask'] = (...call) => here.house.ask(...call);
async function current(): Promise<Snapshot> {
  await here.fleet.refresh();
  return SnapshotSchema.parse(await here.fleet.compileSnapshot(gateway));
}
const states = async () =>
  Object.fromEntries((await current()).connections.map(({ slug, state }) => [slug, state]));
async function sever(target: object, more: object = {}): Promise<Severance> {
  const answer = await ask('POST', '/severances', { target, ...because, ...more });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}
const acme = { kind: 'vendor', id: 'acme' };
const reopen = (id: string, more: object = {}) =>
  ask('POST', `/severances/${id}/reopen`, { ...because, ...more });
const get = async (id: string): Promise<Severance> => (await ask('GET', `/severances/${id}`)).body;
const inTime = (ms: number) => new Date(here.platform.clock.now() + ms).toISOString();
/** What a gateway says once all of its workers run on a version. */
async function says(id: string, version: number) {
  const answer = await fleetRoutes(here.platform, here.fleet).request('/status', {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.get(id)}` },
    body: JSON.stringify({
      snapshotVersion: version,
      journal: { shipped: 0, behind: 0 },
      workers: { wanted: 2, serving: 2 },
      tls: null,
      durability: 'synced',
      outboundProxy: false,
    }),
  });
  expect(answer.status).toBe(204);
  await noteAcknowledged(here.platform);
}
async function openIncident(given: object = {}): Promise<string> {
  Object.assign(here.house.people.as, { kind: 'person' });
  const answer = await ask('POST', '/incidents', {
    title: 'Breach',
    playbook: 'made-up',
    ...because,
    ...given,
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
const linesOf = async (incident: string): Promise<string[]> =>
  (await ask('GET', `/incidents/${incident}/timeline`)).body.items
    .filter((item: { kind: string }) => item.kind === 'severance')
    .map((item: { text: string }) => item.text)
    .reverse();
const changes = async () =>
  (
    await here.platform.pool.query("SELECT act FROM change WHERE act LIKE 'severance.%' ORDER BY at, ctid")
  ).rows.map(({ act }) => act);
const line = (lists: SeverLine[], kind: SeverLine['kind']) => lists.filter((one) => one.kind === kind);

describe('what cuts or opens', () => {
  const late = () => here.house.platform.clock.now() - 6 * 60_000;

  test('asks for a factor by either way; a change of something else does not', async () => {
    const one = await here.house.connect({ slug: 'one' });
    const patch = (change: object) => ask('PATCH', `/connections/${one.id}`, { ...change, ...because });
    here.house.people.as = { steppedUpAt: late() };
    const refused = { status: 403, body: { code: 'step_up_needed' } };
    expect(await patch({ state: 'severed' })).toMatchObject(refused);
    expect(await patch({ name: 'Else', state: 'severed' })).toMatchObject(refused);
    expect(await ask('GET', `/connections/${one.id}`)).toMatchObject({
      body: { name: one.name, state: 'open' },
    });
    expect((await patch({ name: 'Renamed', state: 'open' })).status).toBe(200);
    here.house.people.as = {};
    expect((await patch({ state: 'severed' })).status).toBe(200);
    here.house.people.as = { steppedUpAt: late() };
    expect(await patch({ state: 'open' })).toMatchObject(refused);
    expect((await patch({ name: 'Again' })).body).toMatchObject({ name: 'Again', state: 'severed' });
    // As a command token, which has no factor at all.
    here.house.people.as = { steppedUpAt: null };
    expect(await patch({ state: 'open' })).toMatchObject(refused);
    expect(await states()).toEqual({ one: 'severed' });
  });
});

describe('a vendor', () => {
  test('is cut off with all its connections, also one that is made later, and opens as it was', async () => {
    await here.house.connect({ slug: 'one' });
    const own = await here.house.connect({ slug: 'two' });
    await ask('PATCH', `/connections/${own.id}`, { state: 'severed', ...because });
    const before = await current();
    const made = await sever(acme);
    await here.house.connect({ slug: 'three' });
    expect(await states()).toEqual({ one: 'severed', two: 'severed', three: 'severed' });
    expect((await current()).egress?.severed).toEqual(['acme']);
    expect((await reopen(made.id)).body).toMatchObject({ state: 'reopened', ended: { by: 'Ada Example' } });
    expect(await states()).toEqual({ one: 'open', two: 'severed', three: 'open' });
    const after = await current();
    expect(after.connections.filter(({ slug }) => slug !== 'three')).toEqual(before.connections);
    expect(after.egress).toEqual(before.egress);
    expect(await changes()).toEqual(['severance.begin', 'severance.reopen']);
    const again = await reopen(made.id);
    expect([again.status, again.body.code]).toEqual([409, 'severance_over']);
  });

  test('without a connection is cut off at the egress proxy', async () => {
    const made = await sever({ kind: 'vendor', id: 'beta' });
    expect((await current()).egress?.severed).toEqual(['beta']);
    expect(made.cutNow.map(({ id }) => id)).toEqual(['egress:beta']);
  });

  test('is not opened by the connection’s own page, nor by going back, while a severance holds', async () => {
    const one = await here.house.connect({ slug: 'one' });
    const { version } = await current();
    const { id } = await sever(acme);
    const tried = await ask('PATCH', `/connections/${one.id}`, { state: 'open', ...because });
    expect([tried.status, tried.body.code, tried.body.severances]).toEqual([409, 'severance_holds', [id]]);
    await current();
    const by = { actor: { id: 'person:1', name: 'Ada Example' }, reason: 'A test' };
    const basedOn = here.fleet.version() ?? 0;
    const back = await here.fleet.rollBack({ to: version, basedOn, reopen: true }, by);
    expect(JSON.stringify(back)).toContain('A severance holds it cut off');
    expect(await states()).toEqual({ one: 'severed' });
    expect((await ask('GET', `/connections/${one.id}`)).body).toMatchObject({
      state: 'severed',
      severances: [id],
    });
  });

  test('that nobody knows is none, and wrong input is named', async () => {
    const one = await here.house.connect();
    const wrong: [object, number, string | null][] = [
      [{ target: { kind: 'vendor', id: 'nobody' } }, 404, null],
      [{ target: { kind: 'connection', id: 'none' } }, 404, null],
      [{ target: { kind: 'field_class', id: 'acme' } }, 422, 'target.fieldClass'],
      [{ target: { kind: 'vendor', id: 'acme', fieldClass: 'person.email' } }, 422, 'target.fieldClass'],
      [{ target: { kind: 'vendor', id: 'acme', vendors: ['acme'] } }, 422, 'target.vendors'],
      [{ target: { kind: 'party', id: 'deep' } }, 422, 'target.vendors'],
      [{ target: { kind: 'party', id: 'deep', vendors: ['acme'] } }, 422, 'target.vendors'],
      [{ target: acme, until: inTime(0) }, 422, 'until'],
      [{ target: acme, until: inTime(400 * 24 * HOUR) }, 422, 'until'],
      [{ target: { kind: 'connection', id: one.id }, destroyPseudonyms: true }, 422, 'destroyPseudonyms'],
      [{ target: acme, incident: '0199c0de-0000-7000-8000-000000000001' }, 404, null],
      [{ target: { kind: 'planet', id: 'acme' } }, 400, 'target.kind'],
    ];
    for (const [given, status, field] of wrong) {
      const answer = await ask('POST', '/severances', { ...given, ...because });
      expect([given, answer.status, answer.body.errors?.[0]?.field ?? null]).toEqual([given, status, field]);
    }
    expect((await ask('POST', '/severances', { target: acme })).status).toBe(400);
    expect((await ask('GET', '/severances/0199c0de-0000-7000-8000-000000000001')).status).toBe(404);
    expect((await ask('GET', '/severance-plan')).status).toBe(422);
    expect((await ask('GET', '/severances')).body.items).toEqual([]);
    expect(await changes()).toEqual([]);
  });
});

describe('what overlaps', () => {
  test('stays cut off until the last of them is reopened', async () => {
    const one = await here.house.connect({ slug: 'one' });
    await here.house.connect({ slug: 'two' });
    const whole = await sever(acme);
    const single = await sever({ kind: 'connection', id: one.id });
    expect(single.heldBy).toMatchObject([{ id: whole.id, by: 'Ada Example' }]);
    const first = (await reopen(whole.id)).body;
    expect(first).toMatchObject({ state: 'reopened', heldBy: [{ id: single.id }] });
    expect(await states()).toEqual({ one: 'severed', two: 'open' });
    expect((await current()).egress?.severed).toEqual([]);
    await reopen(single.id);
    expect(await states()).toEqual({ one: 'open', two: 'open' });
  });

  test('two people at once both hold it; of twenty that reopen one, one does', async () => {
    await here.house.connect({ slug: 'one' });
    const made = await Promise.all([sever(acme), sever(acme), sever(acme)]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    const ids = made.map(({ id }) => id);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reopen(ids[0] ?? '')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...new Array(19).fill(409)]);
    expect(await states()).toEqual({ one: 'severed' });
    await Promise.all(ids.slice(1).map((id) => reopen(id)));
    expect(await states()).toEqual({ one: 'open' });
  });
});

describe('one field class', () => {
  const email = { kind: 'field_class', id: 'acme', fieldClass: 'person.email' };
  test('is refused or dropped wherever the contract names it, in every mode, and the contract is as it was after', async () => {
    const one = await here.house.connect({ slug: 'one', mode: 'observe' });
    const name = { kind: 'property', name: 'mail', class: 'person.email', treatment: 'pass', ...because };
    expect((await ask('POST', `/connections/${one.id}/contract/allow`, name)).status).toBe(200);
    const before = (await current()).connections[0];
    const made = await sever({ ...email, treatment: 'drop' });
    const cut = (await current()).connections[0];
    expect(cut).toMatchObject({ state: 'open', severed_classes: ['person.email'] });
    expect(cut?.contract.rules.classes['person.email']).toEqual({ do: 'drop' });
    expect(cut?.contract.rules.properties.mail?.treatment).toEqual({ do: 'drop' });
    // Of those that differ the strictest, whichever came first.
    const strict = await sever(email);
    const mild = await sever({ ...email, treatment: 'drop' });
    expect((await current()).connections[0]?.contract.rules.classes['person.email']).toEqual({
      do: 'refuse',
    });
    await reopen(strict.id);
    await reopen(mild.id);
    await reopen(made.id);
    expect((await current()).connections[0]).toEqual(before);
    expect((await current()).egress?.severed).toEqual([]);
  });

  test('under a contract that was changed meanwhile opens only after somebody has looked', async () => {
    const one = await here.house.connect({ slug: 'one' });
    const made = await sever(email, { until: inTime(HOUR) });
    const { current: contract } = (await ask('GET', `/connections/${one.id}/contract`)).body;
    const rules = {
      ...contract.rules,
      classes: { ...contract.rules.classes, 'person.email': { do: 'pass' } },
    };
    const changed = await ask('PUT', `/connections/${one.id}/contract`, {
      rules,
      basedOn: contract.version,
      ...because,
    });
    expect(changed.status).toBe(200);
    // Whatever the contract says now, the class stays cut off.
    expect((await current()).connections[0]?.contract.rules.classes['person.email']).toEqual({
      do: 'refuse',
    });
    expect((await get(made.id)).waits?.contracts).toEqual([
      { connection: { id: one.id, name: 'Acme' }, was: 1, now: 2 },
    ]);
    const tried = await reopen(made.id);
    expect([tried.status, tried.body.code, tried.body.contracts]).toMatchObject([
      409,
      'contract_changed',
      [{ was: 1, now: 2 }],
    ]);
    here.platform.advance(HOUR);
    await endDue(here.deps);
    expect(await get(made.id)).toMatchObject({
      state: 'partly',
      ended: null,
      waits: { why: 'contract_changed' },
    });
    expect((await current()).connections[0]).toHaveProperty('severed_classes');
    expect((await reopen(made.id, { contracts: { [one.id]: 1 } })).status).toBe(409);
    expect((await reopen(made.id, { contracts: { [one.id]: 2 } })).body).toMatchObject({
      state: 'reopened',
      waits: null,
    });
    expect((await current()).connections[0]?.contract.rules.classes['person.email']).toEqual({ do: 'pass' });
    expect(await changes()).toEqual(['severance.begin', 'severance.wait', 'severance.reopen']);
  });
});

describe('a sub-processor', () => {
  test('shows the vendors of ours before it one by one, and cuts off those that are chosen', async () => {
    await here.house.connect({ slug: 'one' });
    here.world.edges = [
      edge(US, 'acme', { layer: 'observed', source: { kind: 'gateway', text: 'crossings' } }),
      edge(US, 'beta', { source: { kind: 'accounts', text: 'accounts' } }),
      edge('acme', 'deep', { scopes: ['telemetry'] }),
      edge('beta', 'deep', { layer: 'observed' }),
    ];
    const plan = (await ask('GET', '/severance-plan?party=deep')).body;
    expect(plan.dependents).toEqual([
      {
        vendor: { id: 'acme', name: 'Acme' },
        through: [
          { id: 'acme', name: 'Acme' },
          { id: 'deep', name: 'Deep Ltd' },
        ],
        layer: 'declared',
        grade: 'observed',
        scopes: ['telemetry'],
      },
      {
        vendor: { id: 'beta', name: 'Beta' },
        through: [
          { id: 'beta', name: 'Beta' },
          { id: 'deep', name: 'Deep Ltd' },
        ],
        layer: 'observed',
        grade: 'capable',
        scopes: null,
      },
    ]);
    const made = await sever({ kind: 'party', id: 'deep', vendors: ['acme'] });
    expect(made.vendors).toEqual([{ id: 'acme', name: 'Acme' }]);
    expect(await states()).toEqual({ one: 'severed' });
    expect((await current()).egress?.severed).toEqual(['acme']);
    expect(line(made.notOurs, 'chain_link')).toMatchObject([
      {
        what: 'What Acme hands on to Deep Ltd (telemetry)',
        layer: 'declared',
        proof: { text: 'a made-up list' },
      },
    ]);
  });
});

describe('by time', () => {
  test('it opens when its time is over and not before, and stays cut off while nobody looks', async () => {
    await here.house.connect({ slug: 'one' });
    const { id } = await sever(acme, { until: inTime(HOUR) });
    here.platform.advance(HOUR - 1);
    expect(await endDue(here.deps)).toBe(0);
    expect(await states()).toEqual({ one: 'severed' });
    here.platform.advance(1);
    // The control plane is away: nothing in the snapshot opens by itself.
    expect(await states()).toEqual({ one: 'severed' });
    expect(await endDue(here.deps)).toBe(1);
    expect(await states()).toEqual({ one: 'open' });
    expect(await get(id)).toMatchObject({ state: 'ended', ended: { by: 'The launcher' } });
    expect(await changes()).toEqual(['severance.begin', 'severance.end']);
  });

  test('another one holds on', async () => {
    await here.house.connect({ slug: 'one' });
    await sever(acme, { until: inTime(HOUR) });
    await sever(acme, { until: inTime(2 * HOUR) });
    here.platform.advance(HOUR);
    await endDue(here.deps);
    expect(await states()).toEqual({ one: 'severed' });
    here.platform.advance(HOUR);
    await Promise.all([endDue(here.deps), endDue(here.deps)]);
    expect(await states()).toEqual({ one: 'open' });
    expect((await changes()).filter((act) => act === 'severance.end')).toHaveLength(2);
  });
});

describe('where it is in force', () => {
  test('is what gateways say; one that is away makes it partly so, with its name', async () => {
    await here.house.connect({ slug: 'one' });
    await enrol('gateway-2');
    await says('gateway-1', (await current()).version);
    await says('gateway-2', here.fleet.version() ?? 0);
    const { id } = await sever(acme);
    expect(await get(id)).toMatchObject({ state: 'partly', inForce: [{ at: null }, { at: null }] });
    const version = (await current()).version;
    here.platform.advance(300);
    const heard = inTime(0);
    await says('gateway-1', version);
    const partly = await get(id);
    expect(partly).toMatchObject({
      state: 'partly',
      inForce: [
        { gateway: 'gateway-1', workers: 2, at: heard },
        { gateway: 'gateway-2', at: null },
      ],
    });
    expect(partly.cutNow[0]?.proof?.text).toMatch(
      /at gateway-1 \(2 workers\) since .*; not yet at gateway-2, last seen/,
    );
    expect(partly.cutNow[0]?.done).toBeNull();
    here.platform.advance(60_000);
    await says('gateway-2', version);
    await says('gateway-1', version + 1);
    const all = await get(id);
    expect(all).toMatchObject({ state: 'in_force', inForce: [{ at: heard }, { at: inTime(0) }] });
    expect(all.cutNow[0]?.done).toMatchObject({ at: inTime(0), by: 'Drawbridge' });
    // One that came back with an older snapshot has it no longer.
    await says('gateway-2', version - 1);
    expect(await get(id)).toMatchObject({ state: 'partly', inForce: [{ at: heard }, { at: null }] });
  });
});

describe('the lists', () => {
  test('say what is revoked elsewhere; a line is marked with a proof, sealed, and stays when it is seen no more', async () => {
    const one = await here.house.connect({ slug: 'one' });
    await ask('PUT', `/connections/${one.id}/credential`, { value: 'made-up-vendor-key-1234', ...because });
    here.world.accounts = [{ vendor: 'acme', people: 3, accounts: 4, layer: 'observed' }];
    const made = await sever(acme);
    expect(made.revokeThere.map(({ kind, what }) => [kind, what])).toEqual([
      ['credential', 'Revoke at Acme the key of Acme, version 1: the vendor takes it until then'],
      ['accounts', 'Close or lock 4 accounts of our people at Acme'],
    ]);
    expect(made.unknown.map(({ id }) => id)).toContain('unknown:acme:webhooks');
    const accounts = 'accounts:acme:acme';
    const path = `/severances/${made.id}/lines/${encodeURIComponent(accounts)}`;
    expect((await ask('POST', path, { done: true, ...because })).status).toBe(422);
    const marked = await ask('POST', path, { done: true, proof: 'Ticket 4711', ...because });
    expect(marked.body.revokeThere[1].done).toMatchObject({ by: 'Ada Example', proof: 'Ticket 4711' });
    const { rows } = await here.platform.pool.query('SELECT t::text AS row FROM severance_line t');
    expect(rows[0].row).not.toContain(Buffer.from('4711').toString('hex'));
    here.world.accounts = [];
    expect((await get(made.id)).revokeThere).toMatchObject([
      { kind: 'credential', done: null },
      {
        id: accounts,
        what: 'Close or lock 4 accounts of our people at Acme',
        done: { proof: 'Ticket 4711' },
      },
    ]);
    await ask('POST', path, { done: false, ...because });
    expect((await get(made.id)).revokeThere).toHaveLength(1);
    const ours = `/severances/${made.id}/lines/${encodeURIComponent(`connection:${one.id}`)}`;
    expect((await ask('POST', ours, { done: true, proof: 'I saw it', ...because })).status).toBe(422);
    expect(
      (await ask('POST', `/severances/${made.id}/lines/none`, { done: true, proof: 'x', ...because })).status,
    ).toBe(404);
  });
});

describe('pseudonyms', () => {
  const epochs = async () =>
    (
      await here.platform.pool.query(
        'SELECT epoch, wrapped IS NULL AS gone FROM vendor_secret ORDER BY epoch',
      )
    ).rows;

  test('are destroyed with it, once, and reopening does not bring them back', async () => {
    await here.house.connect({ slug: 'one' });
    await current();
    const plan = (await ask('GET', '/severance-plan?vendor=acme')).body;
    expect(plan.consequences.pseudonyms).toMatchObject({ epochs: [{ epoch: 1 }], people: 0 });
    expect(plan.consequences.pseudonyms.text).toContain('can not be undone');
    const made = await sever(acme, { destroyPseudonyms: true });
    expect(made.pseudonyms).toMatchObject([{ vendor: { id: 'acme' }, epoch: 1 }]);
    expect(made.pseudonyms[0]?.destroyedAt).not.toBeNull();
    await reopen(made.id);
    expect(await epochs()).toEqual([
      { epoch: 1, gone: true },
      { epoch: 2, gone: false },
    ]);
  });

  test('that a crash kept from being destroyed are destroyed after it, and not those of the next epoch', async () => {
    await here.house.connect({ slug: 'one' });
    await current();
    const made = await sever(acme, { destroyPseudonyms: true });
    // As after a crash between destroying and writing it down, and as after one before both.
    const forget = () => here.platform.pool.query('UPDATE severance_vendor SET destroyed_at = NULL');
    await forget();
    expect(await destroyAsked(here.deps)).toBe(1);
    expect(await epochs()).toEqual([
      { epoch: 1, gone: true },
      { epoch: 2, gone: false },
    ]);
    await here.platform.pool.query('UPDATE severance_vendor SET destroyed_at = NULL, epoch = 2');
    const watch = here.sever.watch();
    await expect.poll(async () => (await get(made.id)).pseudonyms[0]?.destroyedAt).not.toBeNull();
    await watch.stop();
    expect((await epochs()).map(({ gone }) => gone)).toEqual([true, true, false]);
  });
});

describe('an incident', () => {
  test('gets a line of each act, and opening does not wait for one that was merged', async () => {
    await here.house.connect({ slug: 'one' });
    const incident = await openIncident();
    const { id } = await sever(acme, { incident });
    expect(await get(id)).toMatchObject({ incident: { id: incident, title: 'Breach', drill: false } });
    const path = `/severances/${id}/lines/${encodeURIComponent('unknown:acme:webhooks')}`;
    await ask('POST', path, { done: true, proof: 'Looked', ...because });
    await reopen(id);
    const said = await linesOf(incident);
    expect(said.map((text) => text.split(/[:;]/)[0])).toEqual(['Cut off', 'Done', 'Reopened']);
    const second = await sever(acme, { incident });
    const other = await openIncident();
    await ask('POST', `/incidents/${incident}/merge`, { other, ...because });
    expect((await reopen(second.id)).status).toBe(200);
    expect((await ask('POST', '/severances', { target: acme, incident, ...because })).status).toBe(409);
  });

  test('that is a drill cuts nothing, destroys nothing, and says so', async () => {
    await here.house.connect({ slug: 'one' });
    const before = await current();
    const incident = await openIncident({ drill: true });
    const never = await ask('POST', '/severances', {
      target: acme,
      incident,
      destroyPseudonyms: true,
      ...because,
    });
    expect([never.status, never.body.errors[0].field]).toEqual([422, 'destroyPseudonyms']);
    const made = await sever(acme, { incident, until: inTime(HOUR) });
    expect(made).toMatchObject({ state: 'rehearsal', inForce: [], incident: { drill: true } });
    expect(made.cutNow[0]).toMatchObject({ done: null, proof: { text: 'A rehearsal: nothing was cut' } });
    expect(await linesOf(incident)).toMatchObject([expect.stringMatching(/^Rehearsed cutting off: Acme/)]);
    expect(await current()).toMatchObject({ connections: before.connections, egress: before.egress });
    here.platform.advance(HOUR);
    await endDue(here.deps);
    expect(await get(made.id)).toMatchObject({ state: 'rehearsal', ended: { by: 'The launcher' } });
    expect((await changes())[0]).toBe('severance.rehearse');
  });

  test('that is restricted is not told of to who is no member, and takes no severance of theirs', async () => {
    const incident = await openIncident({ restricted: true });
    const { id } = await sever({ kind: 'vendor', id: 'beta' }, { incident });
    Object.assign(here.house.people, { actor: { id: 'person:2', name: 'Bob Example' } });
    expect(await get(id)).toMatchObject({ incident: null });
    expect((await ask('POST', '/severances', { target: acme, incident, ...because })).status).toBe(404);
    expect((await ask('GET', `/severances?incident=${incident}`)).status).toBe(404);
  });
});

test('the list is paged, the newest first', async () => {
  for (const id of ['acme', 'beta', 'deep']) {
    here.platform.advance(1);
    await sever({ kind: 'vendor', id });
  }
  const first = (await ask('GET', '/severances?limit=2')).body;
  expect(first.items.map((one: Severance) => one.target.id)).toEqual(['deep', 'beta']);
  const second = (await ask('GET', `/severances?limit=2&cursor=${first.next}`)).body;
  expect(second.items.map((one: Severance) => one.target.id)).toEqual(['acme']);
  expect((await ask('GET', '/severances?vendor=beta&open=true')).body.items).toHaveLength(1);
});
