import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import type { IncidentBook } from '../incidents/index.ts';
import {
  type By,
  csvLine,
  decodeCursor,
  invalid,
  type Platform,
  page,
  type Sealer,
} from '../platform/index.ts';
import { languageWords } from './language.ts';
import { rowsOf } from './notices.ts';
import { words } from './sheet.ts';
import { readSheet } from './sheets.ts';
import { authorityDecisions, type BreachRow, personsDecisions } from './tables.ts';

/** The register of breaches under GDPR Art. 33(5): facts, effects, remedial action, and why somebody was not told. */

export interface BreachDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
}

const texts = {
  facts: words(4000),
  effects: words(4000),
  remedial: words(4000),
  authorityWhy: words(2000),
  personsWhy: words(2000),
};
const Words = z.object(texts);

export const BreachEntrySchema = z
  .strictObject({
    ...texts,
    authority: z.enum(authorityDecisions),
    persons: z.enum(personsDecisions),
    basedOn: z.int().min(0).openapi({ description: 'The version that was changed; 0: none was kept' }),
  })
  .openapi('BreachEntry');
type Entry = z.infer<typeof BreachEntrySchema>;

export const BreachSchema = z
  .object({
    incident: z.object({
      id: z.string(),
      number: z.number(),
      title: z.string(),
      drill: z.boolean(),
      state: z.string(),
    }),
    party: z.string().nullable(),
    openedAt: z.string(),
    occurredFrom: z.string().nullable(),
    occurredTo: z.string().nullable(),
    version: z.number(),
    facts: z.string(),
    effects: z.string(),
    remedial: z.string(),
    authority: z.enum(authorityDecisions),
    authorityWhy: z.string(),
    persons: z.enum(personsDecisions),
    personsWhy: z.string(),
    notices: z.number().openapi({ description: 'That were sent or exported' }),
    changedAt: z.string().nullable(),
    changedBy: z.string().nullable(),
  })
  .openapi('Breach');
export type Breach = z.infer<typeof BreachSchema>;

const placeOf = (incident: string, version: number) => ['breach entry', incident, version] as const;
const Cursor = z.tuple([z.int()]);

/**
 * All incidents that are no drill, the newest first: every breach stands in the register, decided or not. `mayKnow`: restricted ones are
 * there for their members alone.
 */
export async function listBreaches(
  deps: BreachDeps,
  query: { limit: number; cursor?: string | undefined },
  mayKnow: (incident: string) => Promise<boolean>,
): Promise<{ items: Breach[]; next: string | null }> {
  const before = query.cursor === undefined ? null : (decodeCursor(query.cursor, Cursor)[0] ?? null);
  const { rows } = await sql<{ id: string; number: number }>`
    SELECT id, number FROM incident WHERE NOT drill AND state <> 'merged' ${before === null ? sql`` : sql`AND number < ${before}`}
    ORDER BY number DESC LIMIT ${query.limit + 1}`.execute(deps.platform.db);
  const cut = page(
    rows,
    query.limit,
    (row) => [row.number],
    (row) => row,
  );
  const items: Breach[] = [];
  for (const { id } of cut.items) if (await mayKnow(id)) items.push(await readBreach(deps, id));
  return { items, next: cut.next };
}

