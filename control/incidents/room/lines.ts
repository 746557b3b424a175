import {
  type By,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Sealer,
  type Tx,
} from '../../platform/index.ts';
import type { Confidence, EntryKind, IncidentRow, IncidentTables } from './tables.ts';
import { sealWords } from './words.ts';

/** The timeline: every write is a line of it, and none is ever changed. */

export interface NewLine {
  kind: EntryKind;
  text: string;
  source?: string;
  happenedAt?: Date;
  refers?: number;
  about?: string;
  dueAt?: Date;
  confidence?: Confidence;
}

export interface LineDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
}

const MOST_LINES = 20_000;

/** Locks an incident, so that its lines have one order. Throws Problem 404, and 409 for one that was merged into another. */
export async function lockIncident(tx: Tx, id: string): Promise<IncidentRow> {
  const row = await tx
    .withTables<IncidentTables>()
    .selectFrom('incident')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('incident');
  if (row.state === 'merged') {
    throw new Problem(
      409,
      'incident_merged',
      'The incident was merged into another one; go on there.',
      undefined,
      {
        mergedInto: row.merged_into,
      },
    );
  }
  return row;
}

/** Adds a line to a locked incident, and records the change without its words. Returns its number. */
export async function addLine(
  tx: Tx,
  { platform, sealer }: LineDeps,
  row: IncidentRow,
  line: NewLine,
  by: By,
): Promise<number> {
  const n = row.entries + 1;
  if (n > MOST_LINES) {
    throw new Problem(
      409,
      'incident_full',
      `An incident has at most ${MOST_LINES} lines; open one that is related.`,
    );
  }
  row.entries = n;
  const rows = tx.withTables<IncidentTables>();
  await rows
    .insertInto('incident_entry')
    .values({
      incident: row.id,
      n,
      kind: line.kind,
      at: new Date(platform.clock.now()),
      happened_at: line.happenedAt ?? null,
      by_id: by.actor.id,
      by_name: by.actor.name,
      refers: line.refers ?? null,
      about: line.about ?? null,
      due_at: line.dueAt ?? null,
      confidence: line.confidence ?? null,
      sealed: sealWords(await sealer(), row.id, n, { text: line.text, source: line.source ?? null }),
    })
    .execute();
  await rows.updateTable('incident').set({ entries: n }).where('id', '=', row.id).execute();
  await recordChange(tx, platform, {
    ...by,
    act: `incident.${line.kind}`,
    subject: { kind: 'incident', id: row.id },
    detail: { n, ...(line.about === undefined ? {} : { about: line.about }), drill: row.drill },
  });
  return n;
}

/** Of the incident, and of a kind. Throws Problem 422 that names the field. */
export async function expectLine(
  tx: Tx,
  incident: string,
  n: number,
  kind: EntryKind,
  field: string,
): Promise<{ about: string | null }> {
  const found = await tx
    .withTables<IncidentTables>()
    .selectFrom('incident_entry')
    .select(['kind', 'about'])
    .where('incident', '=', incident)
    .where('n', '=', n)
    .executeTakeFirst();
  if (found?.kind !== kind) {
    throw new Problem(422, 'invalid_request', `${field}: line ${n} is no ${kind}`, [
      { field, message: `line ${n} is no ${kind}` },
    ]);
  }
  return { about: found.about };
}
