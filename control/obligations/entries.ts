import { z } from 'zod';
import type { Db, Platform, Sealer, Tx } from '../platform/index.ts';
import { type By, Problem } from '../platform/index.ts';
import type { EndWords, EnteredEnd } from './facts.ts';
import { OwnRuleFormSchema } from './organisation.ts';
import type { EndKind, EntryRow, ObligationTables } from './tables.ts';

/** What is entered of an incident's clocks. Rows are only added; the incident is locked meanwhile, by the line of its timeline. */

const MOST_ENTRIES = 2000;
const MOST_ENDS = 200;

const WordsSchema: z.ZodType<EndWords> = z.strictObject({
  at: z.string().optional(),
  what: z.string().optional(),
  receipt: z.string().optional(),
  because: z.string().optional(),
  rule: OwnRuleFormSchema.optional(),
});

const tables = (db: Db | Tx) => db.withTables<ObligationTables>();
const placeOf = (incident: string, n: number) => ['obligation end', incident, n];

const full = (what: string, most: number) =>
  new Problem(409, 'incident_full', `An incident has at most ${most} ${what}.`);

/** In the order in which they were entered. */
export function readEntries(db: Db | Tx, incidents: readonly string[]): Promise<EntryRow[]> {
  if (incidents.length === 0) return Promise.resolve([]);
  return tables(db)
    .selectFrom('obligation_entry')
    .selectAll()
    .where('incident', 'in', [...incidents])
    .orderBy('incident')
    .orderBy('n')
    .execute();
}

/** What holds now, by name: what was taken back is not in it. */
export function standing(entries: readonly EntryRow[], kind: EntryRow['kind']): Record<string, string> {
  const last = new Map(entries.filter((one) => one.kind === kind).map(({ name, value }) => [name, value]));
  return Object.fromEntries([...last].flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

export async function addEntry(
  tx: Tx,
  { clock }: Pick<Platform, 'clock'>,
  incident: string,
  given: { kind: EntryRow['kind']; name: string; value: string | null },
  by: By,
): Promise<void> {
  const last = await tables(tx)
    .selectFrom('obligation_entry')
    .select((e) => e.fn.max('n').as('n'))
    .where('incident', '=', incident)
    .executeTakeFirst();
  const n = (last?.n ?? 0) + 1;
  if (n > MOST_ENTRIES) throw full('entered times and answers', MOST_ENTRIES);
  const { actor } = by;
  const entered = { at: new Date(clock.now()), by_id: actor.id, by_name: actor.name };
  await tables(tx)
    .insertInto('obligation_entry')
    .values({ incident, n, ...given, ...entered })
    .execute();
}

/** In the order in which they were entered, by incident. */
export async function readEnds(
  db: Db | Tx,
  sealer: Sealer,
  incidents: readonly string[],
): Promise<ReadonlyMap<string, EnteredEnd[]>> {
  const found = new Map<string, EnteredEnd[]>();
  if (incidents.length === 0) return found;
  const rows = await tables(db)
    .selectFrom('obligation_end')
    .selectAll()
    .where('incident', 'in', [...incidents])
    .orderBy('incident')
    .orderBy('n')
    .execute();
  for (const { incident, n, rule, kind, at, by_name, sealed } of rows) {
    const words = WordsSchema.parse(JSON.parse(sealer.open(placeOf(incident, n), sealed).toString()));
    found.set(incident, [...(found.get(incident) ?? []), { rule, kind, at, by: by_name, words }]);
  }
  return found;
}

export async function addEnd(
  tx: Tx,
  { clock }: Pick<Platform, 'clock'>,
  sealer: Sealer,
  incident: string,
  given: { rule: string; kind: EndKind; words: EndWords },
  by: By,
): Promise<void> {
  const last = await tables(tx)
    .selectFrom('obligation_end')
    .select((e) => e.fn.max('n').as('n'))
    .where('incident', '=', incident)
    .executeTakeFirst();
  const n = (last?.n ?? 0) + 1;
  if (n > MOST_ENDS) throw full('entered ends of clocks', MOST_ENDS);
  await tables(tx)
    .insertInto('obligation_end')
    .values({
      incident,
      n,
      rule: given.rule,
      kind: given.kind,
      sealed: sealer.seal(placeOf(incident, n), Buffer.from(JSON.stringify(given.words))),
      at: new Date(clock.now()),
      by_id: by.actor.id,
      by_name: by.actor.name,
    })
    .execute();
}

/** Rules whose clock ended in an incident and was not reopened since, and when that was entered. */
export async function clocksEnded(db: Db, incident: string): Promise<ReadonlyMap<string, Date>> {
  const rows = await tables(db)
    .selectFrom('obligation_end')
    .select(['rule', 'kind', 'at'])
    .where('incident', '=', incident)
    .orderBy('n')
    .execute();
  const ended = new Map<string, Date>();
  for (const { rule, kind, at } of rows) {
    if (kind === 'reopened') ended.delete(rule);
    // Who only says why it is late goes on with it.
    else if (kind !== 'late' && !ended.has(rule)) ended.set(rule, at);
  }
  return ended;
}
