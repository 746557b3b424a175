import { z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import { type Caller, decodeCursor, page } from '../../platform/index.ts';
import { type ReadDeps, taskView } from './read.ts';
import type { ActionView } from './schemas.ts';
import type { IncidentTables } from './tables.ts';
import { openTitle } from './words.ts';

/** Actions of reviews: tasks of the phase `review`, which outlive the incident until they are done or dropped. */

const Cursor = z.tuple([z.int(), z.uuid()]);
/** Those without a time come last. */
const LAST = 253_402_300_799_000;

/** What is still to do, of all incidents that who asks may know of; due soonest first. */
export async function openActions(
  deps: ReadDeps,
  who: Pick<Caller, 'id' | 'kind'>,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ items: ActionView[]; next: string | null }> {
  const due = sql<Date>`coalesce(incident_task.due_at, ${new Date(LAST)}::timestamptz)`;
  let asked = deps.platform.db
    .withTables<IncidentTables>()
    .selectFrom('incident_task')
    .innerJoin('incident', 'incident.id', 'incident_task.incident')
    .selectAll('incident_task')
    .select(['incident.number', 'incident.title', 'incident.drill', 'incident.state as incident_state'])
    .where('incident_task.state', '=', 'open')
    .where('incident_task.phase', '=', 'review')
    .where('incident.state', '<>', 'merged')
    .orderBy(due)
    .orderBy('incident_task.id')
    .limit(query.limit + 1);
  if (who.kind !== 'command') {
    asked = asked.where((e) =>
      e.or([
        e('incident.restricted', '=', false),
        e.exists(
          e
            .selectFrom('incident_member')
            .select('incident_member.person')
            .whereRef('incident_member.incident', '=', 'incident.id')
            .where('incident_member.person', '=', who.id),
        ),
      ]),
    );
  }
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, Cursor);
    asked = asked.where(
      sql<boolean>`(${due}, incident_task.id) > (${new Date(at)}::timestamptz, ${id}::uuid)`,
    );
  }
  const rows = await asked.execute();
  const sealer = await deps.sealer();
  return page(
    rows,
    query.limit,
    (row) => [row.due_at?.getTime() ?? LAST, row.id],
    (row) => ({
      incident: {
        id: row.incident,
        number: row.number,
        title: openTitle(sealer, row.incident, row.title),
        drill: row.drill,
        state: row.incident_state,
      },
      task: taskView(row, sealer, deps.platform.clock.now()),
    }),
  );
}
