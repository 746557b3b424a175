import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  Problem,
  pageSchema,
  problemResponses,
  type Tx,
} from '../platform/index.ts';
import { acknowledge, type Ending, endClock, enterFacts } from './acts.ts';
import { endFeed, type FeedDeps, listFeeds, makeFeed, readFeed } from './calendar/feeds.ts';
import type { EnteredEnd } from './facts.ts';
import type { Reckoned, Reckoning, ReckoningDeps } from './reckoning.ts';
import {
  BecauseSchema,
  ClocksSchema,
  type ClocksView,
  FactsChangeSchema,
  FeedSchema,
  OnlyReasonSchema,
  RuleParam,
  SubmissionSchema,
  WallItemSchema,
} from './schemas.ts';
import type { ObligationTables } from './tables.ts';
import { visibleTo, wallOf } from './wall.ts';

const read = needs('incident.read');
const work = needs('incident.work');
const params = z.object({ incident: z.uuid() });
const ofRule = z.object({ incident: z.uuid(), rule: RuleParam });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const whole = { 200: json(ClocksSchema, 'The clocks'), ...problemResponses };
const made = { ...whole, 201: json(ClocksSchema, 'The clocks') };

const one = createRoute({
  method: 'get',
  path: '/incidents/{incident}/clocks',
  'x-needs': read,
  summary: 'What an incident makes due, to whom, by when: every clock with its steps',
  request: { params },
  responses: whole,
});
const change = createRoute({
  method: 'patch',
  path: '/incidents/{incident}/clocks',
  'x-needs': work,
  summary: 'Enter, correct or take back times of knowing and answers; the former ones stay kept',
  request: { params, body: body(FactsChangeSchema) },
  responses: whole,
});
const exported = createRoute({
  method: 'get',
  path: '/incidents/{incident}/clocks/facts.json',
  'x-needs': read,
  summary: 'The facts of an incident as `drawbridge deadlines` takes them',
  request: { params },
  responses: {
    200: json(z.looseObject({ format: z.string() }), 'A file of facts: docs/deadlines.md'),
    ...problemResponses,
  },
});
const submission = createRoute({
  method: 'post',
  path: '/incidents/{incident}/clocks/{rule}/submissions',
  'x-needs': work,
  summary: 'Enter that something was submitted: when, what, under which receipt',
  request: { params: ofRule, body: body(SubmissionSchema) },
  responses: made,
});
const notRequired = createRoute({
  method: 'post',
  path: '/incidents/{incident}/clocks/{rule}/not-required',
  'x-needs': work,
  summary: 'Decide that a duty falls away, and why: kept, with who decided',
  request: { params: ofRule, body: body(BecauseSchema) },
  responses: made,
});
const late = createRoute({
  method: 'post',
  path: '/incidents/{incident}/clocks/{rule}/late',
  'x-needs': work,
  summary: 'Say why it is late, or was sent late',
  request: { params: ofRule, body: body(BecauseSchema) },
  responses: made,
});
const reopening = createRoute({
  method: 'post',
  path: '/incidents/{incident}/clocks/{rule}/reopening',
  'x-needs': work,
  summary: 'Let a clock run again whose end was entered in error; what was entered stays kept',
  request: { params: ofRule, body: body(BecauseSchema) },
  responses: made,
});
const acknowledgement = createRoute({
  method: 'post',
  path: '/incidents/{incident}/clocks/{rule}/acknowledgement',
  'x-needs': work,
  summary: 'Say, as who leads the incident, that you know of a clock: the deputy is not told then',
  request: { params: ofRule, body: body(OnlyReasonSchema) },
  responses: made,
});
const wall = createRoute({
  method: 'get',
  path: '/clocks',
  'x-needs': read,
  summary:
    'Clocks that run, of all incidents, the soonest first; restricted incidents for their members alone',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(WallItemSchema), 'A page of clocks'), ...problemResponses },
});
const feeds = createRoute({
  method: 'get',
  path: '/clocks/feeds',
  'x-needs': read,
  summary: 'Your calendars of clocks',
  responses: { 200: json(z.object({ items: z.array(FeedSchema) }), 'Your calendars'), ...problemResponses },
});
const newFeed = createRoute({
  method: 'post',
  path: '/clocks/feeds',
  'x-needs': needs('incident.read', { stepUp: true }),
  summary: 'Make the address of a calendar: it is shown once, and whoever has it reads the calendar',
  request: { body: body(OnlyReasonSchema) },
  responses: {
    201: json(z.object({ id: z.string(), url: z.string() }).openapi('ClockFeedAddress'), 'The address, once'),
    ...problemResponses,
  },
});
const noFeed = createRoute({
  method: 'delete',
  path: '/clocks/feeds/{feed}',
  'x-needs': read,
  summary: 'End a calendar of yours: its address answers nobody any more',
  request: { params: z.object({ feed: z.uuid() }) },
  responses: { 200: json(z.object({ items: z.array(FeedSchema) }), 'Your calendars'), ...problemResponses },
});
const feed = createRoute({
  method: 'get',
  path: '/clocks/feed/{file}',
  'x-needs': needs.anyone,
  summary: 'A calendar (RFC 5545), for who has its address',
  request: { params: z.object({ file: z.string().max(100) }) },
  responses: {
    200: { description: 'The calendar', content: { 'text/calendar': { schema: z.string() } } },
    ...problemResponses,
  },
});

