import { createHash } from 'node:crypto';
import { parseSnapshot } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { CREDENTIAL } from '../fleet/testing-fleet.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import {
  type Action,
  allActions,
  blobRoutes,
  createBlobs,
  createRouter,
  handleErrors,
} from '../platform/index.ts';
import { testCaller } from '../platform/testing.ts';
import { createRegister, type Ledger, type Register, registerRoutes } from './index.ts';

/** The register as it is asked for, beside a whole fleet on a real database. All vendors and people are made up. */
const DAY = 86_400_000;
let house: TestHouse;
let register: Register;
let routes: ReturnType<typeof createRouter>;
let held: Awaited<ReturnType<Ledger['got']>>;
let actions: ReadonlySet<Action>;
let steppedUpAt: number | null;

beforeAll(async () => {
  let withheld: Register['withheld'] = async () => new Map();
  house = await testHouse({ withheld: (tx) => withheld(tx) });
  const { platform } = house;
  const sealer = await testSealer(platform);
  const blobs = createBlobs(platform, sealer);
  register = createRegister({
    platform,
    blobs,
    sealer,
    ledger: {
      got: async (_, deletedUntil) => ({
        ...held,
        people: held.classes.some((one) => deletedUntil(one.class) === null) ? held.people : 0,
      }),
    },
    nameOf: (vendor) => (vendor === 'acme' ? 'Acme' : vendor),
  });
  withheld = register.withheld;
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', { ...testCaller(), actions, steppedUpAt: steppedUpAt ?? platform.clock.now() });
    await next();
  });
  routes.route('/', blobRoutes(blobs)).route(
    '/',
    registerRoutes(register, async () => () => undefined),
  );
});
afterAll(() => house.close());
beforeEach(async () => {
  held = { people: 0, classes: [] };
  actions = new Set(allActions);
  steppedUpAt = null;
  await house.platform.pool.query(
    `TRUNCATE register_vendor, register_request, register_exception, blob, blob_use, setting, change,
      connection, credential, contract_version CASCADE`,
  );
});

