import { sql } from 'kysely';
import type { IncidentHead } from '../incidents/index.ts';
import {
  type By,
  type Caller,
  type Db,
  invalid,
  newId,
  notFound,
  Problem,
  readSetting,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';
import { type NoticeProblem, problemsIn } from './checks.ts';
import { organisation } from './organisation.ts';
import { type About, render } from './render.ts';
import {
  hashOf,
  type NoticeText,
  openReader,
  openText,
  type Reader,
  sealReader,
  sealText,
} from './sealing.ts';
import { differing, type Sheet } from './sheet.ts';
import { readSheet, type SheetDeps } from './sheets.ts';
import type { Language, NoticeRow, NoticeState, NoticeTables } from './tables.ts';
import type { Template } from './template.ts';

/** What is made of a fact sheet for each reader: written, reviewed, approved by a second person. */

export interface NoticeDeps extends SheetDeps {
  templates: ReadonlyMap<string, Template>;
  vendorNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  agreements(
    party: string,
  ): Promise<readonly { kind: string; signedOn: string | null; note: string | null }[]>;
}

export const rowsOf = (db: Db | Tx) => db.withTables<NoticeTables>();

/** Throws Problem 404 for a notice that is none of the incident's. */
export async function readNotice(db: Db | Tx, incident: string, id: string): Promise<NoticeRow> {
  const row = await rowsOf(db)
    .selectFrom('notice')
    .selectAll()
    .where('id', '=', id)
    .where('incident', '=', incident)
    .executeTakeFirst();
  if (row === undefined) throw notFound('notice');
  return row;
}

export async function lockNotice(tx: Tx, incident: string, id: string): Promise<NoticeRow> {
  const row = await rowsOf(tx)
    .selectFrom('notice')
    .selectAll()
    .where('id', '=', id)
    .where('incident', '=', incident)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('notice');
  return row;
}

export function templateOf({ templates }: Pick<NoticeDeps, 'templates'>, id: string): Template {
  const found = templates.get(id);
  if (found === undefined) throw invalid('template', `there is no template ${id}`);
  return found;
}

export async function readText(
  { sealer }: Pick<NoticeDeps, 'sealer'>,
  db: Db | Tx,
  notice: string,
  version: number,
): Promise<NoticeText & { hash: string; sheetVersion: number }> {
  const row = await rowsOf(db)
    .selectFrom('notice_text')
    .selectAll()
    .where('notice', '=', notice)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined) throw new Error('the text of a notice was stored and is not there');
  return {
    ...openText(await sealer(), notice, version, row.sealed),
    hash: row.hash,
    sheetVersion: row.sheet_version,
  };
}

/** Throws Problem 409 `no_fact_sheet`: notices are made of what somebody looked at and kept. */
async function expectSheet(
  deps: NoticeDeps,
  tx: Tx,
  incident: string,
): Promise<{ version: number; sheet: Sheet }> {
  const kept = await readSheet(deps, incident, undefined, tx);
  if (kept === null)
    throw new Problem(409, 'no_fact_sheet', 'Keep the fact sheet first: notices are made of it.');
  return kept;
}

/** What other rooms know of an incident, read before a transaction begins: none of it changes what is written, and no transaction waits for a second connection. */
interface Around {
  head: IncidentHead;
  party: string | null;
  agreements: About['agreements'];
  questions: readonly string[];
}

export async function around(deps: NoticeDeps, incident: string): Promise<Around> {
  const head = await deps.book.head(incident);
  const [names, agreements, { questions }] = await Promise.all([
    deps.vendorNames(head.party === null ? [] : [head.party]),
    head.party === null ? [] : deps.agreements(head.party),
    deps.book.read(incident),
    // Opened now, as that may ask the database too.
    deps.sealer(),
  ]);
  return {
    head,
    party: head.party === null ? null : (names.get(head.party) ?? head.party),
    agreements,
    questions: questions.map(({ text }) => text),
  };
}

