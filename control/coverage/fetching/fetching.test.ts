import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../../fleet/testing.ts';
import type { Platform } from '../../platform/index.ts';
import type { RunErrand } from '../../vault/index.ts';
import { runHere } from '../../vault/testing.ts';
import { type Known, knownOf, readFacts } from '../../vendors/index.ts';
import { createCoverage } from '../index.ts';
import { urlOf } from './calls.ts';
import { createFetching } from './index.ts';
import { nextTry, timeToAsk } from './plan.ts';
import type { FetchingView, FetchView } from './schemas.ts';
import { UsageVendor } from './testing.ts';

/** Reports of use that are fetched, from a stand-in that speaks both vendors' APIs, with the facts that are shipped. All is made up. */
const ADMIN = 'made-up-admin-credential-0123456789';
const OTHER = 'made-up-admin-credential-of-another';
const HOUR_MS = 3_600_000;
const reason = 'A test';

let house: TestHouse;
let vendor: UsageVendor;
let coverage: ReturnType<typeof createCoverage>;
let fetching: ReturnType<typeof createFetching>;
let platform: Platform;
/** Time of the platform that passes when it is told to. */
let now = 0;
/** Set where calls go out by processes of their own, as they do outside tests. */
let isReal = false;
/** Set where every kind of report is fetched; a few are quicker. */
let isAll = false;
const FEW = ['completions', 'embeddings', 'costs', 'messages'];

beforeAll(async () => {
  house = await testHouse();
  vendor = new UsageVendor(ADMIN);
  await vendor.start();
  const facts = await readFacts(fileURLToPath(new URL('../../../packs/vendors/known', import.meta.url)));
  const few = facts.vendors.map((one) => ({
    ...one,
    usage_reports: one.usage_reports?.filter(({ of }) => FEW.includes(of)),
  }));
  const known = async () => knownOf(isAll ? facts.vendors : few) as Known;
  platform = { ...house.platform, clock: { ...house.platform.clock, now: () => now } };
  coverage = createCoverage({
    platform,
    known,
    connections: async () => [],
    appNames: async () => new Map(),
  });
  const { vault, approvals } = house;
  const network = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
  // What is wrapped is opened by the vault alone; most tests are of what is asked, and send the credential themselves.
  let sent = ADMIN;
  const quick: RunErrand = (errand) =>
    runHere({ ...errand, credential: { ...errand.credential, wrapped: Buffer.from(sent) } });
  const options = { platform, vault, approvals, known, imports: coverage.imports, network };
  const real = createFetching(options);
  const inHere = createFetching({ ...options, run: quick });
  setSent = (value) => {
    sent = value;
  };
  fetching = { ...inHere, turn: () => (isReal ? real : inHere).turn() };
  house.app.route('/api/v1', inHere.routes);
});
let setSent: (value: string) => void = () => undefined;
afterAll(async () => {
  await vendor.stop();
  await house.close();
});
beforeEach(async () => {
  await platform.pool.query(
    'TRUNCATE usage_fetch, usage_fetch_kind, usage_import, usage_day, usage_key_day, change, setting, approval CASCADE',
  );
  vendor.reset();
  vendor.credential = ADMIN;
  isReal = false;
  isAll = false;
  setSent(ADMIN);
  now = Date.parse('2025-11-09T08:00:00Z');
});

const here = () => ({ scheme: 'http', host: '127.0.0.1', port: vendor.port, private: true });
const enter = (id = 'openai', given: object = {}) =>
  house.ask('PUT', `/coverage/${id}/fetching`, { value: ADMIN, upstream: here(), reason, ...given });
async function entered(id = 'openai', given: object = {}): Promise<FetchView> {
  const { status, body } = await enter(id, given);
  expect([status, body.detail]).toEqual([200, undefined]);
  return body;
}
const seen = async (id = 'openai'): Promise<FetchView> => {
  const [item] = ((await house.ask('GET', `/coverage/${id}/fetching`)).body as FetchingView).items;
  if (item === undefined) throw new Error('nothing is fetched');
  return item;
};
const sums = async (id = 'openai', of = 'completions') => {
  const { rows } = await platform.pool.query(
    `SELECT d.day::text AS day, d.whole, sum(k.requests)::int AS requests, sum(k.tokens)::int AS tokens FROM usage_import i
       JOIN usage_day d ON d.import = i.id LEFT JOIN usage_key_day k ON k.import = i.id AND k.day = d.day
      WHERE i.vendor = $1 AND i.of = $2 GROUP BY i.id, d.day, d.whole ORDER BY i.as_of, d.day`,
    [id, of],
  );
  return rows as { day: string; whole: boolean; requests: number | null; tokens: number | null }[];
};
const asksOf = (of: string) => vendor.asked.filter(({ path }) => path.endsWith(`/${of}`));

