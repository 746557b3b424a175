import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Mail, MailError, type Mailer, type MailSession } from '../mail/index.ts';
import { type Actor, type By, type Platform, Problem, recordChange, Turns } from '../platform/index.ts';
import { languageWords } from './language.ts';
import { toHtml, toPlain } from './markup.ts';
import {
  around,
  expectSound,
  expectState,
  lockNotice,
  type NoticeDeps,
  readText,
  recipientsDigest,
  rowsOf,
  templateOf,
} from './notices.ts';
import { noticePdf } from './pdf.ts';
import { drillRecipients } from './recipients.ts';
import { hashOf, openRecipient, sealAnswer } from './sealing.ts';
import type { NoticeRow, RecipientRow, RecipientState } from './tables.ts';

/**
 * Sends approved notices, one mail per recipient. Each is marked before it is handed to the server: what was under way when a process died
 * may have arrived, so it is not sent again by itself and waits for a person.
 */

export interface SendingDeps extends NoticeDeps {
  mailer: Mailer;
  /** Mails under way at once, over a connection each. */
  lanes?: number;
}

const sender: Actor = { id: 'system:notices', name: 'The sending of notices' };
const SEND_LOCK = 4_400_441_55;
const LOOK_MS = 5_000;
const RETRY_MS = 5_000;
const LANES = 4;
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 4 * 3600_000;
/** While the server itself fails: nothing is said about any recipient. */
const SERVER_WAIT_MS = 30_000;
const LONGEST_SERVER_WAIT_MS = 30 * 60_000;

/** Milliseconds until the next try, after so many that failed: doubled each time. */
export const waitAfter = (tries: number, first = FIRST_WAIT_MS, longest = LONGEST_WAIT_MS): number =>
  Math.min(first * 2 ** Math.min(tries - 1, 20), longest);

/** Begins to send an approved notice. Throws Problem 404, 409, 422. */
export async function beginSending(deps: SendingDeps, incident: string, id: string, by: By): Promise<void> {
  const { platform, book, mailer } = deps;
  const known = await around(deps, incident);
  if (!(await mailer.ready())) {
    throw new Problem(
      409,
      'no_mail_server',
      'No mail server is set up. Enter it in the settings, or export the notice.',
    );
  }
  const session = await mailer.session();
  const { domain } = session;
  session.close();
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['approved'], 'sent');
    await expectSound(deps, tx, row, known);
    const { hash } = await readText(deps, tx, id, row.version);
    if (hash !== row.approved_hash)
      throw new Problem(
        409,
        'not_what_was_approved',
        'The text is not the one that was approved. Have it approved again.',
      );
    const recipients = await recipientsDigest(tx, id);
    if (recipients.count === 0)
      throw new Problem(
        409,
        'no_recipients',
        'It has no recipients. Withdraw it and begin again, or export it.',
      );
    await book.tell(
      tx,
      incident,
      {
        kind: 'notice',
        about: row.template,
        text: `Sending of notice ${row.number} to ${recipients.count} recipients began`,
      },
      by,
    );
    const now = new Date(platform.clock.now());
    await rowsOf(tx)
      .updateTable('notice')
      .set({ state: 'sending', domain, sending_since: now, next_try_at: now, trouble: null, failures: 0 })
      .where('id', '=', id)
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'notice.send',
      subject: { kind: 'notice', id },
      detail: {
        incident,
        number: row.number,
        version: row.version,
        sha256: hash,
        recipients,
        drill: known.head.drill,
      },
    });
  });
  platform.events.publish('incidents');
}

