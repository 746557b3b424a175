import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Clock, Clocks, readTime } from '@drawbridge/clocks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFactsFile } from '../laws/index.ts';
import { shippedClockLaw } from '../laws/testing.ts';
import { emptied, type TestRoom, testRoom } from './testing.ts';
import type { WallItem } from './wall.ts';

let room: TestRoom;
beforeAll(async () => {
  room = await testRoom();
});
afterAll(() => room.close());
beforeEach(async () => {
  room.who = { ...room.who, id: 'person-1', name: 'Ada Example', kind: 'person' };
  await emptied(room);
});

const AWARE = '2025-11-08T14:10:00+01:00';
const DUE = '2025-11-11T14:10:00+01:00';
const german = { country: 'DE', countries: ['DE'], answers: { controller: 'yes', processor: 'no' } };

const setProfile = async (profile: object = german) => {
  const { revision } = (await room.ask('GET', '/organisation/profile')).body;
  return room.ask('PUT', '/organisation/profile', { profile, revision, reason: 'A test' });
};
const enter = (id: string, given: object) =>
  room.ask('PATCH', `/incidents/${id}/clocks`, { reason: 'A test', ...given });
const end = (id: string, rule: string, how: string, given: object) =>
  room.ask('POST', `/incidents/${id}/clocks/${rule}/${how}`, { reason: 'A test', ...given });
const lines = async (id: string): Promise<{ kind: string; text: string; by: string }[]> =>
  (await room.ask('GET', `/incidents/${id}/timeline`)).body.items;
const clockIn = (view: { result: { clocks: { rule: string }[] } }, rule: string) =>
  view.result.clocks.find((clock) => clock.rule === rule) as Clock | undefined;