async function aboutOf(
  deps: NoticeDeps,
  tx: Tx,
  { head, party, agreements, questions }: Around,
  sheet: Sheet,
  reader: Reader | null,
  follows: NoticeRow | null,
): Promise<About> {
  const earlier = follows === null ? null : await readSheet(deps, head.id, follows.sheet_version, tx);
  return {
    organisation: await readSetting(tx, organisation),
    incident: { number: head.number, drill: head.drill },
    party,
    date: new Date(deps.platform.clock.now()),
    follows:
      follows === null
        ? null
        : {
            date: follows.sent_at ?? follows.approved_at ?? follows.edited_at,
            changed: earlier === null ? [] : differing(earlier.sheet, sheet),
          },
    reader,
    agreements,
    questions,
  };
}

export interface NewNotice {
  template: string;
  language: Language;
  reader: Reader | null;
  follows: string | null;
}

/** Makes a notice of the newest fact sheet, as a draft. Throws Problem 404, 409, 422. */
export async function createNotice(
  deps: NoticeDeps,
  incident: string,
  asked: NewNotice,
  by: By,
): Promise<string> {
  const { platform, book, sealer } = deps;
  const template = templateOf(deps, asked.template);
  if (template.own_scope && asked.reader === null)
    throw invalid('reader', 'is missing: say for whom it is, and what of theirs it is about');
  if (!template.own_scope && asked.reader !== null)
    throw invalid('reader', 'this kind of notice is not for one reader alone');
  const id = newId(platform.clock, platform.random);
  const opened = await sealer();
  const known = await around(deps, incident);
  await platform.db.transaction().execute(async (tx) => {
    const follows = asked.follows === null ? null : await lockNotice(tx, incident, asked.follows);
    if (follows !== null && !['sent', 'exported', 'sending'].includes(follows.state)) {
      throw new Problem(
        409,
        'not_sent',
        'A later version follows what readers got: this one went to nobody yet.',
      );
    }
    if (follows !== null && follows.template !== template.id)
      throw invalid('follows', 'is another kind of notice');
    await book.tell(
      tx,
      incident,
      {
        kind: 'notice',
        about: template.id,
        text: `A notice was begun: ${template.en.name} (${asked.language})`,
      },
      by,
    );
    const sheet = await expectSheet(deps, tx, incident);
    const { subject, text } = render(
      template,
      sheet.sheet,
      await aboutOf(deps, tx, known, sheet.sheet, asked.reader, follows),
      asked.language,
    );
    const { rows } = await sql<{
      next: number;
    }>`SELECT coalesce(max(number), 0) + 1 AS next FROM notice WHERE incident = ${incident}`.execute(tx);
    const edited = {
      edited_by_id: by.actor.id,
      edited_by: by.actor.name,
      edited_at: new Date(platform.clock.now()),
    };
    await rowsOf(tx)
      .insertInto('notice')
      .values({
        id,
        incident,
        number: rows[0]?.next ?? 1,
        template: template.id,
        language: asked.language,
        reader: asked.reader === null ? null : sealReader(opened, id, asked.reader),
        state: 'draft',
        version: 1,
        sheet_version: sheet.version,
        follows: asked.follows,
        ...edited,
        ...unapproved,
        ...unsent,
      })
      .execute();
    await addText(tx, opened, id, 1, { subject, text }, sheet.version, edited);
  });
  platform.events.publish('incidents');
  return id;
}

const unapproved = { approved_by_id: null, approved_by: null, approved_at: null, approved_hash: null };
const unsent = {
  domain: null,
  sending_since: null,
  sent_at: null,
  next_try_at: null,
  trouble: null,
  failures: 0,
};

async function addText(
  tx: Tx,
  sealer: Sealer,
  notice: string,
  version: number,
  text: NoticeText,
  sheetVersion: number,
  edited: { edited_by: string; edited_at: Date },
): Promise<void> {
  await rowsOf(tx)
    .insertInto('notice_text')
    .values({
      notice,
      version,
      sealed: sealText(sealer, notice, version, text),
      hash: hashOf(text),
      sheet_version: sheetVersion,
      edited_by: edited.edited_by,
      edited_at: edited.edited_at,
    })
    .execute();
}

export interface Edit {
  basedOn: number;
  /** Left out: made anew of the newest fact sheet. */
  text: NoticeText | null;
}