/** What a person says of a recipient whose mail is in doubt, or was refused. Throws Problem 404, 409. */
export async function settle(
  deps: NoticeDeps,
  incident: string,
  id: string,
  { n, decision }: { n: number; decision: 'sent' | 'again' | 'leave_out' },
  by: By,
): Promise<void> {
  const { platform, book } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['sending', 'sent'], 'decided about');
    const found = await rowsOf(tx)
      .selectFrom('notice_recipient')
      .select('state')
      .where('notice', '=', id)
      .where('n', '=', n)
      .forUpdate()
      .executeTakeFirst();
    if (found === undefined)
      throw new Problem(404, 'not_found', 'There is no such recipient of this notice.');
    if (!['in_doubt', 'refused', 'gave_up'].includes(found.state)) {
      throw new Problem(409, 'nothing_to_decide', 'Of this recipient nothing is to be decided.');
    }
    if (decision === 'sent' && found.state !== 'in_doubt') {
      throw new Problem(409, 'nothing_to_decide', 'The server refused this mail: it did not arrive.');
    }
    const state: RecipientState =
      decision === 'again' ? 'waiting' : decision === 'sent' ? 'sent' : 'left_out';
    const now = new Date(platform.clock.now());
    await book.tell(
      tx,
      incident,
      {
        kind: 'notice',
        about: row.template,
        text: `Notice ${row.number}, recipient ${n}: ${decision === 'again' ? 'to be sent again' : decision === 'sent' ? 'taken to have arrived' : 'left out'}`,
      },
      by,
    );
    await rowsOf(tx)
      .updateTable('notice_recipient')
      .set({ state, attempts: 0, next_try_at: null, at: now })
      .where('notice', '=', id)
      .where('n', '=', n)
      .execute();
    // Also one that was done goes on: completing looks at what is left.
    await rowsOf(tx)
      .updateTable('notice')
      .set({ state: 'sending', next_try_at: now, sent_at: null })
      .where('id', '=', id)
      .execute();
  });
  platform.events.publish('incidents');
}

export interface Sending {
  poke(): void;
  start(): void;
  stop(): Promise<void>;
  /** One turn of all that is due, to its end. Returns how many mails were tried. For tests, and what `start` does again and again. */
  turn(): Promise<number>;
  /** What was under way when a process died is in doubt from then on. */
  recover(): Promise<number>;
}