/** As it stands; what nobody entered comes from the fact sheet, and is empty where that has nothing. */
export async function readBreach(deps: BreachDeps, incident: string): Promise<Breach> {
  const { platform, sealer, book } = deps;
  const [head, row, sheet, sent] = await Promise.all([
    book.head(incident),
    newest(deps, incident),
    readSheet(deps, incident),
    rowsOf(platform.db)
      .selectFrom('notice')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('incident', '=', incident)
      .where('state', 'in', ['sent', 'exported'])
      .executeTakeFirst(),
  ]);
  const fact = (name: 'what_happened' | 'consequences' | 'measures'): string => {
    const found = sheet?.sheet.facts[name];
    if (found === undefined) return '';
    const said = found.text.en || found.text.de;
    return found.grade === 'unknown' ? `${languageWords.en.notKnown} ${said}`.trim() : said;
  };
  const said =
    row === undefined
      ? {
          facts: fact('what_happened'),
          effects: fact('consequences'),
          remedial: fact('measures'),
          authorityWhy: '',
          personsWhy: '',
        }
      : Words.parse(JSON.parse((await sealer()).open(placeOf(incident, row.version), row.sealed).toString()));
  return {
    incident: { id: head.id, number: head.number, title: head.title, drill: head.drill, state: head.state },
    party: head.party,
    openedAt: head.openedAt.toISOString(),
    occurredFrom: head.occurredFrom?.toISOString() ?? null,
    occurredTo: head.occurredTo?.toISOString() ?? null,
    version: row?.version ?? 0,
    ...said,
    authority: row?.authority ?? 'undecided',
    persons: row?.persons ?? 'undecided',
    notices: Number(sent?.count ?? 0),
    changedAt: row?.made_at.toISOString() ?? null,
    changedBy: row?.made_by ?? null,
  };
}

const newest = (
  { platform }: Pick<BreachDeps, 'platform'>,
  incident: string,
): Promise<BreachRow | undefined> =>
  rowsOf(platform.db)
    .selectFrom('breach_entry')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();

/** Keeps an entry; earlier ones stay. Not telling somebody needs its reason. Throws Problem 404, 409, 422. */
export async function keepBreach(
  deps: BreachDeps,
  incident: string,
  { basedOn, ...entry }: Entry,
  by: By,
): Promise<void> {
  const { platform, sealer, book } = deps;
  if (entry.authority === 'not_notified' && entry.authorityWhy === '')
    throw invalid('authorityWhy', 'is missing: say why the authority is not notified');
  if (entry.persons === 'not_told' && entry.personsWhy === '')
    throw invalid('personsWhy', 'is missing: say why the persons are not told');
  const opened = await sealer();
  await platform.db.transaction().execute(async (tx) => {
    const text = `Register of breaches: authority ${entry.authority.replace('_', ' ')}, persons ${entry.persons.replace('_', ' ')}`;
    // Locks the incident, so that versions have one order.
    const head = await book.tell(
      tx,
      incident,
      {
        kind: 'decision',
        about: 'breach_register',
        text,
        source: [entry.authorityWhy, entry.personsWhy].filter((one) => one !== '').join('\n') || by.reason,
      },
      by,
    );
    if (head.drill) throw invalid('incident', 'is an exercise: no breach of it is registered');
    const before = await rowsOf(tx)
      .selectFrom('breach_entry')
      .select('version')
      .where('incident', '=', incident)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if ((before?.version ?? 0) !== basedOn)
      throw invalid('basedOn', `somebody kept version ${before?.version ?? 0} meanwhile; read that first`);
    const { authority, persons, ...said } = entry;
    const version = basedOn + 1;
    await rowsOf(tx)
      .insertInto('breach_entry')
      .values({
        incident,
        version,
        authority,
        persons,
        sealed: opened.seal(placeOf(incident, version), Buffer.from(JSON.stringify(said))),
        made_at: new Date(platform.clock.now()),
        made_by: by.actor.name,
      })
      .execute();
  });
  platform.events.publish('incidents');
}

const COLUMNS = [
  'number',
  'title',
  'party',
  'openedAt',
  'occurredFrom',
  'occurredTo',
  'facts',
  'effects',
  'remedial',
  'authority',
  'authorityWhy',
  'persons',
  'personsWhy',
  'notices',
  'changedAt',
  'changedBy',
] as const;

/** The whole register as a table (RFC 4180), in pieces. */
export async function* breachCsv(
  deps: BreachDeps,
  mayKnow: (incident: string) => Promise<boolean>,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await listBreaches(deps, { limit: 100, cursor }, mayKnow);
    for (const { incident, ...one } of items) {
      const cells = { ...one, number: incident.number, title: incident.title };
      yield csvLine(COLUMNS.map((column) => String(cells[column] ?? '')));
    }
    if (next === null) return;
    cursor = next;
  }
}