/** Keeps another text; what was in review or approved is a draft again. Throws Problem 404, 409. */
export async function editNotice(
  deps: NoticeDeps,
  incident: string,
  id: string,
  edit: Edit,
  by: By,
): Promise<void> {
  const { platform, book, sealer } = deps;
  const opened = await sealer();
  const known = await around(deps, incident);
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['draft', 'review', 'approved'], 'edited');
    if (row.version !== edit.basedOn) throw meanwhile(row);
    const version = row.version + 1;
    await book.tell(
      tx,
      incident,
      { kind: 'notice', about: row.template, text: `Notice ${row.number} was edited: version ${version}` },
      by,
    );
    const sheet = await expectSheet(deps, tx, incident);
    const follows = row.follows === null ? null : await readNotice(tx, incident, row.follows);
    const reader = row.reader === null ? null : openReader(opened, id, row.reader);
    const made =
      edit.text ??
      render(
        templateOf(deps, row.template),
        sheet.sheet,
        await aboutOf(deps, tx, known, sheet.sheet, reader, follows),
        row.language,
      );
    const sheetVersion = edit.text === null ? sheet.version : row.sheet_version;
    const edited = {
      edited_by_id: by.actor.id,
      edited_by: by.actor.name,
      edited_at: new Date(platform.clock.now()),
    };
    await addText(tx, opened, id, version, { subject: made.subject, text: made.text }, sheetVersion, edited);
    await rowsOf(tx)
      .updateTable('notice')
      .set({ version, sheet_version: sheetVersion, state: 'draft', ...edited, ...unapproved })
      .where('id', '=', id)
      .execute();
  });
  platform.events.publish('incidents');
}

export function expectState(row: NoticeRow, states: readonly NoticeState[], done: string): void {
  if (states.includes(row.state)) return;
  throw new Problem(409, 'wrong_state', `A notice that is ${STATES[row.state]} is not ${done}.`, undefined, {
    state: row.state,
  });
}
const STATES: Readonly<Record<NoticeState, string>> = {
  draft: 'a draft',
  review: 'in review',
  approved: 'approved',
  sending: 'being sent',
  sent: 'sent',
  exported: 'exported',
  withdrawn: 'withdrawn',
};

const meanwhile = (row: NoticeRow): Problem =>
  new Problem(
    409,
    'changed_meanwhile',
    `The notice is at version ${row.version} by now: read that, then go on.`,
    undefined,
    { version: row.version },
  );

/** What keeps the text as it stands from being approved. */
export async function problemsOf(
  deps: NoticeDeps,
  db: Db | Tx,
  row: NoticeRow,
  known: Around,
): Promise<NoticeProblem[]> {
  const text = await readText(deps, db, row.id, row.version);
  const sheet = await readSheet(deps, row.incident, row.sheet_version, db);
  if (sheet === null) throw new Error('the fact sheet of a notice was stored and is not there');
  const template = templateOf(deps, row.template);
  const said = await readSetting(db, organisation);
  const { head, party, agreements, questions } = known;
  const { untranslated } = render(
    template,
    sheet.sheet,
    {
      organisation: said,
      incident: { number: head.number, drill: head.drill },
      party,
      date: row.edited_at,
      follows: null,
      reader: row.reader === null ? null : openReader(await deps.sealer(), row.id, row.reader),
      agreements,
      questions,
    },
    row.language,
  );
  return problemsIn({
    subject: text.subject,
    text: text.text,
    template,
    language: row.language,
    sheet: sheet.sheet,
    informationPage: said.informationPage,
    isDrill: head.drill,
    untranslated,
  });
}

export async function expectSound(deps: NoticeDeps, tx: Tx, row: NoticeRow, known: Around): Promise<void> {
  const blocking = (await problemsOf(deps, tx, row, known)).filter((problem) => problem.blocking);
  const [first] = blocking;
  if (first === undefined) return;
  throw new Problem(
    422,
    'notice_not_sound',
    first.text,
    blocking.map(({ text }) => ({ field: 'text', message: text })),
  );
}