export function createSending(deps: SendingDeps): Sending {
  const { platform, mailer, sealer } = deps;
  const { db, clock } = platform;
  const now = () => new Date(clock.now());
  let isStopping = false;

  async function recover(): Promise<number> {
    const found = await rowsOf(db)
      .updateTable('notice_recipient')
      .set({ state: 'in_doubt', at: now(), code: 'died' })
      .where('state', '=', 'trying')
      .executeTakeFirst();
    return Number(found.numUpdatedRows);
  }

  async function claim(notice: string): Promise<RecipientRow | null> {
    const { rows } = await sql<RecipientRow>`
      UPDATE notice_recipient SET state = 'trying', attempts = attempts + 1, at = ${now()}
      WHERE notice = ${notice} AND n = (
        SELECT n FROM notice_recipient WHERE notice = ${notice} AND state = 'waiting' AND (next_try_at IS NULL OR next_try_at <= ${now()})
        ORDER BY next_try_at NULLS FIRST, n LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING *`.execute(db);
    return rows[0] ?? null;
  }

  /** Only what is still under way in this attempt; a doubt that another process noted meanwhile is settled by what is known here. */
  async function note(
    row: RecipientRow,
    state: RecipientState,
    more: Partial<Pick<RecipientRow, 'next_try_at' | 'code' | 'answer' | 'attempts'>>,
  ): Promise<void> {
    await rowsOf(db)
      .updateTable('notice_recipient')
      .set({ state, at: now(), ...more })
      .where('notice', '=', row.notice)
      .where('n', '=', row.n)
      .where('attempts', '=', row.attempts)
      .where('state', 'in', ['trying', 'in_doubt'])
      .execute();
  }

  async function deliver(send: Deliver, row: RecipientRow): Promise<MailError | null> {
    if (row.erased !== null) {
      // Erased while it was under way or in doubt: there is no address to send to again.
      await note(row, 'left_out', { code: 'erased' });
      return null;
    }
    const opened = await sealer();
    const answerOf = (text: string | null) =>
      text === null ? null : sealAnswer(opened, row.notice, row.n, text);
    try {
      const response = await send(row.n, openRecipient(opened, row.notice, row.n, row.sealed).address);
      await note(row, 'sent', { code: 'taken', answer: answerOf(response), next_try_at: null });
      return null;
    } catch (error) {
      if (!(error instanceof MailError)) {
        // Of a fault of ours nobody knows how far it got.
        await note(row, 'in_doubt', { code: 'failed_here' });
        throw error;
      }
      const { code, permanent, about, response } = error;
      if (code === 'in_doubt') await note(row, 'in_doubt', { code });
      else if (about === 'server') await note(row, 'waiting', { attempts: row.attempts - 1, code });
      else if (permanent) await note(row, 'refused', { code, answer: answerOf(response) });
      else if (row.attempts >= MOST_TRIES) await note(row, 'gave_up', { code, answer: answerOf(response) });
      else
        await note(row, 'waiting', {
          code,
          answer: answerOf(response),
          next_try_at: new Date(clock.now() + waitAfter(row.attempts)),
        });
      return about === 'server' ? error : null;
    }
  }

  /** Until nothing of the notice is due, the server fails, or it is to stop. Returns how many were tried. */
  async function sendOne(notice: NoticeRow, isOver: () => boolean): Promise<number> {
    const post = await postFor(deps, notice);
    let tried = 0;
    let failure: MailError | null = null;
    const lane = async (): Promise<void> => {
      let session: MailSession | null = null;
      try {
        while (failure === null && !isOver()) {
          const row = await claim(notice.id);
          if (row === null) return;
          tried += 1;
          const found = await deliver(async (n, address) => {
            session ??= await mailer.session();
            return post(session, n, address);
          }, row);
          failure ??= found;
        }
      } finally {
        (session as MailSession | null)?.close();
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: deps.lanes ?? LANES }, lane));
    await conclude(notice.id, failure);
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return tried;
  }

  /** Says when it goes on, or that it is done. */
  async function conclude(id: string, failure: MailError | null): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const row = await rowsOf(tx)
        .selectFrom('notice')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirstOrThrow();
      if (row.state !== 'sending') return;
      if (failure !== null) {
        const failures = row.failures + 1;
        const wait = waitAfter(failures, SERVER_WAIT_MS, LONGEST_SERVER_WAIT_MS);
        await rowsOf(tx)
          .updateTable('notice')
          .set({
            failures,
            trouble: failure.message.slice(0, 500),
            next_try_at: new Date(clock.now() + wait),
          })
          .where('id', '=', id)
          .execute();
        return;
      }
      const counts = await countsOf(tx, id);
      const open = counts.waiting + counts.trying + counts.in_doubt;
      if (open > 0) {
        const { rows } = await sql<{ next: Date | null }>`
          SELECT min(coalesce(next_try_at, ${now()})) AS next FROM notice_recipient WHERE notice = ${id} AND state = 'waiting'`.execute(
          tx,
        );
        // Null: it waits for a person alone.
        await rowsOf(tx)
          .updateTable('notice')
          .set({ failures: 0, trouble: null, next_try_at: rows[0]?.next ?? null })
          .where('id', '=', id)
          .execute();
        return;
      }
      await rowsOf(tx)
        .updateTable('notice')
        .set({ state: 'sent', sent_at: now(), failures: 0, trouble: null, next_try_at: null })
        .where('id', '=', id)
        .execute();
      const by = { actor: sender, reason: 'All recipients were tried' };
      const missed = counts.refused + counts.gave_up + counts.left_out;
      await recordChange(tx, platform, {
        ...by,
        act: 'notice.sent',
        subject: { kind: 'notice', id },
        detail: {
          incident: row.incident,
          number: row.number,
          version: row.version,
          sha256: row.approved_hash,
          taken: counts.sent,
          missed,
          receipts: await receiptsOf(tx, id),
        },
      });
      await tellIfOpen(
        deps,
        tx,
        row,
        `Notice ${row.number} was sent: ${counts.sent} taken by the mail server, ${missed} not`,
        by,
      );
    });
    platform.events.publish('incidents');
  }

  async function turn(isOver: () => boolean = () => isStopping): Promise<number> {
    let tried = 0;
    const due = await rowsOf(db)
      .selectFrom('notice')
      .selectAll()
      .where('state', '=', 'sending')
      .where('next_try_at', '<=', now())
      .orderBy('next_try_at')
      .limit(50)
      .execute();
    for (const notice of due) {
      if (isOver()) break;
      tried += await sendOne(notice, isOver);
    }
    return tried;
  }

  const turns = new Turns({
    pool: platform.pool,
    lock: SEND_LOCK,
    lookMs: LOOK_MS,
    retryMs: RETRY_MS,
    async work(mine) {
      const isOver = () => mine.isOver || mine.broken() !== null;
      // Whoever has the turn is the only one that sends: what is under way is so of somebody who died.
      const died = await recover();
      if (died > 0)
        platform.log.warn(
          { died },
          'mails of notices were under way when a process ended: each waits for a person',
        );
      while (!isOver()) {
        await turn(isOver);
        if (!isOver()) await mine.sleep(LOOK_MS);
      }
    },
    onElsewhere: () => undefined,
    async onFailure(error) {
      platform.log.error({ err: error }, 'sending of notices failed; it goes on soon');
    },
  });
  return {
    recover,
    turn: () => turn(),
    poke: () => turns.poke(),
    start: () => turns.start(),
    async stop() {
      isStopping = true;
      await turns.stop();
    },
  };
}