export interface ClockRouteDeps extends ReckoningDeps, FeedDeps {
  reckoning: Reckoning;
  /** Where calendars are read, without a slash at its end. */
  feedBase(): string;
  /** Something was entered: whoever reminds looks again. */
  changed(): void;
  book: ReckoningDeps['book'];
  platform: ReckoningDeps['platform'];
}

export function clockRoutes(deps: ClockRouteDeps) {
  const { platform, book, reckoning } = deps;
  const byOf = (c: Context<HttpEnv>, reason: string | undefined, fallback: string): By => ({
    actor: c.get('actor'),
    reason: givenReason(c, reason ?? fallback),
  });
  const view = async (incident: string): Promise<ClocksView> => {
    const [reckoned, acknowledged] = await Promise.all([
      reckoning.one(incident, platform.clock.now()),
      acknowledgements(deps, incident),
    ]);
    return { ...viewOf(reckoned), acknowledged };
  };
  /** Does an act in an incident that who asks may see, and shows its clocks as they stand then. */
  async function act(incident: string, work: (tx: Tx) => Promise<void>): Promise<ClocksView> {
    await platform.db.transaction().execute(work);
    platform.events.publish('incidents');
    deps.changed();
    return view(incident);
  }
  async function end(c: Context<HttpEnv>, given: Ending, reason: string): Promise<ClocksView> {
    const { incident, rule } = ofRule.parse(c.req.param());
    await book.expectVisible(incident, c.get('actor'));
    const reckoned = await reckoning.one(incident, platform.clock.now());
    return act(incident, (tx) => endClock(tx, deps, reckoned, rule, given, byOf(c, reason, '')));
  }
  const myFeeds = async (c: Context<HttpEnv>) => ({
    items: (await listFeeds(deps, c.get('actor').id)).map(({ id, made_at, last_read_at }) => ({
      id,
      madeAt: made_at.toISOString(),
      lastReadAt: last_read_at?.toISOString() ?? null,
    })),
  });

  return createRouter()
    .openapi(one, async (c) => {
      const { incident } = c.req.valid('param');
      await book.expectVisible(incident, c.get('actor'));
      return c.json(await view(incident), 200);
    })
    .openapi(change, async (c) => {
      const { incident } = c.req.valid('param');
      const { reason, ...given } = c.req.valid('json');
      await book.expectVisible(incident, c.get('actor'));
      const { law } = await reckoning.law();
      return c.json(
        await act(incident, (tx) => enterFacts(tx, deps, law, incident, given, byOf(c, reason, ''))),
        200,
      );
    })
    .openapi(exported, async (c) => {
      const { incident } = c.req.valid('param');
      await book.expectVisible(incident, c.get('actor'));
      const { file, result, head } = await reckoning.one(incident, platform.clock.now());
      c.header('content-disposition', `attachment; filename="incident-${head.number}-facts.json"`);
      return c.json({ ...file, at: result.at }, 200);
    })
    .openapi(submission, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      return c.json(await end(c, { kind: 'submitted', ...given }, reason), 201);
    })
    .openapi(notRequired, async (c) => {
      const { reason, because } = c.req.valid('json');
      return c.json(await end(c, { kind: 'not_required', because }, reason), 201);
    })
    .openapi(late, async (c) => {
      const { reason, because } = c.req.valid('json');
      return c.json(await end(c, { kind: 'late', because }, reason), 201);
    })
    .openapi(reopening, async (c) => {
      const { reason, because } = c.req.valid('json');
      return c.json(await end(c, { kind: 'reopened', because }, reason), 201);
    })
    .openapi(acknowledgement, async (c) => {
      const { incident, rule } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      await book.expectVisible(incident, c.get('actor'));
      const reckoned = await reckoning.one(incident, platform.clock.now());
      const by = byOf(c, reason, 'Acknowledged a clock');
      return c.json(await act(incident, (tx) => acknowledge(tx, deps, reckoned, rule, by)), 201);
    })
    .openapi(wall, async (c) => {
      const all = await reckoning.all(platform.clock.now());
      return c.json(wallOf(await visibleTo(book, all, c.get('actor')), c.req.valid('query')), 200);
    })
    .openapi(feeds, async (c) => c.json(await myFeeds(c), 200))
    .openapi(newFeed, async (c) => {
      const by = byOf(c, c.req.valid('json').reason, 'Made a calendar of clocks');
      const { id, token } = await platform.db
        .transaction()
        .execute((tx) => makeFeed(tx, deps, c.get('actor'), by));
      c.set('shownOnce', true);
      return c.json({ id, url: `${deps.feedBase()}/clocks/feed/${token}.ics` }, 201);
    })
    .openapi(noFeed, async (c) => {
      const { feed: id } = c.req.valid('param');
      const by = byOf(c, undefined, 'Ended a calendar of clocks');
      await platform.db.transaction().execute((tx) => endFeed(tx, deps, c.get('actor').id, id, by));
      return c.json(await myFeeds(c), 200);
    })
    .openapi(feed, async (c) => {
      const { file } = c.req.valid('param');
      const calendar = await readFeed(deps, file, () => reckoning.all(platform.clock.now())).catch(
        (error: unknown) => {
          if (error instanceof Problem) throw error;
          // What handles errors logs the path, and this one holds a secret.
          platform.log.error({ err: error }, 'a calendar of clocks could not be made');
          throw new Problem(
            500,
            'internal',
            'The calendar could not be made, and this was logged. Try again.',
          );
        },
      );
      return c.body(calendar, 200, {
        'content-type': 'text/calendar; charset=utf-8',
        'cache-control': 'private, no-store',
      });
    });
}