describe('reports', () => {
  test('come page by page, whole, of every kind, and count as files do', async () => {
    isAll = true;
    await entered();
    expect(await fetching.turn()).toBe(1);
    const days = await sums();
    expect(days).toHaveLength(30);
    expect(days[0]).toEqual({ day: '2025-10-10', whole: true, requests: 10, tokens: 300 });
    expect(days.at(-1)).toMatchObject({ day: '2025-11-08', whole: true });
    expect(asksOf('completions')).toHaveLength(5);
    expect(asksOf('completions')[0]?.query.getAll('group_by')).toEqual(['api_key_id', 'batch']);
    const found = await coverage.ofVendor('openai', '2025-10-10', '2025-11-08');
    expect(found.wholeDays).toBe(30);
    expect(found.missing).toEqual([]);
    expect(found.reported).toBe(30 * 10 * 6);
    expect(await seen()).toMatchObject({
      state: 'waiting',
      error: null,
      fetchedAt: '2025-11-09T08:00:00.000Z',
      nextAt: '2025-11-10T08:00:00.000Z',
      reports: [{ of: 'audio_speeches', lastDay: '2025-11-08', error: null }, {}, {}, {}, {}, {}, {}],
    });
  });

  test('of the other vendor come by its own words, with its headers', async () => {
    await entered('anthropic');
    await fetching.turn();
    expect((await sums('anthropic', 'messages')).map(({ tokens }) => tokens)).toEqual(Array(30).fill(300));
    const [first] = asksOf('messages');
    expect(first?.headers).toMatchObject({ 'x-api-key': ADMIN, 'anthropic-version': '2023-06-01' });
    expect(first?.query.getAll('group_by[]')).toEqual(['api_key_id', 'service_tier']);
    expect(await seen('anthropic')).toMatchObject({
      error: null,
      reports: [{ of: 'costs' }, { of: 'messages' }],
    });
  });

  test('are asked for again by the schedule, the last days once more, as vendors count late', async () => {
    await entered();
    await fetching.turn();
    vendor.asked.length = 0;
    vendor.requestsOn = () => 12;
    now += 23 * HOUR_MS;
    expect(await fetching.turn()).toBe(0);
    now += HOUR_MS;
    expect(await fetching.turn()).toBe(1);
    expect(asksOf('completions')).toHaveLength(1);
    const found = await coverage.ofVendor('openai', '2025-11-04', '2025-11-09');
    expect(found.days.map(({ reported }) => (reported ?? 0) / 2)).toEqual([10, 10, 12, 12, 12, 12]);
  });

  test('with nothing in them are known to have nothing', async () => {
    vendor.requestsOn = () => 0;
    await entered();
    await fetching.turn();
    expect(await coverage.ofVendor('openai', '2025-10-10', '2025-11-08')).toMatchObject({
      wholeDays: 30,
      missing: [],
    });
    expect((await seen()).error).toBeNull();
  });

  test('are fetched when somebody asks, and never by themselves where that is said', async () => {
    const { id } = await entered('openai', { everyHours: null });
    await fetching.turn();
    expect((await seen()).nextAt).toBeNull();
    now += 1000 * HOUR_MS;
    expect(await fetching.turn()).toBe(0);
    expect((await house.ask('POST', `/coverage-fetches/${id}/run`, { reason })).status).toBe(202);
    expect(await fetching.turn()).toBe(1);
    expect(
      (await house.ask('PATCH', `/coverage-fetches/${id}`, { everyHours: 6, reason })).body,
    ).toMatchObject({
      everyHours: 6,
      nextAt: new Date(now + 6 * HOUR_MS).toISOString(),
    });
  });

  test('follow a schedule that was changed while they were fetched', async () => {
    const { id } = await entered('openai', { everyHours: null });
    const changed = new Promise<void>((resolve) => {
      vendor.instead = (_, response) => {
        vendor.instead = () => false;
        void house
          .ask('PATCH', `/coverage-fetches/${id}`, { everyHours: 6, reason })
          .then(() => response.writeHead(403).end('{}'))
          .then(() => resolve());
        return true;
      };
    });
    await Promise.all([fetching.turn(), changed]);
    expect(await seen()).toMatchObject({ everyHours: 6, nextAt: new Date(now + 6 * HOUR_MS).toISOString() });
  });

  test('are fetched by one process, however many look', async () => {
    await entered();
    const tried = await Promise.all([fetching.turn(), fetching.turn(), fetching.turn()]);
    expect(tried.toSorted()).toEqual([0, 0, 1]);
    expect(asksOf('completions')).toHaveLength(5);
  });

  test('that were begun by a process that died are fetched by another, after a while', async () => {
    await entered();
    await platform.pool.query('UPDATE usage_fetch SET began_at = $1', [new Date(now)]);
    expect(await fetching.turn()).toBe(0);
    expect((await seen()).state).toBe('fetching');
    now += HOUR_MS;
    expect(await fetching.turn()).toBe(1);
  });
});