describe('clocks of an incident', () => {
  test('start from what a person enters, each by its own time, and the timeline tells of it', async () => {
    await setProfile();
    const { id } = await room.open();
    const before = await room.clocks(id);
    expect(clockIn(before, 'gdpr-33')).toMatchObject({ state: 'waiting', due: null });
    expect(before.facts).toEqual({ times: {}, answers: {}, ends: {} });
    const { status, body } = await enter(id, {
      times: { aware_incident: '2025-11-08T10:00:00+01:00', aware_personal_data: AWARE },
    });
    expect(status).toBe(200);
    expect(clockIn(body, 'gdpr-33')).toMatchObject({ state: 'running', due: { at: DUE } });
    // Knowing of an incident is not knowing of personal data in it.
    expect(clockIn(body, 'gdpr-33')?.start?.at).toBe(AWARE);
    expect(
      (await lines(id)).filter(({ kind }) => kind === 'clock').map(({ text, by }) => [text, by]),
    ).toEqual([
      [`aware of the personal data breach: ${AWARE}`, 'Ada Example'],
      ['aware of the security incident: 2025-11-08T10:00:00+01:00', 'Ada Example'],
    ]);
    const changes = await room.platform.pool.query(`SELECT act FROM change WHERE act = 'incident.clock'`);
    expect(changes.rowCount).toBe(2);
  });

  test('keep the former time, with who entered it and when, where one is corrected or taken back', async () => {
    await setProfile();
    const { id } = await room.open();
    await enter(id, { times: { aware_personal_data: '2025-11-07T09:00:00+01:00' } });
    room.platform.advance(60_000);
    room.who = { ...room.who, id: 'person-2', name: 'Bo Example' };
    const { body } = await enter(id, { times: { aware_personal_data: AWARE } });
    expect(body.facts.times).toEqual({ aware_personal_data: AWARE });
    expect(body.entered).toMatchObject([
      { value: '2025-11-07T09:00:00+01:00', by: 'Ada Example', stands: false },
      { value: AWARE, by: 'Bo Example', stands: true },
    ]);
    expect(body.entered[1].at > body.entered[0].at).toBe(true);
    const back = await enter(id, { times: { aware_personal_data: null } });
    expect(clockIn(back.body, 'gdpr-33')?.state).toBe('waiting');
    expect(back.body.entered).toHaveLength(3);
  });

  test('refuse what is no time, no question, no choice, or lies ahead, and enter nothing of the rest', async () => {
    const { id } = await room.open();
    const wrong: [object, string][] = [
      [{ times: { aware_personal_data: AWARE, noticed: AWARE } }, 'times.noticed'],
      [{ times: { aware_personal_data: '2025-11-08T14:10:00' } }, 'times.aware_personal_data'],
      [{ times: { aware_personal_data: '2025-12-08T14:10:00Z' } }, 'times.aware_personal_data'],
      [{ answers: { controller: 'yes', banker: 'yes' } }, 'answers.banker'],
      [{ answers: { nis2: 'yes' } }, 'answers.nis2'],
    ];
    for (const [given, field] of wrong) {
      const { status, body } = await enter(id, given);
      expect([status, body.errors[0].field]).toEqual([422, field]);
    }
    expect((await room.clocks(id)).entered).toEqual([]);
    expect((await lines(id)).filter(({ kind }) => kind === 'clock')).toEqual([]);
  });

  test('end by a submission with its receipt, which is what starts another clock', async () => {
    await setProfile({ ...german, answers: { ...german.answers, nis2: 'essential' } });
    const { id } = await room.open();
    await enter(id, { times: { aware_significant: AWARE, aware_personal_data: AWARE } });
    expect(clockIn(await room.clocks(id), 'nis2-final')?.state ?? 'waiting').toBe('waiting');
    const { status, body } = await end(id, 'gdpr-33', 'submissions', {
      at: '2025-11-09T08:00:00+01:00',
      what: 'Initial notification',
      receipt: '4711',
    });
    expect(status).toBe(201);
    expect(clockIn(body, 'gdpr-33')).toMatchObject({
      state: 'submitted',
      end: { submissions: [{ what: 'Initial notification', receipt: '4711' }] },
    });
    expect((await lines(id))[0]?.text).toContain('submitted: Initial notification, receipt 4711');
    // Words of people are in no change of the log.
    const { rows } = await room.platform.pool.query('SELECT detail::text FROM change');
    expect(JSON.stringify(rows)).not.toContain('4711');
    const { rows: kept } = await room.platform.pool.query('SELECT * FROM obligation_end');
    expect(JSON.stringify(kept)).not.toContain('Initial notification');
  });

  test('are not required only where a person decides so, with the reason and their name, and run again where that was wrong', async () => {
    await setProfile();
    const { id } = await room.open();
    await enter(id, { times: { aware_personal_data: AWARE } });
    const decided = await end(id, 'gdpr-33', 'not-required', { because: 'Encrypted, the key is ours alone' });
    expect(clockIn(decided.body, 'gdpr-33')).toMatchObject({
      state: 'not_required',
      end: { not_required: { reason: 'Encrypted, the key is ours alone', decided_by: 'Ada Example' } },
    });
    const now = new Date(room.platform.clock.now());
    expect(await room.obligations.clocksEnded(id)).toEqual(new Map([['gdpr-33', now]]));
    const again = await end(id, 'gdpr-33', 'reopening', { because: 'The key was there, too' });
    expect(await room.obligations.clocksEnded(id)).toEqual(new Map());
    expect(clockIn(again.body, 'gdpr-33')?.state).toBe('running');
    expect(
      again.body.entered.map((one: { kind: string; stands: boolean }) => [one.kind, one.stands]),
    ).toEqual([
      ['time', true],
      ['not_required', false],
      ['reopened', true],
    ]);
    expect((await end(id, 'gdpr-33', 'reopening', { because: 'Once more' })).body.code).toBe('clock_open');
    await end(id, 'gdpr-33', 'submissions', { at: '2025-11-09T08:00:00Z', what: 'Sent' });
    const refused = await end(id, 'gdpr-33', 'not-required', { because: 'No risk' });
    expect([refused.status, refused.body.code]).toEqual([409, 'clock_submitted']);
  });

  test('say why they are late only once they are, and go on until something is submitted', async () => {
    await setProfile();
    const { id } = await room.open();
    await enter(id, { times: { aware_personal_data: '2025-11-08T14:10:00+01:00' } });
    const early = await end(id, 'gdpr-33', 'late', { because: 'We were slow' });
    expect([early.status, early.body.code]).toEqual([409, 'clock_not_late']);
    await enter(id, { times: { aware_personal_data: '2025-11-01T10:00:00+01:00' } });
    const { body } = await end(id, 'gdpr-33', 'late', { because: 'We were slow' });
    expect(clockIn(body, 'gdpr-33')).toMatchObject({ state: 'late', end: { late: 'We were slow' } });
    const wall = await room.ask('GET', '/clocks');
    expect(wall.body.items.map(({ clock }: WallItem) => clock.rule)).toContain('gdpr-33');
  });

  test('never say of themselves that nothing is required: an answer only sets a rule aside, with what brings it back', async () => {
    await setProfile({ ...german, answers: { controller: 'no' } });
    const { id } = await room.open();
    const view = await room.clocks(id);
    expect(view.result.clocks.map(({ state }) => state)).not.toContain('not_required');
    expect(view.result.set_aside.find(({ rule }) => rule === 'gdpr-33')?.would_change).toEqual([
      { question: 'controller', answer: 'yes' },
    ]);
    // An answer of the incident goes first.
    const { body } = await enter(id, { answers: { controller: 'yes' } });
    expect(clockIn(body, 'gdpr-33')).toBeDefined();
  });

  test('say "Unreviewed, confirm with counsel" until counsel has reviewed the rule', async () => {
    await setProfile();
    const { id } = await room.open();
    const { body } = await enter(id, { times: { aware_personal_data: AWARE } });
    expect(clockIn(body, 'gdpr-33')?.notes).toContain('Unreviewed, confirm with counsel.');
    const reviews = { 'gdpr-33': { by: 'Counsel LLP', on: '2025-11-01' } };
    const set = await room.ask('PUT', '/organisation/reviews', { reviews, revision: 0, reason: 'A test' });
    expect(set.status).toBe(200);
    expect(clockIn(await room.clocks(id), 'gdpr-33')).toMatchObject({
      review: { by: 'Counsel LLP', on: '2025-11-01' },
    });
    expect(clockIn(await room.clocks(id), 'gdpr-33')?.notes).not.toContain(
      'Unreviewed, confirm with counsel.',
    );
    expect(clockIn(await room.clocks(id), 'gdpr-34')?.notes).toContain('Unreviewed, confirm with counsel.');
    const none = await room.ask('PUT', '/organisation/reviews', {
      reviews: { 'no-such-rule': { by: 'x', on: '2025-11-01' } },
      revision: 1,
      reason: 'A test',
    });
    expect([none.status, none.body.errors[0].field]).toEqual([422, 'reviews.no-such-rule']);
  });

  test('of a restricted incident are there for its members alone', async () => {
    await setProfile();
    const { id } = await room.open({ restricted: true });
    await enter(id, { times: { aware_personal_data: AWARE } });
    room.who = { ...room.who, id: 'person-2' };
    for (const [method, path, body] of [
      ['GET', `/incidents/${id}/clocks`],
      ['GET', `/incidents/${id}/clocks/facts.json`],
      ['PATCH', `/incidents/${id}/clocks`, { times: {}, reason: 'A test' }],
      ['POST', `/incidents/${id}/clocks/gdpr-33/submissions`, { at: AWARE, what: 'x', reason: 'A test' }],
      ['POST', `/incidents/${id}/clocks/gdpr-33/not-required`, { because: 'x', reason: 'A test' }],
      ['POST', `/incidents/${id}/clocks/gdpr-33/late`, { because: 'x', reason: 'A test' }],
      ['POST', `/incidents/${id}/clocks/gdpr-33/reopening`, { because: 'x', reason: 'A test' }],
      ['POST', `/incidents/${id}/clocks/gdpr-33/acknowledgement`, {}],
    ] as [string, string, object?][])
      expect([path, (await room.ask(method, path, body)).status]).toEqual([path, 404]);
    expect((await room.ask('GET', '/clocks')).body.items).toEqual([]);
    room.who = { ...room.who, id: 'person-1' };
    expect((await room.ask('GET', '/clocks')).body.items).not.toEqual([]);
  });

  test('two who end one at the same time do not both have their way', async () => {
    await setProfile();
    const { id } = await room.open();
    await enter(id, { times: { aware_personal_data: AWARE } });
    for (let round = 0; round < 5; round += 1) {
      const both = await Promise.all([
        end(id, 'gdpr-33', 'submissions', { at: AWARE, what: 'Sent' }),
        end(id, 'gdpr-33', 'not-required', { because: 'No risk' }),
      ]);
      const view = await room.clocks(id);
      // Whoever came second saw what came first: a decision after a submission is refused.
      if (both[1].status === 409) expect(clockIn(view, 'gdpr-33')?.state).toBe('submitted');
      else expect(view.entered.filter(({ kind }) => kind !== 'time').at(-1)?.kind).toBe('submitted');
      await end(id, 'gdpr-33', 'reopening', { because: 'Again' });
    }
  });
});