type Deliver = (n: number, address: string) => Promise<string>;
type Post = (session: MailSession, n: number, address: string) => Promise<string>;

/**
 * The one way by which a notice becomes a mail. Of a drill it hands on what goes to the drill's own recipients alone, whoever stands in
 * the list: throws MailError `invalid` for any other.
 */
export async function postFor(
  deps: Pick<NoticeDeps, 'platform' | 'sealer' | 'book' | 'templates'>,
  notice: NoticeRow,
): Promise<Post> {
  const head = await deps.book.head(notice.incident);
  const text = await readText(deps, deps.platform.db, notice.id, notice.version);
  const allowed = head.drill
    ? new Set(
        (await drillRecipients(deps, null, notice.incident)).map(({ address }) => address.toLowerCase()),
      )
    : null;
  const { drill } = languageWords[notice.language];
  const isMarked = text.subject.startsWith(drill) && text.text.startsWith(drill);
  const isApproved = notice.approved_hash !== null && hashOf(text) === notice.approved_hash;
  const mail: Omit<Mail, 'to' | 'messageId'> = {
    subject: text.subject,
    text: toPlain(text.text),
    html: toHtml(text.subject, text.text, notice.language),
    ...(templateOf(deps, notice.template).attach === 'pdf'
      ? {
          attachments: [
            {
              name: `notice-${head.number}-${notice.number}.pdf`,
              type: 'application/pdf',
              bytes: await noticePdf({
                ...text,
                language: notice.language,
                date: new Date(deps.platform.clock.now()),
              }),
            },
          ],
        }
      : {}),
  };
  return async (session, n, address) => {
    if (!isApproved) throw refuse('it is not what was approved');
    if (allowed !== null && (!isMarked || !allowed.has(address.toLowerCase()))) {
      throw refuse('an exercise goes to its own recipients alone, and says that it is one');
    }
    const { response } = await session.send({ ...mail, to: address, messageId: messageId(notice, n) });
    return response;
  };
}

const refuse = (why: string): MailError => new MailError('invalid', `Not sent: ${why}.`, { permanent: true });

/** The same for a recipient of a version, however often it is tried. */
export const messageId = (notice: Pick<NoticeRow, 'id' | 'version' | 'domain'>, n: number): string =>
  `<notice.${notice.id}.${notice.version}.${n}@${notice.domain ?? 'invalid'}>`;

export type Counts = Record<RecipientState, number>;

export async function countsOf(
  db: Platform['db'] | Parameters<typeof recipientsDigest>[0],
  id: string,
): Promise<Counts> {
  const found = await rowsOf(db)
    .selectFrom('notice_recipient')
    .select((e) => ['state', e.fn.countAll<number>().as('count')])
    .where('notice', '=', id)
    .groupBy('state')
    .execute();
  const counts: Counts = { waiting: 0, trying: 0, sent: 0, refused: 0, gave_up: 0, in_doubt: 0, left_out: 0 };
  for (const { state, count } of found) counts[state] = Number(count);
  return counts;
}

/** SHA-256 over what became of each recipient, in their order, without an address: read in batches. */
async function receiptsOf(tx: Parameters<typeof recipientsDigest>[0], id: string): Promise<string> {
  const hash = createHash('sha256');
  for (let after = 0; ; ) {
    const rows = await rowsOf(tx)
      .selectFrom('notice_recipient')
      .select(['n', 'state', 'at', 'sealed', 'erased'])
      .where('notice', '=', id)
      .where('n', '>', after)
      .orderBy('n')
      .limit(1_000)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return hash.digest('hex');
    after = last.n;
    for (const { n, state, at, sealed, erased } of rows) {
      const lay = erased ?? createHash('sha256').update(sealed).digest('hex');
      hash.update(`${n} ${state} ${at?.toISOString() ?? '-'} ${lay}\n`);
    }
  }
}

/** One that was merged takes no lines any more; that its notice was sent is in the log all the same. */
async function tellIfOpen(
  deps: NoticeDeps,
  tx: Parameters<NoticeDeps['book']['tell']>[0],
  row: NoticeRow,
  text: string,
  by: By,
): Promise<void> {
  try {
    await deps.book.tell(tx, row.incident, { kind: 'notice', about: row.template, text }, by);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'incident_merged') throw error;
  }
}