describe('a vendor', () => {
  test('that refuses the credential is not asked for the other reports, and it is said', async () => {
    await entered();
    vendor.credential = OTHER;
    await fetching.turn();
    expect(vendor.asked).toHaveLength(1);
    const view = await seen();
    expect(view).toMatchObject({
      failed: 1,
      fetchedAt: null,
      error: { code: 'unauthorised' },
      nextAt: '2025-11-10T08:00:00.000Z',
    });
    // Nothing of what the vendor wrote.
    expect(JSON.stringify(view)).not.toContain('no such key');
    expect((await coverage.ofVendor('openai')).share).toBe('unknown');
  });

  test('that asks to wait is left alone until then, also where somebody asks', async () => {
    const { id } = await entered();
    vendor.instead = ({ path }, response) => {
      if (!path.endsWith('/embeddings')) return false;
      response.writeHead(429, { 'retry-after': '7200' }).end('{}');
      return true;
    };
    await fetching.turn();
    expect(await seen()).toMatchObject({
      error: { code: 'limited' },
      nextAt: '2025-11-09T10:00:00.000Z',
      // What came before it stays.
      fetchedAt: '2025-11-09T08:00:00.000Z',
    });
    expect((await sums()).length).toBe(30);
    const asked = await house.ask('POST', `/coverage-fetches/${id}/run`, { reason });
    expect(asked).toMatchObject({ status: 409, body: { code: 'asked_to_wait' } });
    vendor.reset();
    now += HOUR_MS;
    expect(await fetching.turn()).toBe(0);
    now += HOUR_MS;
    expect(await fetching.turn()).toBe(1);
    expect(await seen()).toMatchObject({ error: null, failed: 0 });
  });

  test('that may not be asked for one report gives the others', async () => {
    await entered();
    vendor.instead = ({ path }, response) => {
      if (!path.endsWith('/costs')) return false;
      response.writeHead(403).end('{}');
      return true;
    };
    await fetching.turn();
    const view = await seen();
    expect(view.error).toEqual({
      code: 'refused',
      text: '1 of 3 reports could not be had: The credential may not read this report (403).',
    });
    expect(view.reports.filter(({ error }) => error !== null).map(({ of }) => of)).toEqual(['costs']);
  });

  test.each([
    ['no JSON', '{"object":"page","data":[', 'not JSON'],
    ['no report', '{"object":"page","data":[{"hello":1}],"has_more":false}', 'not taken in'],
    ['nothing', '', 'not JSON'],
    ['a page that is not said', '{"object":"page","data":[],"has_more":true,"next_page":null}', 'not which'],
    ['the same page for ever', '{"object":"page","data":[],"has_more":true,"next_page":"page_1"}', 'back'],
    ['our credential', `{"object":"page","data":[],"has_more":false,"hello":"${ADMIN}"}`, 'secret'],
    ['too much', `{"hello":"${'x'.repeat(5_000_000)}"}`, 'bytes'],
    ['no end of a name', `{"data":[],"has_more":true,"next_page":"${'x'.repeat(9_000)}"}`, 'too long'],
  ])('that answers with %s: nothing of it is taken in', async (_, answer, says) => {
    await entered();
    vendor.instead = ({ path }, response) => {
      if (!path.endsWith('/completions')) return false;
      response.end(answer);
      return true;
    };
    await fetching.turn();
    expect(await sums()).toEqual([]);
    expect(await sums('openai', 'embeddings')).toHaveLength(30);
    const view = await seen();
    expect(view.reports.find(({ of }) => of === 'completions')).toMatchObject({
      fetchedAt: null,
      import: null,
    });
    expect(view.error?.text).toContain(says);
    expect(JSON.stringify(view)).not.toContain(ADMIN);
  });

  test('that breaks a report off in the middle of its pages gives none of it', async () => {
    await entered();
    vendor.instead = ({ path, query }, response) => {
      if (!path.endsWith('/completions') || !query.has('page')) return false;
      response.end('{"object":"page","data":[{"object":"bucket","start_time":17');
      return true;
    };
    await fetching.turn();
    expect(await sums()).toEqual([]);
  });

  test('whose page is too large is asked day by day', async () => {
    await entered();
    vendor.instead = ({ path, query }, response) => {
      if (!path.endsWith('/completions') || query.get('limit') === '1') return false;
      response.end(`{"hello":"${'x'.repeat(5_000_000)}"}`);
      return true;
    };
    await fetching.turn();
    expect(await sums()).toHaveLength(30);
    expect((await seen()).error).toBeNull();
  });

  test('that does not answer is not waited for', async () => {
    await entered();
    vendor.instead = () => true;
    await fetching.turn();
    expect(vendor.asked).toHaveLength(1);
    expect(await seen()).toMatchObject({
      error: { code: 'unreachable' },
      nextAt: '2025-11-09T08:05:00.000Z',
    });
  }, 20_000);

  test('that is away is tried again soon, less and less often, and then by the schedule', async () => {
    await entered();
    vendor.instead = (_, response) => {
      response.writeHead(503).end('{}');
      return true;
    };
    const waits: number[] = [];
    for (let at = 0; at < 7; at++) {
      expect(await fetching.turn()).toBe(1);
      const { nextAt } = await seen();
      waits.push((Date.parse(nextAt ?? '') - now) / 60_000);
      now = Date.parse(nextAt ?? '');
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 1440, 1440]);
    // One call each, not one for every report.
    expect(vendor.asked).toHaveLength(7);
  });
});