describe('own clocks', () => {
  const own = {
    id: 'customer-dpa-7',
    kind: 'customer',
    clause: 'DPA with Example Ltd, clause 7.2',
    title: 'Notice to Example Ltd',
    who: 'we, as processor',
    recipient: 'Example Ltd',
    starts: { time: 'aware_as_processor' },
    due: { within: { hours: 24 }, counting: { by: 'elapsed' } },
    as_of: '2025-11-01',
    puts_number_on: 'gdpr-33-2',
  };
  const setOwn = async (rules: object[]) => {
    const { revision } = (await room.ask('GET', '/organisation/own-rules')).body;
    return room.ask('PUT', '/organisation/own-rules', { rules, revision, reason: 'A test' });
  };

  test('run beside the law; one that names what is not there is refused by its member', async () => {
    await setProfile();
    expect((await setOwn([own])).status).toBe(200);
    const { id } = await room.open();
    const { body } = await enter(id, { times: { aware_as_processor: AWARE } });
    expect(clockIn(body, own.id)).toMatchObject({
      kind: 'customer',
      due: { at: '2025-11-09T14:10:00+01:00' },
    });
    for (const [rules, field] of [
      [[{ ...own, starts: { time: 'never' } }], 'customer-dpa-7.starts'],
      [
        [{ ...own, due: { within: { hours: -1 }, counting: { by: 'elapsed' } } }],
        'customer-dpa-7.due.within',
      ],
      [[own, own], 'customer-dpa-7'],
      [[{ ...own, id: 'gdpr-33' }], 'gdpr-33'],
      [[{ ...own, more: 1 }], 'rules.0.more'],
    ] as [object[], string][]) {
      const { status, body: problem } = await setOwn(rules);
      expect([status, problem.errors[0].field]).toEqual([422, field]);
    }
  });

  test('that ended keep their rule when the contract is gone', async () => {
    await setOwn([own]);
    const { id } = await room.open();
    await enter(id, { times: { aware_as_processor: AWARE } });
    await end(id, own.id, 'submissions', { at: AWARE, what: 'Told them' });
    await setOwn([]);
    const view = await room.clocks(id);
    expect(clockIn(view, own.id)).toMatchObject({ state: 'submitted', title: own.title });
    expect(view.dropped).toEqual([]);
    const { id: other } = await room.open();
    expect(clockIn(await room.clocks(other), own.id)).toBeUndefined();
  });

  test('come out of the register where the vendor’s notice time is stated there, marked so', async () => {
    await setProfile();
    room.notices.set('mixpanel', {
      vendor: 'mixpanel',
      hours: 48,
      source: 'DPA of 2025, clause 9',
      asOf: '2025-02-01',
      by: 'Someone',
    });
    const { id } = await room.open({ party: 'mixpanel' });
    const { body } = await enter(id, { times: { vendor_aware: AWARE } });
    expect(clockIn(body, 'register-notice-mixpanel')).toMatchObject({
      state: 'running',
      kind: 'contract',
      recipient: 'us',
      article: 'Register: notice time of mixpanel, by DPA of 2025, clause 9',
      due: { at: '2025-11-10T14:10:00+01:00' },
      source: { grade: 'contract', as_of: '2025-02-01' },
    });
    const { id: other } = await room.open({ party: 'openai' });
    expect((await room.clocks(other)).result.clocks.map(({ rule }) => rule)).not.toContain(
      'register-notice-mixpanel',
    );
  });
});