function viewOf({ file, result, dropped, entries, ends }: Reckoned): Omit<ClocksView, 'acknowledged'> {
  const { times, answers } = file.incident;
  const last = new Map(entries.map(({ kind, name, n }) => [`${kind} ${name}`, n]));
  return {
    facts: { times, answers, ends: file.ends },
    result: { format: 'drawbridge.deadlines-result/1', ...result },
    profileComplete:
      result.questions.every(({ of }) => of !== 'organisation') && file.organisation.country != null,
    entered: [
      ...entries.map(({ kind, name, value, at, by_name, n }) => ({
        kind,
        name,
        value,
        at: at.toISOString(),
        by: by_name,
        stands: last.get(`${kind} ${name}`) === n,
      })),
      ...ends.map((end, index) => ({
        kind: end.kind,
        name: end.rule,
        value: saidIn(end),
        at: end.at.toISOString(),
        by: end.by,
        stands: standsStill(ends, index),
      })),
    ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    dropped,
  };
}

const saidIn = ({ words }: EnteredEnd): string | null =>
  words.because ?? [words.at, words.what, words.receipt].filter((one) => one !== undefined).join(', ');

/** By the same order as `endsOf`: what was entered later and contradicts it goes first. */
function standsStill(ends: readonly EnteredEnd[], index: number): boolean {
  const end = ends[index];
  if (end === undefined) return false;
  return ends.slice(index + 1).every(({ rule, kind }) => {
    if (rule !== end.rule) return true;
    if (kind === 'reopened' || kind === 'not_required') return false;
    if (kind === 'submitted') return end.kind !== 'not_required';
    return end.kind !== 'late';
  });
}

async function acknowledgements(
  { platform }: Pick<ClockRouteDeps, 'platform'>,
  incident: string,
): Promise<ClocksView['acknowledged']> {
  const rows = await platform.db
    .withTables<ObligationTables>()
    .selectFrom('obligation_acknowledgement')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('at')
    .execute();
  return rows.map(({ rule, due_at, at, by_name }) => ({
    rule,
    dueAt: due_at.toISOString(),
    at: at.toISOString(),
    by: by_name,
  }));
}
