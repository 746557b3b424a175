import { toPlain } from './markup.ts';
import { type NoticeDeps, readText, rowsOf } from './notices.ts';
import { messageId } from './sending.ts';

const ID =
  /^<notice\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(\d{1,6})\.(\d{1,9})@[^\s@>]+>$/;

/** What was sent under a Message-ID: its recipients know the id, so that only with the same text it is the same notice. */
export interface SentNotice {
  incident: string;
  notice: string;
  text: string;
}

/** Null: no notice of ours was sent under it. */
export async function sentAs(
  deps: Pick<NoticeDeps, 'platform' | 'sealer'>,
  id: string,
): Promise<SentNotice | null> {
  const [, notice, version, n] = ID.exec(id) ?? [];
  if (notice === undefined || version === undefined || n === undefined) return null;
  const { db } = deps.platform;
  const row = await rowsOf(db)
    .selectFrom('notice')
    .select(['id', 'incident', 'version', 'domain'])
    .where('id', '=', notice)
    .executeTakeFirst();
  const recipient = await rowsOf(db)
    .selectFrom('notice_recipient')
    .select('state')
    .where('notice', '=', notice)
    .where('n', '=', Number(n))
    .executeTakeFirst();
  if (row === undefined || recipient === undefined || recipient.state === 'waiting') return null;
  if (messageId(row, Number(n)) !== id) return null;
  const { text } = await readText(deps, db, notice, row.version);
  return { incident: row.incident, notice, text: toPlain(text) };
}
