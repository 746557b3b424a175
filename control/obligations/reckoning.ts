import { type Clock, Clocks, type Deadlines, type Law } from '@drawbridge/clocks';
import type { IncidentBook, IncidentHead } from '../incidents/index.ts';
import { readFactsFile } from '../laws/index.ts';
import type { Platform, Sealer } from '../platform/index.ts';
import { readDocument } from './documents.ts';
import { readEnds, readEntries, standing } from './entries.ts';
import { type EnteredEnd, type FactsFileForm, factsFileOf } from './facts.ts';
import { type Organisation, ownRulesDocument, profileDocument, reviewsDocument } from './organisation.ts';
import type { EntryRow, ObligationTables } from './tables.ts';
import { type VendorNotice, vendorRule } from './vendor-rule.ts';

/** Clocks of incidents from what is kept: the same reader and the same library as the command has, so that both say the same. */

export interface ReckoningDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
  /** The law that is shipped; read when it is first asked for. */
  readLaw: () => Promise<Law>;
  /** By when a vendor tells of an incident, by the register; null: nothing is stated. */
  noticeOf(vendor: string): Promise<VendorNotice | null>;
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

export function createReckoning(deps: ReckoningDeps): Reckoning {
  const { platform, sealer, book } = deps;
  const { db } = platform;
  /** Incidents that are over and have no clock that runs: nothing in them moves by time alone, so that they are not reckoned each time. */
  const quiet = new Map<string, { stamp: string; until: number }>();
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
    return new Map(entered.map(({ incident, n }) => [incident, `${set?.n} ${n} ${ends.get(incident) ?? 0}`]));
  }

  async function reckon(heads: readonly IncidentHead[], at: number): Promise<Reckoned[]> {
    if (heads.length === 0) return [];
    const ids = heads.map(({ id }) => id);
    const [known, org, entries, ends, notices] = await Promise.all([
      law(),
      organisation(),
      readEntries(db, ids),
      sealer().then((opened) => readEnds(db, opened, ids)),
      noticesOf(heads),
    ]);
    const byIncident = Map.groupBy(entries, ({ incident }) => incident);
    return heads.map((head) => {
      const entered = byIncident.get(head.id) ?? [];
      const ended = ends.get(head.id) ?? [];
      const notice = head.party === null ? undefined : notices.get(head.party);
      const { file, dropped } = factsFileOf(
        org,
        {
          name: head.title,
          times: standing(entered, 'time'),
          answers: standing(entered, 'answer'),
          ends: ended,
          vendorRule: notice === undefined ? null : vendorRule(notice),
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
      return {
        head,
        file,
        dropped,
        entries: entered,
        ends: ended,
        result: known.clocks.deadlines(facts.facts, at),
      };
    });
  }

  async function noticesOf(heads: readonly IncidentHead[]): Promise<ReadonlyMap<string, VendorNotice>> {
    const parties = [...new Set(heads.flatMap(({ party }) => party ?? []))];
    const found = await Promise.all(parties.map((party) => deps.noticeOf(party)));
    return new Map(found.flatMap((notice) => (notice === null ? [] : [[notice.vendor, notice]])));
  }

  return {
    law,
    organisation,
    async one(incident, at) {
      const [found] = await reckon([await book.head(incident)], at);
      if (found === undefined) throw new Error('an incident was reckoned and is not there');
      return found;
    },
    async all(at) {
      const open = await book.open();
      const stamps = await stampsNow();
      const ids = [...stamps.keys()].filter((id) => !open.some((head) => head.id === id));
      const asked = ids.filter((id) => {
        const known = quiet.get(id);
        return known === undefined || known.stamp !== stamps.get(id) || known.until < at;
      });
      const closed = (await book.heads(asked)).filter(({ state }) => state === 'closed');
      const [ofOpen, ofClosed] = await Promise.all([reckon(open, at), reckon(closed, at)]);
      // An incident that is closed ends no clock: one that still runs stays on the wall.
      const running = ofClosed.filter(({ result }) => result.clocks.some(isLive));
      const runs = new Set(running.map(({ head }) => head.id));
      for (const id of asked) {
        const stamp = stamps.get(id);
        if (!runs.has(id) && stamp !== undefined) quiet.set(id, { stamp, until: at + QUIET_MS });
      }
      return [...ofOpen, ...running];
    },
  };
}
