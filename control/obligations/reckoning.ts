import { type Clock, Clocks, type Deadlines, type Law } from '@drawbridge/clocks';
import type { IncidentBook, IncidentHead } from '../incidents/index.ts';
import { readFactsFile } from '../laws/index.ts';
import type { Platform, Sealer } from '../platform/index.ts';
import { readDocument } from './documents.ts';
import { readEnds, readEntries, standing } from './entries.ts';
import { type EnteredEnd, type FactsFileForm, factsFileOf } from './facts.ts';
import { type Organisation, ownRulesDocument, profileDocument, reviewsDocument } from './organisation.ts';
import type { EntryRow, ObligationTables } from './tables.ts';
import { Unmoved } from './unmoved.ts';
import { type VendorNotice, vendorRule } from './vendor-rule.ts';

/** Clocks of incidents from what is kept: the same reader and the same library as the command has, so that both say the same. */

export interface ReckoningDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
  /** The law that is shipped; read when it is first asked for. */
  readLaw: () => Promise<Law>;
  /** By when vendors tell of an incident, by the register: of those of whom something is stated. */
  noticesOf(vendors: readonly string[]): Promise<readonly VendorNotice[]>;
}

/** One incident with its clocks at one time. */
export interface Reckoned {
  head: IncidentHead;
  file: FactsFileForm;
  result: Deadlines;
  dropped: string[];
  entries: readonly EntryRow[];
  ends: readonly EnteredEnd[];
}

export interface Reckoning {
  law(): Promise<{ law: Law; clocks: Clocks }>;
  organisation(): Promise<Organisation>;
  /** Throws Problem 404. `at`: the time of reckoning, milliseconds since 1970. */
  one(incident: string, at: number): Promise<Reckoned>;
  /** Of every incident that is not over: those that are closed count as long as something was entered for them. */
  all(at: number): Promise<Reckoned[]>;
}

/** Whether nothing is to be done for a clock any more. What is only said to be late goes on. */
export const isOver = ({ end }: Clock): boolean =>
  end !== null && (end.not_required !== null || end.submissions.length > 0);

/** Whether a clock runs that somebody has to do something about, or may have to. */
export const isLive = (clock: Clock): boolean =>
  !isOver(clock) && clock.start !== null && ['running', 'due', 'late', 'unknown'].includes(clock.state);

/** What the register says of a vendor may change what is known of an incident that is over: it is looked at again then. */
const QUIET_MS = 10 * 60_000;

/** What stamps have for incidents of which nothing is entered. */
const NOTHING = 'nothing';