describe('a credential', () => {
  test('goes out by a process of its own, is answered by nothing and lies nowhere in clear', async () => {
    isReal = true;
    await entered('anthropic');
    await fetching.turn();
    expect(await sums('anthropic', 'messages')).toHaveLength(30);
    const answers = await Promise.all([
      house.ask('GET', '/coverage/anthropic/fetching'),
      house.ask('GET', '/coverage-fetches'),
    ]);
    expect(JSON.stringify(answers)).not.toContain(ADMIN);
    const { rows } = await platform.pool.query(
      `SELECT usage_fetch.*, encode(wrapped, 'escape') AS text FROM usage_fetch`,
    );
    expect(JSON.stringify(rows)).not.toContain(ADMIN);
    const { rows: changes } = await platform.pool.query('SELECT change::text AS text FROM change');
    expect(JSON.stringify(changes)).not.toContain(ADMIN);
  });

  test('opens for its host alone', async () => {
    isReal = true;
    await entered('anthropic');
    await platform.pool.query(`UPDATE usage_fetch SET host = 'localhost'`);
    expect(await fetching.turn()).toBe(1);
    expect(vendor.asked).toEqual([]);
    expect(await seen('anthropic')).toMatchObject({
      state: 'waiting',
      error: { code: 'failed' },
      fetchedAt: null,
    });
  });

  test('is not sent into a private network by itself, nor in clear to a public host', async () => {
    expect(await enter('openai', { upstream: { ...here(), private: false } })).toMatchObject({ status: 422 });
    const clear = { scheme: 'http', host: 'usage.example', port: 80, private: false };
    expect(await enter('openai', { upstream: clear })).toMatchObject({ status: 422 });
    expect((await enter('nobody-knows', {})).status).toBe(422);
    expect((await enter('mixpanel', {})).body.errors[0].field).toBe('vendor');
  });

  test('for another host waits for a second person, where two are wanted', async () => {
    house.people.count = 2;
    expect((await house.ask('PATCH', '/settings', { secondPerson: true, reason })).status).toBe(200);
    const asked = await enter();
    expect(asked).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
    expect((await house.ask('GET', `/approvals/${asked.body.approval}`)).body).toMatchObject({
      act: 'usage_credential.enter',
      what: { host: '127.0.0.1', private: true },
    });
    expect((await enter('openai', { upstream: undefined })).status).toBe(200);
    house.people.count = 1;
  });

  test('entered anew while reports are fetched is asked by itself, and what came of the old one is forgotten', async () => {
    await entered();
    vendor.instead = (_, response) => {
      void enter().then(() => response.writeHead(401).end('{}'));
      vendor.instead = () => false;
      return true;
    };
    expect(await fetching.turn()).toBe(2);
    expect(await seen()).toMatchObject({ error: null, failed: 0 });
    const { rows } = await platform.pool.query('SELECT version FROM usage_fetch');
    expect(rows).toEqual([{ version: 2 }]);
  });

  test('is erased, and what was fetched stays', async () => {
    const { id } = await entered();
    await fetching.turn();
    expect((await house.ask('DELETE', `/coverage-fetches/${id}`, { reason })).status).toBe(204);
    expect((await platform.pool.query('SELECT FROM usage_fetch')).rowCount).toBe(0);
    expect(await sums()).toHaveLength(30);
    expect((await house.ask('DELETE', `/coverage-fetches/${id}`, { reason })).status).toBe(404);
    const { rows } = await platform.pool.query('SELECT DISTINCT act FROM change ORDER BY act');
    expect(rows.map(({ act }) => act)).toEqual([
      'coverage.import',
      'usage_credential.enter',
      'usage_credential.remove',
    ]);
  });

  test('of so many accounts of a vendor is kept, and of no more; they add up', async () => {
    for (let at = 0; at < 20; at++) await entered('anthropic', { account: `team ${at}` });
    expect((await enter('anthropic', { account: 'one more' })).body.code).toBe('too_many_accounts');
    await entered('anthropic', { account: 'team 3' });
    expect((await house.ask('GET', '/coverage-fetches?limit=15')).body.items).toHaveLength(15);
  });
});