/** Hands a draft on for review. Throws Problem 404, 409, and 422 with all that keeps it. */
export async function askReview(deps: NoticeDeps, incident: string, id: string, by: By): Promise<void> {
  const known = await around(deps, incident);
  await deps.platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['draft'], 'handed on for review');
    await deps.book.tell(
      tx,
      incident,
      {
        kind: 'notice',
        about: row.template,
        text: `Notice ${row.number}, version ${row.version}, was handed on for review`,
      },
      by,
    );
    await expectSound(deps, tx, row, known);
    await rowsOf(tx).updateTable('notice').set({ state: 'review' }).where('id', '=', id).execute();
  });
  deps.platform.events.publish('incidents');
}

/**
 * Approves the version that was read, or gives it back. Throws Problem 403 for who wrote the last edit of text or facts, and for
 * what is nobody; 409 for another version, or where somebody decided before.
 */
export async function decide(
  deps: NoticeDeps,
  incident: string,
  id: string,
  { version, decision }: { version: number; decision: 'approve' | 'return' },
  by: By & { actor: Pick<Caller, 'id' | 'name' | 'kind'> },
): Promise<void> {
  const { platform, book } = deps;
  const known = await around(deps, incident);
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['review'], decision === 'approve' ? 'approved' : 'given back');
    if (row.version !== version) throw meanwhile(row);
    if (decision === 'return') {
      await book.tell(
        tx,
        incident,
        { kind: 'notice', about: row.template, text: `Notice ${row.number} was given back: ${by.reason}` },
        by,
      );
      await rowsOf(tx).updateTable('notice').set({ state: 'draft' }).where('id', '=', id).execute();
      return;
    }
    if (by.actor.kind !== 'person') {
      throw new Problem(
        403,
        'no_person',
        'A notice is approved by a person: a program is nobody’s second one.',
      );
    }
    const sheet = await readSheet(deps, incident, row.sheet_version, tx);
    if (row.edited_by_id === by.actor.id || sheet?.madeById === by.actor.id) {
      throw new Problem(
        403,
        'own',
        'Whoever wrote the last edit, of the text or of the facts it is made of, does not approve it. Somebody else has to.',
      );
    }
    await book.tell(
      tx,
      incident,
      { kind: 'notice', about: row.template, text: `Notice ${row.number}, version ${version}, was approved` },
      by,
    );
    await expectSound(deps, tx, row, known);
    const { hash } = await readText(deps, tx, id, version);
    await rowsOf(tx)
      .updateTable('notice')
      .set({
        state: 'approved',
        approved_by_id: by.actor.id,
        approved_by: by.actor.name,
        approved_at: new Date(platform.clock.now()),
        approved_hash: hash,
      })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'notice.approve',
      subject: { kind: 'notice', id },
      detail: {
        incident,
        number: row.number,
        version,
        sha256: hash,
        sheetVersion: row.sheet_version,
        recipients: await recipientsDigest(tx, id),
        drill: known.head.drill,
      },
    });
  });
  platform.events.publish('incidents');
}

/** SHA-256 over the sealed recipients in their order, and how many: whoever has the rows can show that none was put in or taken out. */
export async function recipientsDigest(
  db: Db | Tx,
  notice: string,
): Promise<{ count: number; sha256: string | null }> {
  const { rows } = await sql<{ count: string; digest: string | null }>`
    SELECT count(*) AS count,
      encode(sha256(string_agg(int4send(n) || coalesce(decode(erased, 'hex'), sha256(sealed)), ''::bytea ORDER BY n)), 'hex') AS digest
    FROM notice_recipient WHERE notice = ${notice}`.execute(db);
  return { count: Number(rows[0]?.count ?? 0), sha256: rows[0]?.digest ?? null };
}

/** Takes a notice that went to nobody out of the way; it is kept. */
export async function withdraw(
  deps: Pick<NoticeDeps, 'platform' | 'book'>,
  incident: string,
  id: string,
  by: By,
): Promise<void> {
  await deps.platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['draft', 'review', 'approved'], 'withdrawn');
    await deps.book.tell(
      tx,
      incident,
      { kind: 'notice', about: row.template, text: `Notice ${row.number} was withdrawn` },
      by,
    );
    await rowsOf(tx).updateTable('notice').set({ state: 'withdrawn' }).where('id', '=', id).execute();
  });
  deps.platform.events.publish('incidents');
}
