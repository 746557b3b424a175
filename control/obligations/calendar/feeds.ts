import { createHash } from 'node:crypto';
import { UNREVIEWED } from '@drawbridge/clocks';
import {
  type By,
  type Caller,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../../platform/index.ts';
import { isOver, type Reckoned } from '../reckoning.ts';
import type { FeedRow, ObligationTables } from '../tables.ts';
import { visibleTo } from '../wall.ts';
import { isUnreviewed, linesOf, subjectOf } from '../words.ts';
import { type CalendarEvent, calendarText } from './ics.ts';

/** Calendars of clocks, read by a token in their address. */

export interface FeedDeps {
  platform: Platform;
  book: Parameters<typeof visibleTo>[0];
  /** Whether somebody can sign in and may see incidents. */
  mayRead(person: string): Promise<boolean>;
  /** The page of an incident. */
  linkOf(incident: string): string | null;
}

const MOST_FEEDS = 10;
const MOST_EVENTS = 2000;
/** Before it is due. Calendars alarm in their own way; these are those of the reminders as they are set at first. */
const ALARMS = [24 * 3600, 4 * 3600, 3600];
const HOUR_MS = 3_600_000;
const FILE = /^([A-Za-z0-9_-]{43})\.ics$/;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Makes an address for who asks; its token is told once. Throws Problem 403, 409. */
export async function makeFeed(
  tx: Tx,
  { platform }: FeedDeps,
  who: Caller,
  by: By,
): Promise<{ id: string; token: string }> {
  if (who.kind === 'command') {
    throw new Problem(
      403,
      'no_person',
      'A calendar shows what a person may see. Sign in, and make it there.',
    );
  }
  const rows = tx.withTables<ObligationTables>();
  const held = await rows
    .selectFrom('obligation_feed')
    .select((e) => e.fn.countAll<string>().as('count'))
    .where('owner', '=', who.id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (Number(held?.count ?? 0) >= MOST_FEEDS) {
    throw new Problem(
      409,
      'too_many_feeds',
      `You have ${MOST_FEEDS} calendars. End one that you do not use.`,
    );
  }
  const token = platform.random.bytes(32).toString('base64url');
  const id = newId(platform.clock, platform.random);
  await rows
    .insertInto('obligation_feed')
    .values({
      id,
      owner: who.id,
      token_hash: hashOf(token),
      made_at: new Date(platform.clock.now()),
      last_read_at: null,
      ended_at: null,
    })
    .execute();
  await recordChange(tx, platform, { ...by, act: 'obligation.feed', subject: { kind: 'calendar', id } });
  return { id, token };
}

export function listFeeds({ platform }: FeedDeps, owner: string): Promise<FeedRow[]> {
  return platform.db
    .withTables<ObligationTables>()
    .selectFrom('obligation_feed')
    .selectAll()
    .where('owner', '=', owner)
    .where('ended_at', 'is', null)
    .orderBy('made_at')
    .execute();
}

/** From now on its address answers nobody. Throws Problem 404 for one that is not of who asks. */
export async function endFeed(
  tx: Tx,
  { platform }: FeedDeps,
  owner: string,
  id: string,
  by: By,
): Promise<void> {
  const ended = await tx
    .withTables<ObligationTables>()
    .updateTable('obligation_feed')
    .set({ ended_at: new Date(platform.clock.now()) })
    .where('id', '=', id)
    .where('owner', '=', owner)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (ended.numUpdatedRows === 0n) throw notFound('calendar');
  await recordChange(tx, platform, { ...by, act: 'obligation.feed_end', subject: { kind: 'calendar', id } });
}

/** The calendar behind a file name, `<token>.ics`. Throws Problem 404 for what is none, or whose owner may not see incidents any more. */
export async function readFeed(
  deps: FeedDeps,
  file: string,
  all: () => Promise<Reckoned[]>,
): Promise<string> {
  const { platform, book } = deps;
  const token = FILE.exec(file)?.[1];
  const rows = platform.db.withTables<ObligationTables>();
  const feed =
    token === undefined
      ? undefined
      : await rows
          .selectFrom('obligation_feed')
          .selectAll()
          .where('token_hash', '=', hashOf(token))
          .where('ended_at', 'is', null)
          .executeTakeFirst();
  if (feed === undefined || !(await deps.mayRead(feed.owner))) throw notFound('calendar');
  const now = platform.clock.now();
  if (feed.last_read_at === null || now - feed.last_read_at.getTime() > HOUR_MS) {
    await rows
      .updateTable('obligation_feed')
      .set({ last_read_at: new Date(now) })
      .where('id', '=', feed.id)
      .execute();
  }
  // A person, whatever their roles: of a restricted incident only its members have entries.
  const seen = await visibleTo(book, await all(), { id: feed.owner, kind: 'person' });
  const events = await sequenced(platform, seen.flatMap((one) => eventsOf(one, deps)).slice(0, MOST_EVENTS));
  return calendarText({ name: `${platform.deployment.name}: clocks of incidents`, events });
}

type Drafted = Omit<CalendarEvent, 'uid' | 'sequence' | 'changedAt'> & { incident: string; rule: string };

function eventsOf({ head, result }: Reckoned, { linkOf }: FeedDeps): Drafted[] {
  return result.clocks.flatMap((clock): Drafted[] => {
    const { rule, due } = clock;
    if (due === null || clock.state === 'armed') return [];
    const link = linkOf(head.id);
    const ended = isOver(clock) ? ' (done)' : '';
    const reviewed = isUnreviewed(clock) ? ` · ${UNREVIEWED.replace(/\.$/, '')}` : '';
    return [
      {
        incident: head.id,
        rule,
        at: new Date(due.at),
        summary: `${subjectOf(head, clock)}${ended}${reviewed}`,
        description: [...linesOf(head, clock), ...(link === null ? [] : [link])].join('\n'),
        url: link,
        alarms: isOver(clock) ? [] : ALARMS,
      },
    ];
  });
}

/** Gives each event the number of its change: one more than before where anything of it is another than when it was last read. */
async function sequenced(
  { db, clock, deployment }: Platform,
  drafted: readonly Drafted[],
): Promise<CalendarEvent[]> {
  const incidents = [...new Set(drafted.map(({ incident }) => incident))];
  if (incidents.length === 0) return [];
  const now = new Date(clock.now());
  const rows = db.withTables<ObligationTables>();
  const keyOf = ({ incident, rule }: { incident: string; rule: string }) => `${incident}-${rule}`;
  const read = async () => {
    const found = await rows
      .selectFrom('obligation_event')
      .selectAll()
      .where('incident', 'in', incidents)
      .execute();
    return new Map(found.map((row) => [keyOf(row), row]));
  };
  const printed = drafted.map((event) => ({
    event,
    fingerprint: createHash('sha256').update(JSON.stringify(event)).digest('base64url'),
  }));
  const before = await read();
  const changed = printed.filter(
    ({ event, fingerprint }) => before.get(keyOf(event))?.fingerprint !== fingerprint,
  );
  for (const { event, fingerprint } of changed) {
    await rows
      .insertInto('obligation_event')
      .values({
        incident: event.incident,
        rule: event.rule,
        sequence: 0,
        fingerprint,
        changed_at: now,
      })
      // Whoever reads at the same time and was faster has counted it.
      .onConflict((conflict) =>
        conflict
          .columns(['incident', 'rule'])
          .doUpdateSet((e) => ({
            sequence: e('obligation_event.sequence', '+', 1),
            fingerprint,
            changed_at: now,
          }))
          .where('obligation_event.fingerprint', '<>', fingerprint),
      )
      .execute();
  }
  const after = changed.length === 0 ? before : await read();
  return drafted.map(({ incident, rule, ...event }) => {
    const row = after.get(keyOf({ incident, rule }));
    return {
      ...event,
      uid: `${keyOf({ incident, rule })}@${deployment.id}`,
      sequence: row?.sequence ?? 0,
      changedAt: row?.changed_at ?? now,
    };
  });
}