describe('the time that is asked for', () => {
  test('is of whole days that are over, never more than can be asked, and never leaves a day out', () => {
    const DAY = 86_400_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 20_000 * DAY, max: 21_000 * DAY }),
        fc.option(fc.integer({ min: 0, max: 200 })),
        (settled, ago) => {
          const last = ago === null ? null : new Date(settled - ago * DAY).toISOString().slice(0, 10);
          const { from, to } = timeToAsk(settled, last);
          expect([from % DAY, to % DAY]).toEqual([0, 0]);
          expect(to).toBeLessThanOrEqual(settled);
          expect(settled - to).toBeLessThan(DAY);
          expect(to - from).toBeLessThanOrEqual(90 * DAY);
          expect(to - from).toBeGreaterThanOrEqual(3 * DAY);
          if (last !== null && to - from < 90 * DAY) expect(from).toBeLessThanOrEqual(Date.parse(last) + DAY);
        },
      ),
    );
  });

  test('of a retry is never before the vendor wants to be asked, nor later than the schedule but for that', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 1, max: 168 })),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('limited', 'unreachable', 'refused', 'unauthorised'),
        fc.option(fc.integer({ min: 0, max: 86_400_000 })),
        (everyHours, tries, code, retryAfterMs) => {
          const { at, notBefore } = nextTry({ now: 1e12, everyHours, tries, wrong: { code, retryAfterMs } });
          if (at !== null && notBefore !== null)
            expect(at.getTime()).toBeGreaterThanOrEqual(notBefore.getTime());
          if (at !== null) expect(at.getTime()).toBeGreaterThan(1e12);
          if (everyHours !== null) expect(at).not.toBeNull();
        },
      ),
    );
  });

  test('stands in the address as the vendor writes it', () => {
    const place = { scheme: 'https' as const, host: 'api.example', port: 443, private: false };
    const [from, to] = [Date.parse('2025-11-01'), Date.parse('2025-11-08')];
    const path = '/r?a={from}&b={to}&c={from_iso}&d={to_iso}&n={days}';
    const { searchParams } = urlOf({ place, path, from, to }, 7);
    expect(Object.fromEntries(searchParams)).toEqual({
      a: '1761955200',
      b: '1762560000',
      c: '2025-11-01T00:00:00Z',
      d: '2025-11-08T00:01:00Z',
      n: '7',
    });
  });
});
