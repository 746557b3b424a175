import { type Db, readSetting, type Tx } from '../platform/index.ts';
import { datesOf } from './agreed.ts';
import { type AgreementDates, lastDayOf } from './agreements.ts';
import { addDays, type Day } from './days.ts';
import { type Rules, rulesSetting, tierOf } from './rules.ts';
import type { Status } from './status.ts';
import type { RegisterTables } from './tables.ts';

/** A time in which something holds, in milliseconds since 1970: `from` belongs to it, `until` does not; null: no end is known. */
export interface Span {
  from: number;
  until: number | null;
}

/** What policies may ask the register of a vendor: with times, so that whoever asks need not ask again when one comes. */
export interface PolicyFacts {
  status: Status;
  /** Empty: it has none. */
  tier: string;
  /** By kind, in their order: what holds now or will. */
  agreements: (Span & { kind: string })[];
  /** While the last review is in date; null: there is none, or it failed. */
  review: Span | null;
}

/** More agreements of one vendor than anybody has; what is beyond them counts as not agreed. */
const MOST = 100;

const startOf = (day: Day): number => Date.parse(day);
/** When a day is over. */
const endOf = (day: Day | null): number | null => (day === null ? null : Date.parse(addDays(day, 1)));

/** When an agreement holds; null: never. As `stateOn` says it day by day. */
export function spanOf(agreement: AgreementDates): Span | null {
  const { signedOn, validFrom } = agreement;
  if (signedOn === null) return null;
  const span = { from: startOf(validFrom ?? signedOn), until: endOf(lastDayOf(agreement)) };
  return span.until !== null && span.until <= span.from ? null : span;
}

/** While a review is in date, by the tier of the vendor: in one that asks for none again, without an end. */
export function reviewSpanOf(reviewedOn: Day | null, tier: string | null, rules: Rules): Span | null {
  if (reviewedOn === null) return null;
  const found = tier === null ? null : tierOf(rules, tier);
  // A tier that is gone says nothing of how long a review is good for.
  if (found === undefined) return null;
  const every = found?.reviewEveryDays ?? null;
  return { from: startOf(reviewedOn), until: every === null ? null : endOf(addDays(reviewedOn, every)) };
}

/** Of vendors that are entered, by id. `now`: what is over by then is left out. */
export async function readPolicyFacts(
  db: Db | Tx,
  vendors: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, PolicyFacts>> {
  if (vendors.length === 0) return new Map();
  const rows = db.withTables<RegisterTables>();
  // One after another: a transaction has one connection to the database.
  const rules = await readSetting(db, rulesSetting);
  const entered = await rows
    .selectFrom('register_vendor')
    .select(['id', 'status', 'tier', 'reviewed_on'])
    .where('id', 'in', [...vendors])
    .execute();
  const agreements = await rows
    .selectFrom('register_agreement')
    .selectAll()
    .where('vendor', 'in', [...vendors])
    .orderBy('kind')
    .orderBy('id')
    .execute();
  const agreementsOf = Map.groupBy(agreements, ({ vendor }) => vendor);
  return new Map(
    entered.map(({ id, status, tier, reviewed_on: reviewedOn }): [string, PolicyFacts] => {
      const spans = (agreementsOf.get(id) ?? []).flatMap((row) => {
        const span = spanOf(datesOf(row));
        return span === null || isOver(span, now) ? [] : [{ kind: row.kind, ...span }];
      });
      const review = reviewSpanOf(reviewedOn, tier, rules);
      return [
        id,
        {
          status,
          tier: tier ?? '',
          agreements: spans.slice(0, MOST),
          review: review === null || isOver(review, now) ? null : review,
        },
      ];
    }),
  );
}

const isOver = ({ until }: Span, now: number): boolean => until !== null && until <= now;
