import { z } from '@hono/zod-openapi';
import {
  type BlobInfo,
  type Blobs,
  type By,
  type Caller,
  decodeCursor,
  notFound,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../../platform/index.ts';
import { addLine, type LineDeps, lockIncident } from './lines.ts';
import type { AttachmentView } from './schemas.ts';
import type { EntryRow, IncidentTables } from './tables.ts';
import { openWords } from './words.ts';

/** Files of an incident: each a line of its timeline. Content and name lie sealed; the hash stands in no log that others read. */

export interface AttachmentDeps extends LineDeps {
  blobs: Pick<Blobs, 'take' | 'open' | 'use' | 'used'>;
}

const MOST = 500;
const KIND = 'incident_attachment';
const useOf = (incident: string, n: number): string => `${incident}/${n}`;

/** Keeps a file of any kind. Returns its line's number. Throws Problem 404, 409, 413, 422. */
export async function attach(
  deps: AttachmentDeps,
  incident: string,
  file: { name: string; type: string; content: AsyncIterable<Uint8Array> },
  by: By,
): Promise<number> {
  let line = 0;
  const tell = async (tx: Tx, info: BlobInfo): Promise<void> => {
    const row = await lockIncident(tx, incident);
    const rows = tx.withTables<IncidentTables>();
    const { count } = await rows
      .selectFrom('incident_attachment')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where('incident', '=', incident)
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST) {
      throw new Problem(409, 'incident_full', `An incident has at most ${MOST} files.`);
    }
    line = await addLine(tx, deps, row, { kind: 'attachment', text: file.name, about: info.type }, by);
    await rows.insertInto('incident_attachment').values({ incident, n: line, hash: info.hash }).execute();
    // The name among the files is readable to whoever has the database: the true one is in the line.
    const of = { kind: KIND, id: useOf(incident, line) };
    await deps.blobs.use(tx, of, [{ hash: info.hash, name: 'attachment' }], 'file');
  };
  // A capture, an archive, a mail with bytes of another alphabet: evidence comes as it comes, and is only ever given back.
  await deps.blobs.take(file.content, file.type, by, tell, 'any');
  return line;
}

const Cursor = z.tuple([z.int()]);

const select = (deps: AttachmentDeps, incident: string) =>
  deps.platform.db
    .withTables<IncidentTables>()
    .selectFrom('incident_attachment')
    .innerJoin('incident_entry', (join) =>
      join
        .onRef('incident_entry.incident', '=', 'incident_attachment.incident')
        .onRef('incident_entry.n', '=', 'incident_attachment.n'),
    )
    .selectAll('incident_entry')
    .select('incident_attachment.hash')
    .where('incident_attachment.incident', '=', incident);

/** The newest first. */
export async function listAttachments(
  deps: AttachmentDeps,
  incident: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ items: AttachmentView[]; next: string | null }> {
  const before = query.cursor === undefined ? null : (decodeCursor(query.cursor, Cursor)[0] ?? null);
  let asked = select(deps, incident)
    .orderBy('incident_attachment.n', 'desc')
    .limit(query.limit + 1);
  if (before !== null) asked = asked.where('incident_attachment.n', '<', before);
  const rows = await asked.execute();
  const sealer = await deps.sealer();
  const files = await deps.blobs.used(
    KIND,
    rows.map(({ n }) => useOf(incident, n)),
  );
  return page(
    rows,
    query.limit,
    (row) => [row.n],
    (row) => {
      const [file] = files.get(useOf(incident, row.n)) ?? [];
      return viewOf(row, openWords(sealer, incident, row.n, row.sealed).text, file);
    },
  );
}

const viewOf = (
  row: EntryRow & { hash: string },
  name: string,
  file: BlobInfo | undefined,
): AttachmentView => ({
  n: row.n,
  name,
  hash: row.hash,
  bytes: file?.bytes ?? 0,
  type: row.about ?? '',
  at: row.at.toISOString(),
  by: row.by_name,
});

/** A file's content, and its name; the reading is written into the log of changes. Throws Problem 404. */
export async function openAttachment(deps: AttachmentDeps, incident: string, n: number, actor: Caller) {
  const row = await select(deps, incident).where('incident_attachment.n', '=', n).executeTakeFirst();
  if (row === undefined) throw notFound('attachment');
  const file = await deps.blobs.open(row.hash);
  await deps.platform.db.transaction().execute((tx) =>
    recordChange(tx, deps.platform, {
      actor,
      reason: 'Downloaded',
      act: 'incident.attachment_read',
      subject: { kind: 'incident', id: incident },
      detail: { n },
    }),
  );
  return { ...file, name: openWords(await deps.sealer(), incident, n, row.sealed).text };
}