async function ask(method: string, path: string, body?: object) {
  const response = await routes.request(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'A test' },
    ...(body === undefined ? {} : { body: JSON.stringify({ reason: 'A test', ...body }) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const day = (days = 0) => new Date(house.platform.clock.now() + days * DAY).toISOString().slice(0, 10);
const enter = (id = 'acme', given: object = {}) => ask('POST', '/register', { id, name: 'Acme', ...given });
const agree = (given: object = {}, vendor = 'acme') =>
  ask('POST', `/register/${vendor}/agreements`, {
    kind: 'dpa',
    signedOn: day(-30),
    openEnded: !('validUntil' in given),
    source: 'signed copy',
    asOf: day(),
    ...given,
  });
const say = (kind: string, key: string, value: unknown, given: object = {}) =>
  ask('PUT', '/register/acme/statements', { kind, key, value, source: 'their page', asOf: day(), ...given });
async function store(text: string): Promise<string> {
  const hash = createHash('sha256').update(text).digest('hex');
  const answer = await routes.request(`/blobs/${hash}`, {
    method: 'PUT',
    headers: { 'x-drawbridge-reason': 'A test' },
    body: text,
  });
  expect(answer.status).toBe(200);
  return hash;
}
const acts = async () =>
  (await house.platform.pool.query('SELECT act FROM change ORDER BY act')).rows.map(({ act }) => act);

describe('a vendor', () => {
  test('is a candidate when entered, and what was not said is unknown and missing', async () => {
    const made = await enter();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ status: 'candidate', owner: null, criticality: 'unknown', tier: null });
    expect(made.body.missing.map(({ code }: { code: string }) => code)).toEqual(
      expect.arrayContaining(['owner', 'purpose', 'criticality', 'tier', 'agreement', 'data', 'residency']),
    );
    expect((await enter()).body).toMatchObject({ code: 'vendor_there' });
    expect((await enter('export')).status).toBe(422);
    expect(await acts()).toEqual(['register.enter']);
  });

  test('that is connected and was never entered is not entered, which is not approved', async () => {
    await house.connect({});
    const list = (await ask('GET', '/register')).body;
    expect(list).toMatchObject({ items: [], notEntered: [{ id: 'acme', name: 'Acme', connections: 1 }] });
    expect((await ask('GET', '/register/acme')).body).toMatchObject({ status: 'not_entered', mayMoveTo: [] });
    expect((await ask('GET', '/register/nobody')).status).toBe(404);
    expect(await register.statusOf(['acme'])).toEqual(new Map([['acme', 'not_entered']]));
    await enter();
    expect((await ask('GET', '/register')).body).toMatchObject({ items: [{ id: 'acme' }], notEntered: [] });
  });

  test('moves only where the table says, and each move is a change with its reason', async () => {
    await enter();
    const move = (to: string) => ask('POST', '/register/acme/status', { to });
    expect(await move('approved')).toMatchObject({ status: 409, body: { may: ['under_review', 'ended'] } });
    expect((await move('under_review')).body.status).toBe('under_review');
    expect((await move('approved')).body.status).toBe('approved');
    expect(await acts()).toEqual(['register.enter', 'register.move', 'register.move']);
    const { rows } = await house.platform.pool.query(`SELECT reason FROM change WHERE act = 'register.move'`);
    expect(rows).toEqual([{ reason: 'A test' }, { reason: 'A test' }]);
  });

  test('gets a tier from who may change it, and another one only from who may decide', async () => {
    await enter();
    actions = new Set<Action>(['register.read', 'register.change']);
    expect((await ask('PATCH', '/register/acme', { tier: 'nonsense' })).status).toBe(422);
    expect((await ask('PATCH', '/register/acme', { tier: 'high' })).body.tier).toBe('high');
    expect((await ask('PATCH', '/register/acme', { tier: 'none' })).body).toMatchObject({
      code: 'not_permitted',
    });
    actions = new Set(allActions);
    expect((await ask('PATCH', '/register/acme', { tier: 'none' })).body.tier).toBe('none');
  });

  test('is entered once by other rooms, and keeps what it has', async () => {
    const by = { actor: { id: 'x', name: 'X' }, reason: 'Found' };
    const ensure = () => register.change((tx) => register.ensure(tx, { id: 'new-one', name: 'New one' }, by));
    expect([await ensure(), await ensure()]).toEqual([true, false]);
    expect(await register.ids()).toEqual(['new-one']);
    expect(await register.names(['new-one', 'acme', 'other'])).toEqual(
      new Map([
        ['new-one', 'New one'],
        ['acme', 'Acme'],
        ['other', 'other'],
      ]),
    );
  });
});

describe('a list', () => {
  test('is paged in order of names, searched and filtered', async () => {
    for (const id of ['c-one', 'a-two', 'b_'.replace('_', '-x')]) await enter(id, { name: id.toUpperCase() });
    await enter('d-four', { name: 'a-two too', owner: 'Ada Example', criticality: 'critical' });
    const first = (await ask('GET', '/register?limit=2')).body;
    const second = (await ask('GET', `/register?limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual([
      'a-two',
      'd-four',
      'b-x',
      'c-one',
    ]);
    expect(second.next).toBeNull();
    expect((await ask('GET', '/register?search=ada')).body.items).toMatchObject([{ id: 'd-four' }]);
    expect((await ask('GET', '/register?search=%25')).body.items).toEqual([]);
    expect((await ask('GET', '/register?criticality=critical')).body.items).toHaveLength(1);
  });

  test('is filtered by tier, by owner, by what nobody said, and by what is due as its lines say it', async () => {
    await enter('one', { name: 'One', owner: 'Ada Example', tier: 'standard' });
    await enter('two', { name: 'Two', owner: 'Bo Example', tier: 'high' });
    await enter('three', { name: 'Three', owner: 'Ada Example', tier: 'standard' });
    await enter('four', { name: 'Four' });
    const today = day();
    await ask('POST', '/register/one/reviews', {
      ...{ reviewedOn: today, outcome: 'passed', note: 'Read', reviewer: 'Ada Example', files: [] },
      reason: 'A look',
    });
    const listed = async (query: string): Promise<string[]> =>
      (await ask('GET', `/register?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await listed('tier=standard')).toEqual(['one', 'three']);
    expect(await listed('owner=Ada%20Example&tier=standard&search=thr')).toEqual(['three']);
    expect(await listed('lacks=owner')).toEqual(['four']);
    expect(await listed('lacks=tier')).toEqual(['four']);
    expect((await ask('GET', '/register')).body.owners).toEqual(['Ada Example', 'Bo Example']);
    for (const days of [0, 100, 364, 365, 400]) {
      const by = day(days);
      const all = (await ask('GET', '/register')).body.items as { id: string; nextReview: string | null }[];
      const due = all.filter(({ nextReview }) => nextReview !== null && nextReview <= by);
      expect(await listed(`dueBy=${by}`)).toEqual(due.map(({ id }) => id));
    }
    expect(await listed(`dueBy=${today}`)).toEqual(['three', 'two']);
  });
});

describe('a statement', () => {
  test('has its source and its day; a contact lies sealed', async () => {
    await enter();
    expect((await say('notice_hours', '', 72, { source: '' })).status).toBe(400);
    await say('notice_hours', '', 72);
    const shown = (await say('incident_contact', '', 'security@acme.example')).body;
    expect(shown.statements).toMatchObject([
      { kind: 'incident_contact', value: 'security@acme.example', source: 'their page', asOf: day() },
      { kind: 'notice_hours', value: 72, statedBy: 'Someone' },
    ]);
    const { rows } = await house.platform.pool.query('SELECT * FROM register_statement');
    const { rows: changes } = await house.platform.pool.query('SELECT * FROM change');
    expect(JSON.stringify(rows)).not.toContain('security@');
    expect(Buffer.concat(rows.map(({ sealed }) => sealed ?? Buffer.alloc(0))).includes('security@')).toBe(
      false,
    );
    expect(JSON.stringify(changes)).not.toContain('security@');
    // For clocks, of many at once; who is not entered, or says nothing, is left out.
    expect(await register.noticeHours(['acme', 'other'])).toEqual([
      { vendor: 'acme', hours: 72, source: 'their page', asOf: day(), by: 'Someone' },
    ]);
    expect(await register.noticeHours(['other'])).toEqual([]);
    await ask('POST', '/register/acme/statements/remove', { kind: 'notice_hours' });
    expect(await register.noticeHours(['acme'])).toEqual([]);
    const after = (await ask('GET', '/register/acme')).body;
    expect(after.missing).toContainEqual(expect.objectContaining({ code: 'notice_hours' }));
  });

  test('keeps its files, and refuses one that is not stored', async () => {
    await enter();
    const hash = await store('We deleted it all.');
    const deletion = { on: day(), what: 'All of it' };
    const told = await say('deletion', 'all', deletion, { files: [{ hash: 'a'.repeat(64), name: 'x' }] });
    expect([told.status, told.body.errors[0].field]).toEqual([422, 'files.0.hash']);
    expect((await ask('GET', '/register/acme')).body.statements).toEqual([]);
    const kept = (await say('deletion', 'all', deletion, { files: [{ hash, name: 'letter.txt' }] })).body;
    expect(kept.statements[0].files).toMatchObject([{ name: 'letter.txt', type: 'text/plain', hash }]);
  });
});

describe('a vendor that ended', () => {
  test('still has what is not proven deleted, until a proof is kept', async () => {
    await enter('acme', { criticality: 'supporting' });
    await ask('POST', '/register/acme/status', { to: 'ended' });
    const lastSeenAt = new Date(house.platform.clock.now() - DAY).toISOString();
    const one = (name: string, treatment = 'pass') => ({ class: name, treatment, lastSeenAt });
    held = {
      people: 1204,
      classes: [one('person.email'), one('person.name'), one('network.ip'), one('geo.city', 'drop')],
    };
    expect((await ask('GET', '/register/acme')).body).toMatchObject({
      status: 'ended',
      undeleted: { classes: ['person.email', 'person.name', 'network.ip'], people: 1204 },
    });
    await say('deletion', 'all', { on: day(), what: 'They say so' });
    expect((await ask('GET', '/register/acme')).body.undeleted.people).toBe(1204);
    expect(await register.proven()).toEqual(new Map());
    const hash = await store('A certificate of deletion.');
    await say(
      'deletion',
      'all',
      { on: day(), what: 'They say so' },
      { files: [{ hash, name: 'proof.txt' }] },
    );
    expect((await ask('GET', '/register/acme')).body.undeleted).toMatchObject({ classes: [], people: 0 });
    const until = (await register.proven()).get('acme');
    expect(until?.('network.ip')).toBe(Date.parse(day(1)) - 1);
  });
});

describe('agreements and reviews', () => {
  test('come up before they run out, and not once they were ended', async () => {
    await enter();
    const { id } = (await agree({ validUntil: day(20), noticeDays: 10 })).body;
    await agree({ kind: 'nda', validUntil: day(60) });
    await agree({ kind: 'msa', validUntil: day(120) });
    const within = async (days: number) =>
      (await ask('GET', `/agreements?within=${days}`)).body.items.map(
        ({ kind, due }: { kind: string; due: string }) => `${kind} ${due}`,
      );
    expect(await within(90)).toEqual(['dpa 30', 'nda 90']);
    expect(await within(7)).toEqual([]);
    const change = { kind: 'dpa', signedOn: day(-30), validUntil: day(20), source: 'x', asOf: day() };
    await ask('PUT', `/agreements/${id}`, { ...change, endedOn: day() });
    expect(await within(90)).toEqual(['nda 90']);
    expect((await agree({ validUntil: day(-40) })).body.errors[0].field).toBe('validUntil');
    await ask('POST', `/agreements/${id}/remove`, {});
    expect((await ask('GET', '/register/acme')).body.agreements).toHaveLength(2);
  });

  test('say how long one may object to a new sub-processor, while they are in force; of several the shortest', async () => {
    await enter();
    await enter('other');
    const asked = (vendor = 'acme') =>
      house.platform.db.transaction().execute((tx) => register.objectionDays(tx, vendor));
    const { id } = (await agree({ objectionDays: 30 })).body;
    await agree({ kind: 'msa' });
    await agree({ kind: 'scc', objectionDays: 3, validUntil: day(-1) });
    await agree({ kind: 'dpa', objectionDays: 1, signedOn: null });
    expect([await asked(), await asked('other')]).toEqual([30, null]);
    await agree({ kind: 'scc', objectionDays: 20 });
    expect(await asked()).toBe(20);
    expect((await ask('GET', '/register/acme')).body.agreements).toContainEqual(
      expect.objectContaining({ id, objectionDays: 30 }),
    );
    expect((await agree({ objectionDays: 400 })).body.errors[0].field).toBe('objectionDays');
  });

  test('a review moves the next one by the tier; one that failed leaves it due', async () => {
    await enter('acme', { tier: 'standard' });
    const review = (given: object) =>
      ask('POST', '/register/acme/reviews', {
        reviewedOn: day(),
        outcome: 'passed',
        note: 'Read their report',
        reviewer: 'Ada Example',
        ...given,
      });
    expect((await ask('GET', '/register/acme')).body.nextReview).toBe(day());
    expect((await review({})).body.nextReview).toBe(day(365));
    await agree({ validUntil: day(365) });
    const due = async () =>
      (await ask('GET', `/vendor-reviews?from=${day(1)}&to=${day(365)}`)).body.items.map(
        ({ kind, on }: { kind: string; on: string }) => [kind, on],
      );
    expect(await due()).toEqual([
      ['review', day(365)],
      ['agreement', day(365)],
    ]);
    const failed = (await review({ outcome: 'failed' })).body;
    expect(failed).toMatchObject({ reviewedOn: null, nextReview: day() });
    expect((await review({ reviewedOn: day(1) })).status).toBe(422);
    // An older one that is recorded later is not the last one.
    expect((await review({ reviewedOn: day(-100) })).body.reviewedOn).toBeNull();
  });
});

describe('a connection that was asked for', () => {
  const inSnapshot = async (fleet: ReturnType<TestHouse['newFleet']>, gateway: string, id: string) => {
    await fleet.refresh();
    const snapshot = await fleet.compileSnapshot(gateway);
    expect(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    const found = snapshot.connections.find((one) => one.id === id);
    const { withheld, closes_at, credential } = found ?? {};
    return { withheld, closes_at, credential: credential !== null, version: snapshot.version };
  };

  test('keeps its credential from gateways until its tier’s conditions hold, and works by an exception meanwhile', async () => {
    const fleet = house.newFleet();
    const gateway = await house.enrol('gateway-1');
    const made = await house.connect({ credential: CREDENTIAL });
    const now = () => inSnapshot(fleet, gateway.id, made.id);
    expect(await now()).toMatchObject({ withheld: undefined, credential: true });

    await enter('acme', { tier: 'standard' });
    const request = { purpose: 'Count visits', data: ['network.ip'], owner: 'Ada Example' };
    const asked = (await ask('PUT', `/connections/${made.id}/request`, request)).body;
    expect(asked).toMatchObject({ request: { tier: 'standard' }, standing: { open: false } });
    expect(await now()).toMatchObject({
      withheld: ['No DPA is in force with the vendor.'],
      credential: false,
    });
    expect(await register.standing(made.id)).toMatchObject({ open: false, reasons: [{ code: 'agreement' }] });

    const until = new Date(house.platform.clock.now() + DAY).toISOString();
    await ask('POST', `/connections/${made.id}/exceptions`, { owner: 'Ada Example', until });
    // A gateway that hears nothing more closes it by itself.
    expect(await now()).toMatchObject({
      withheld: undefined,
      credential: true,
      closes_at: Date.parse(until),
    });
    house.platform.advance(2 * DAY);
    expect(await now()).toMatchObject({ credential: false });
    await agree();
    expect(await now()).toMatchObject({ withheld: undefined, credential: true });
    const { version } = await now();
    await enter('other');
    expect((await now()).version).toBe(version);
  });

  test('gets another tier than the vendor’s from who may decide alone, and an end that is near enough', async () => {
    const made = await house.connect({});
    await enter('acme', { tier: 'high' });
    const request = { purpose: 'Count visits', data: [], owner: 'Ada Example' };
    actions = new Set<Action>(['register.read', 'register.change']);
    const lower = await ask('PUT', `/connections/${made.id}/request`, { ...request, tier: 'none' });
    expect(lower).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
    expect((await ask('PUT', `/connections/${made.id}/request`, request)).body.request.tier).toBe('high');
    actions = new Set(allActions);
    const far = new Date(house.platform.clock.now() + 400 * DAY).toISOString();
    const grant = (end: string) =>
      ask('POST', `/connections/${made.id}/exceptions`, { owner: 'Ada Example', until: end });
    expect((await grant(far)).status).toBe(422);
    const granted = (await grant(new Date(house.platform.clock.now() + DAY).toISOString())).body;
    expect(granted.standing.open).toBe(true);
    const id = granted.exceptions[0].id;
    expect((await ask('POST', `/register-exceptions/${id}/end`, {})).status).toBe(204);
    expect((await ask('POST', `/register-exceptions/${id}/end`, {})).body.code).toBe('already_over');
    expect((await register.standing(made.id)).open).toBe(false);
  });

  test('gets no easier tier by way of its vendor, nor one by a factor used long ago', async () => {
    const made = await house.connect({});
    const rules = (await ask('GET', '/register/rules')).body;
    await ask('PUT', '/register/rules', { rules: { ...rules, usualTier: 'high' } });
    actions = new Set<Action>(['register.read', 'register.change']);
    const easier = { tier: 'none' };
    expect(await enter('acme', easier)).toMatchObject({ status: 403, body: { action: 'register.decide' } });
    const file = { format: 'csv', content: 'id,name,tier\nacme,Acme,none\n', source: 'A list', asOf: day() };
    expect((await ask('POST', '/register/imports', file)).status).toBe(403);
    expect((await enter('acme')).status).toBe(201);
    expect((await ask('PATCH', '/register/acme', easier)).status).toBe(403);
    expect((await ask('POST', '/register/imports', file)).status).toBe(403);
    const request = { purpose: 'Count visits', data: [], owner: 'Ada Example' };
    const asked = await ask('PUT', `/connections/${made.id}/request`, request);
    expect(asked.body).toMatchObject({ request: { tier: 'high' }, standing: { open: false } });

    actions = new Set(allActions);
    steppedUpAt = 0;
    const late = await ask('PUT', `/connections/${made.id}/request`, { ...request, ...easier });
    expect(late).toMatchObject({ status: 403, body: { code: 'step_up_needed' } });
    expect((await ask('PATCH', '/register/acme', easier)).body.code).toBe('step_up_needed');
    steppedUpAt = house.platform.clock.now();
    expect((await ask('PATCH', '/register/acme', easier)).body.tier).toBe('none');
  });

  test('is wanted of new connections once the rules say so, and of none that was there', async () => {
    const before = await house.connect({});
    house.platform.advance(1_000);
    const rules = (await ask('GET', '/register/rules')).body;
    const requestsSince = new Date(house.platform.clock.now()).toISOString();
    const set = await ask('PUT', '/register/rules', { rules: { ...rules, requestsSince } });
    expect(set.status).toBe(200);
    const after = await house.connect({ name: 'Later' });
    expect(await register.standing(before.id)).toMatchObject({ open: true });
    expect(await register.standing(after.id)).toMatchObject({
      open: false,
      reasons: [{ code: 'request_missing' }],
    });
    expect((await ask('PUT', '/register/rules', { rules: { ...rules, usualTier: 'x' } })).status).toBe(400);
  });
});