describe('the facts of an incident as a file', () => {
  test('give the command the same result as the server', async () => {
    await setProfile({
      ...german,
      name: 'Example GmbH',
      extra_holidays: ['2025-11-19'],
      competent: { GDPR: { country: 'FR' } },
    });
    const reviews = { 'gdpr-33': { by: 'Counsel LLP', on: '2025-11-01' } };
    await room.ask('PUT', '/organisation/reviews', { reviews, revision: 0, reason: 'A test' });
    room.notices.set('mixpanel', {
      vendor: 'mixpanel',
      hours: 0,
      source: 'DPA',
      asOf: '2025-02-01',
      by: 'S',
    });
    const { id } = await room.open({ party: 'mixpanel' });
    await enter(id, {
      times: { aware_personal_data: AWARE, high_risk: AWARE, aware_significant: AWARE, vendor_aware: AWARE },
      answers: { nis2: 'essential', ongoing: 'unknown' },
    });
    await end(id, 'nis2-early-warning', 'submissions', { at: AWARE, what: 'Early warning', receipt: 'N-1' });
    await end(id, 'gdpr-34', 'not-required', { because: 'Encrypted' });
    const { body: file, text } = await room.ask('GET', `/incidents/${id}/clocks/facts.json`);
    const { result } = await room.clocks(id);

    const read = readFactsFile(text);
    if ('problems' in read) throw new Error(JSON.stringify(read.problems));
    const at = readTime(read.at ?? '');
    if (typeof at === 'string') throw new Error(at);
    const reckoned = new Clocks(await shippedClockLaw()).deadlines(read.facts, at);
    expect({ format: 'drawbridge.deadlines-result/1', ...reckoned }).toEqual(result);

    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-facts-'));
    try {
      await writeFile(join(folder, 'facts.json'), JSON.stringify(file));
      const command = fileURLToPath(new URL('../../bin/drawbridge.mjs', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [
        command,
        'deadlines',
        '--facts',
        join(folder, 'facts.json'),
        '--json',
      ]);
      expect(JSON.parse(stdout)).toEqual(result);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the profile', () => {
  test('asks what decides, most first, and says what another answer would change', async () => {
    const { body } = await room.ask('GET', '/organisation/profile');
    const decided = body.questions.map(({ decides }: { decides: string[] }) => decides.length);
    expect(decided).toEqual([...decided].sort((a, b) => b - a));
    expect(body.complete).toBe(false);
    await setProfile();
    const { questions } = (await room.ask('GET', '/organisation/profile')).body;
    const controller = questions.find(({ id }: { id: string }) => id === 'controller');
    expect(controller).toMatchObject({ answer: 'yes', decides: [] });
    const no = controller.wouldChange.find(({ answer }: { answer: string }) => answer === 'no');
    expect(no.takesOut).toContain('gdpr-33');
    const processor = questions.find(({ id }: { id: string }) => id === 'processor');
    expect(processor.wouldChange).toMatchObject([{ answer: 'yes', takesOut: [] }]);
    expect(processor.wouldChange[0].brings).toContain('gdpr-33-2');
    expect(questions.find(({ id }: { id: string }) => id === 'gdpr')).toMatchObject({
      answer: 'yes',
      bySeat: true,
    });
    // Which DORA rules hold is not asked of who is no financial entity.
    await setProfile({ ...german, answers: { ...german.answers, financial_entity: 'none' } });
    const after = (await room.ask('GET', '/organisation/profile')).body.questions;
    expect(after.find(({ id }: { id: string }) => id === 'dora_noon_withdrawn')).toBeUndefined();
  });

  test('keeps every revision, sealed, and lets nobody write over what they have not read', async () => {
    expect((await setProfile()).body).toMatchObject({ revision: 1, changedBy: 'Ada Example' });
    expect((await setProfile({ ...german, name: 'Example GmbH' })).body.revision).toBe(2);
    const stale = await room.ask('PUT', '/organisation/profile', {
      profile: german,
      revision: 1,
      reason: 'A test',
    });
    expect([stale.status, stale.body.code]).toEqual([409, 'changed_meanwhile']);
    const ahead = await room.ask('PUT', '/organisation/profile', {
      profile: german,
      revision: 7,
      reason: 'A test',
    });
    expect(ahead.status).toBe(409);
    const both = await Promise.all(
      ['A', 'B'].map((name) =>
        room.ask('PUT', '/organisation/profile', {
          profile: { ...german, name },
          revision: 2,
          reason: 'A test',
        }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { rows } = await room.platform.pool.query('SELECT revision, sealed FROM obligation_document');
    expect(rows.map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(Buffer.concat(rows.map(({ sealed }) => sealed)).includes('Example GmbH')).toBe(false);
    const { rows: changes } = await room.platform.pool.query(
      `SELECT detail FROM change WHERE act = 'organisation.profile' ORDER BY at, id`,
    );
    expect(changes).toHaveLength(3);
    expect(JSON.parse(JSON.stringify(changes[0].detail))).toMatchObject({ answers: { controller: 'yes' } });
  });

  test('refuses what is no question, no choice, no zone, no regime, by name', async () => {
    for (const [profile, field] of [
      [{ answers: { banker: 'yes' } }, 'organisation.answers.banker'],
      [{ answers: { nis2: 'yes' } }, 'organisation.answers.nis2'],
      [{ zone: 'Europe/Nowhere' }, 'organisation.zone'],
      [{ country: 'PT' }, 'organisation.country'],
      [{ competent: { Nothing: { country: 'DE' } } }, 'organisation.competent.Nothing'],
    ] as [object, string][]) {
      const { status, body } = await setProfile(profile);
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
  });
});

describe('the wall', () => {
  test('has the clocks of all incidents, the soonest first, page by page, those of closed ones while they run', async () => {
    await setProfile();
    const first = await room.open({ drill: true });
    const second = await room.open();
    const closed = await room.open();
    await enter(first.id, { times: { aware_personal_data: '2025-11-09T01:00:00Z' } });
    await enter(second.id, { times: { aware_personal_data: '2025-11-08T01:00:00Z' } });
    await enter(closed.id, { times: { aware_personal_data: '2025-11-08T13:00:00Z' } });
    await room.ask('PATCH', `/incidents/${closed.id}`, { state: 'closed', reason: 'A test' });
    const whole = (await room.ask('GET', '/clocks?limit=200')).body;
    const dues = whole.items.map(({ clock }: WallItem) => Date.parse(clock.due?.at ?? clock.start?.at ?? ''));
    expect(dues).toEqual([...dues].sort((a, b) => a - b));
    expect(
      whole.items
        .filter(({ clock }: WallItem) => clock.rule === 'gdpr-33')
        .map(({ incident }: WallItem) => incident.id),
    ).toEqual([second.id, closed.id, first.id]);
    expect(whole.items.find(({ incident }: WallItem) => incident.id === first.id).incident.drill).toBe(true);
    const paged: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await room.ask('GET', `/clocks?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...body.items);
      cursor = body.next;
    }
    expect(paged).toEqual(whole.items);
    await end(closed.id, 'gdpr-33', 'submissions', { at: AWARE, what: 'Sent' });
    await end(closed.id, 'gdpr-33-5', 'submissions', { at: AWARE, what: 'Entered' });
    const after = (await room.ask('GET', '/clocks?limit=200')).body.items;
    expect(after.map(({ incident }: WallItem) => incident.id)).not.toContain(closed.id);
    // One that runs again comes back, though its incident is over and was quiet.
    await end(closed.id, 'gdpr-33', 'reopening', { because: 'It never arrived' });
    const again = (await room.ask('GET', '/clocks?limit=200')).body.items;
    expect(again.map(({ incident }: WallItem) => incident.id)).toContain(closed.id);
  });
});