export function createReckoning(deps: ReckoningDeps): Reckoning {
  const { platform, sealer, book } = deps;
  const { db } = platform;
  /** Incidents that are over and have no clock that runs: nothing in them moves by time alone, so that they are not reckoned each time. */
  const quiet = new Map<string, { stamp: string; until: number }>();
  const unmoved = new Unmoved();
  let read: Promise<{ law: Law; clocks: Clocks }> | null = null;
  const law = () => {
    read ??= deps.readLaw().then(
      (found) => ({ law: found, clocks: new Clocks(found) }),
      (error: unknown) => {
        read = null;
        throw error;
      },
    );
    return read;
  };

  async function organisation(): Promise<Organisation> {
    const [profile, reviews, ownRules] = await Promise.all([
      readDocument(db, deps, profileDocument),
      readDocument(db, deps, reviewsDocument),
      readDocument(db, deps, ownRulesDocument),
    ]);
    return { profile: profile.value, reviews: reviews.value, ownRules: ownRules.value };
  }

  /** What is entered for each incident, as a mark that changes with every entry, and with what is set for the organisation. */
  async function stampsNow(): Promise<ReadonlyMap<string, string>> {
    const rows = db.withTables<ObligationTables>();
    const [set, entered, ended] = await Promise.all([
      rows
        .selectFrom('obligation_document')
        .select((e) => e.fn.countAll<string>().as('n'))
        .where('kind', '<>', 'reminders')
        .executeTakeFirst(),
      rows
        .selectFrom('obligation_entry')
        .select((e) => ['incident', e.fn.max('n').as('n')])
        .groupBy('incident')
        .execute(),
      rows
        .selectFrom('obligation_end')
        .select((e) => ['incident', e.fn.max('n').as('n')])
        .groupBy('incident')
        .execute(),
    ]);
    const ends = new Map(ended.map(({ incident, n }) => [incident, n]));
    const of = (n: number, incident: string): string => `${set?.n} ${n} ${ends.get(incident) ?? 0}`;
    return new Map([
      [NOTHING, of(0, NOTHING)],
      // Ends alone are of a clock that needs no time: a rule that somebody decided about before anything was known.
      ...ended.map(({ incident }) => [incident, of(0, incident)] as const),
      ...entered.map(({ incident, n }) => [incident, of(n, incident)] as const),
    ]);
  }

  /** `stamps` were read before what they stand for: what is entered meanwhile is reckoned anew the next time. */
  async function reckon(
    heads: readonly IncidentHead[],
    at: number,
    stamps: ReadonlyMap<string, string>,
  ): Promise<Reckoned[]> {
    if (heads.length === 0) return [];
    const notices = await noticesOf(heads);
    const asked = heads.map((head) => {
      const notice = (head.party === null ? undefined : notices.get(head.party)) ?? null;
      const stamp = JSON.stringify([stamps.get(head.id) ?? stamps.get(NOTHING), head, notice]);
      return { head, notice, stamp, found: unmoved.find(head.id, stamp, at) };
    });
    const fresh = await reckonFresh(
      asked.filter(({ found }) => found === null),
      at,
    );
    return asked.map(({ head, stamp, found }) => {
      if (found !== null) return found;
      const made = fresh.get(head.id);
      if (made === undefined) throw new Error('an incident was reckoned and is not there');
      unmoved.keep(head.id, stamp, at, made);
      return made;
    });
  }

  async function reckonFresh(
    asked: readonly { head: IncidentHead; notice: VendorNotice | null }[],
    at: number,
  ): Promise<ReadonlyMap<string, Reckoned>> {
    if (asked.length === 0) return new Map();
    const ids = asked.map(({ head }) => head.id);
    const [known, org, entries, ends] = await Promise.all([
      law(),
      organisation(),
      readEntries(db, ids),
      sealer().then((opened) => readEnds(db, opened, ids)),
    ]);
    const byIncident = Map.groupBy(entries, ({ incident }) => incident);
    return new Map(
      asked.map(({ head, notice }) => {
        const entered = byIncident.get(head.id) ?? [];
        const ended = ends.get(head.id) ?? [];
        const { file, dropped } = factsFileOf(
          org,
          {
            name: head.title,
            times: standing(entered, 'time'),
            answers: standing(entered, 'answer'),
            ends: ended,
            vendorRule: notice === null ? null : vendorRule(notice),
          },
          known.law,
        );
        const facts = readFactsFile(JSON.stringify(file));
        if ('problems' in facts) {
          const [first] = facts.problems;
          throw new Error(
            `the facts of incident ${head.number} can not be read: ${first?.field} ${first?.message}`,
          );
        }
        const result = known.clocks.deadlines(facts.facts, at);
        return [head.id, { head, file, dropped, entries: entered, ends: ended, result }];
      }),
    );
  }

  async function noticesOf(heads: readonly IncidentHead[]): Promise<ReadonlyMap<string, VendorNotice>> {
    const found = await deps.noticesOf([...new Set(heads.flatMap(({ party }) => party ?? []))]);
    return new Map(found.map((notice) => [notice.vendor, notice]));
  }

  return {
    law,
    organisation,
    async one(incident, at) {
      const stamps = await stampsNow();
      const [found] = await reckon([await book.head(incident)], at, stamps);
      if (found === undefined) throw new Error('an incident was reckoned and is not there');
      return found;
    },
    async all(at) {
      const stamps = await stampsNow();
      const open = await book.open();
      const opened = new Set(open.map(({ id }) => id));
      const ids = [...stamps.keys()].filter((id) => id !== NOTHING && !opened.has(id));
      const asked = ids.filter((id) => {
        const known = quiet.get(id);
        return known === undefined || known.stamp !== stamps.get(id) || known.until < at;
      });
      const closed = (await book.heads(asked)).filter(({ state }) => state === 'closed');
      const [ofOpen, ofClosed] = await Promise.all([reckon(open, at, stamps), reckon(closed, at, stamps)]);
      // An incident that is closed ends no clock: one that still runs stays on the wall.
      const running = ofClosed.filter(({ result }) => result.clocks.some(isLive));
      const runs = new Set(running.map(({ head }) => head.id));
      for (const id of asked) {
        const stamp = stamps.get(id);
        if (!runs.has(id) && stamp !== undefined) quiet.set(id, { stamp, until: at + QUIET_MS });
      }
      unmoved.only(new Set([...open, ...running.map(({ head }) => head)].map(({ id }) => id)));
      return [...ofOpen, ...running];
    },
  };
}
