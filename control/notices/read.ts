import type { Caller } from '../platform/index.ts';
import { invalid, readSetting } from '../platform/index.ts';
import { type DoraFields, doraFields } from './dora.ts';
import { blocksOf, toHtml, toPlain } from './markup.ts';
import { around, type NoticeDeps, problemsOf, readNotice, readText, rowsOf, templateOf } from './notices.ts';
import { organisation } from './organisation.ts';
import { noticePdf } from './pdf.ts';
import type { NoticeRowView, NoticeView, RecipientView } from './schemas.ts';
import { openAnswer, openReader, openRecipient } from './sealing.ts';
import { type Counts, countsOf, messageId } from './sending.ts';
import { readSheet } from './sheets.ts';
import type { NoticeRow, RecipientState } from './tables.ts';

type Who = Pick<Caller, 'id'>;
const MOST_NOTICES = 500;

async function rowView(deps: NoticeDeps, row: NoticeRow, counts: Counts, who: Who): Promise<NoticeRowView> {
  const reader = row.reader === null ? null : openReader(await deps.sealer(), row.id, row.reader).name;
  const { approved_by: by, approved_at: at, approved_hash: sha256 } = row;
  return {
    id: row.id,
    number: row.number,
    template: row.template,
    name: deps.templates.get(row.template)?.[row.language].name ?? row.template,
    language: row.language,
    reader,
    state: row.state,
    version: row.version,
    sheetVersion: row.sheet_version,
    follows: row.follows,
    edited: { by: row.edited_by, at: row.edited_at.toISOString(), self: row.edited_by_id === who.id },
    approved: by === null || at === null || sha256 === null ? null : { by, at: at.toISOString(), sha256 },
    sending:
      row.sending_since === null
        ? null
        : {
            since: row.sending_since.toISOString(),
            sentAt: row.sent_at?.toISOString() ?? null,
            nextTryAt: row.next_try_at?.toISOString() ?? null,
            trouble: row.trouble,
          },
    recipients: counts,
  };
}

export async function listNotices(deps: NoticeDeps, incident: string, who: Who): Promise<NoticeRowView[]> {
  const rows = await rowsOf(deps.platform.db)
    .selectFrom('notice')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('number', 'desc')
    .limit(MOST_NOTICES)
    .execute();
  const views: NoticeRowView[] = [];
  for (const row of rows) views.push(await rowView(deps, row, await countsOf(deps.platform.db, row.id), who));
  return views;
}

/** With the text as its readers get it. Throws Problem 404. */
export async function viewNotice(
  deps: NoticeDeps,
  incident: string,
  id: string,
  who: Who,
): Promise<NoticeView> {
  const { db } = deps.platform;
  const row = await readNotice(db, incident, id);
  const known = await around(deps, incident);
  const [counts, readers, text, problems, sheet] = await Promise.all([
    countsOf(db, id),
    readersOf(deps, id),
    readText(deps, db, id, row.version),
    problemsOf(deps, db, row, known),
    readSheet(deps, incident),
  ]);
  return {
    ...(await rowView(deps, row, counts, who)),
    readers,
    subject: text.subject,
    text: text.text,
    blocks: blocksOf(text.text),
    plain: toPlain(text.text),
    problems,
    latestSheet: sheet?.version ?? 0,
    drill: known.head.drill,
  };
}

const MOST_READERS = 500;

async function readersOf({ platform }: NoticeDeps, notice: string): Promise<NoticeView['readers']> {
  const rows = await rowsOf(platform.db)
    .selectFrom('notice_recipient')
    .select((eb) => ['country', 'language', eb.fn.countAll<string>().as('recipients')])
    .where('notice', '=', notice)
    .groupBy(['country', 'language'])
    .orderBy('recipients', 'desc')
    .orderBy('country')
    .orderBy('language')
    .limit(MOST_READERS)
    .execute();
  return rows.map((row) => ({ ...row, recipients: Number(row.recipients) }));
}

/** Recipients in clear, in their order. That somebody looked is for the caller to record. */
export async function listRecipients(
  deps: NoticeDeps,
  incident: string,
  id: string,
  query: { state?: RecipientState | undefined; after: number; limit: number },
): Promise<{ items: RecipientView[]; next: number | null }> {
  const row = await readNotice(deps.platform.db, incident, id);
  let asked = rowsOf(deps.platform.db)
    .selectFrom('notice_recipient')
    .selectAll()
    .where('notice', '=', id)
    .where('n', '>', query.after)
    .orderBy('n')
    .limit(query.limit + 1);
  if (query.state !== undefined) asked = asked.where('state', '=', query.state);
  const found = await asked.execute();
  const sealer = await deps.sealer();
  const kept = found.slice(0, query.limit);
  return {
    items: kept.map((one) => ({
      n: one.n,
      ...(one.erased === null
        ? openRecipient(sealer, id, one.n, one.sealed)
        : { address: '(erased)', name: null }),
      country: one.country,
      language: one.language,
      state: one.state,
      attempts: one.attempts,
      at: one.at?.toISOString() ?? null,
      code: one.code,
      answer: one.answer === null ? null : openAnswer(sealer, id, one.n, one.answer),
      messageId: row.domain === null ? null : messageId(row, one.n),
    })),
    next: found.length > query.limit ? (kept.at(-1)?.n ?? null) : null,
  };
}

export interface NoticeFile {
  name: string;
  type: string;
  bytes: Buffer;
}

/** An approved text as a file. Throws Problem 404, and 422 for fields of a kind that has none. */
export async function fileOf(
  deps: NoticeDeps,
  incident: string,
  id: string,
  format: 'text' | 'html' | 'pdf' | 'json',
): Promise<NoticeFile> {
  const row = await readNotice(deps.platform.db, incident, id);
  const { subject, text } = await readText(deps, deps.platform.db, id, row.version);
  const known = await around(deps, incident);
  const name = `notice-${known.head.number}-${row.number}`;
  const date = row.approved_at ?? row.edited_at;
  switch (format) {
    case 'text':
      return {
        name: `${name}.txt`,
        type: 'text/plain',
        bytes: Buffer.from(`${subject}\n\n${toPlain(text)}`),
      };
    case 'html':
      return {
        name: `${name}.html`,
        type: 'text/html',
        bytes: Buffer.from(toHtml(subject, text, row.language)),
      };
    case 'pdf':
      return {
        name: `${name}.pdf`,
        type: 'application/pdf',
        bytes: await noticePdf({
          subject,
          text,
          language: row.language,
          date,
          isBrief: templateOf(deps, row.template).for === 'board',
        }),
      };
    case 'json': {
      if (templateOf(deps, row.template).fields !== 'dora')
        throw invalid('format', 'is json: this kind of notice has no fields by number');
      const sheet = await readSheet(deps, incident, row.sheet_version);
      if (sheet === null) throw new Error('the fact sheet of a notice was stored and is not there');
      const fields: DoraFields = doraFields(
        sheet.sheet,
        {
          organisation: await readSetting(deps.platform.db, organisation),
          incident: { number: known.head.number, drill: known.head.drill },
          party: known.party,
        },
        row.language,
      );
      return {
        name: `${name}.json`,
        type: 'application/json',
        bytes: Buffer.from(`${JSON.stringify(fields, null, 2)}\n`),
      };
    }
  }
}
