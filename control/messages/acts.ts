import { sql } from 'kysely';
import { MailError, type Mailer } from '../mail/index.ts';
import { type By, type Caller, Problem, recordChange, type Sealer, type Tx } from '../platform/index.ts';
import { type DeskDeps, rows } from './desk.ts';
import { openFindings } from './findings.ts';
import { mayReadAll, messageRow } from './read.ts';
import type { Reply } from './replies.ts';
import type { Ending, MessageRow } from './tables.ts';

/** What people do with messages: say what they found at the dashboard, close them, open an incident. */

/** Added to the harm of a message that somebody looked for in vain, and half of it to those like it. */
const NOT_THERE = 25;
/** The playbook of an incident that a message led to: of one about our keys, and of all others. */
const PLAYBOOKS = { key: 'vendor-key-leak', other: 'vendor-data-breach' } as const;

export interface ActDeps extends DeskDeps {
  replies: readonly Reply[];
  mailer: Pick<Mailer, 'ready' | 'session'>;
  /** Mail address of a person; null: none, or they may not sign in. */
  addressOf: (person: string) => Promise<string | null>;
}

/** The person looked at the dashboard. What was not there alarms those who look after the queue. Throws Problem 404, 409. */
export async function answerMessage(deps: ActDeps, id: string, there: boolean, actor: Caller): Promise<void> {
  const { platform } = deps;
  const row = await messageRow(deps, id, actor);
  if (row.reporter_id !== actor.id && !mayReadAll(actor))
    throw new Problem(403, 'not_permitted', 'It is another’s message.');
  await platform.db.transaction().execute(async (tx) => {
    const before = await lock(tx, id);
    if (before.answered_there === there) return;
    // Who takes the answer back takes its weight back.
    const sign = there ? (before.answered_there === false ? -1 : 0) : 1;
    const harm = within(before.harm + sign * NOT_THERE);
    await rows(tx)
      .updateTable('message')
      .set({
        answered_there: there,
        answered_at: new Date(platform.clock.now()),
        harm,
        // What was closed as genuine and was not there is looked at again.
        ...(!there && before.closed_as === 'genuine' ? reopened : {}),
      })
      .where('id', '=', id)
      .execute();
    if (sign !== 0 && before.campaign !== null)
      await rows(tx)
        .updateTable('message')
        .set({
          harm: sql<number>`greatest(0, least(100, harm + ${sign * Math.floor(NOT_THERE / 2)}::integer))`,
        })
        .where('campaign', '=', before.campaign)
        .where('id', '<>', id)
        .where('state', '=', 'open')
        .execute();
    await recordChange(tx, platform, {
      actor,
      reason: there ? 'It was there' : 'It was not there',
      act: there ? 'message.there' : 'message.not_there',
      subject: { kind: 'message', id },
      detail: { vendor: before.vendor, campaign: before.campaign },
    });
  });
  platform.events.publish('messages');
}

const within = (harm: number): number => Math.max(0, Math.min(100, harm));

const reopened = {
  state: 'open' as const,
  closed_as: null,
  closed_at: null,
  closed_by_id: null,
  closed_by: null,
  reply: null,
};

async function lock(tx: Tx, id: string): Promise<MessageRow> {
  return rows(tx)
    .selectFrom('message')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export interface Closing {
  messages: readonly string[];
  as: Ending;
  reply: string | null;
}

/**
 * Closes messages, and answers those who handed them in. Each is closed by itself: what can't be is told, and the others are closed.
 * Throws Problem 422 for a reply that is not there.
 */
export async function closeMessages(deps: ActDeps, given: Closing, by: By) {
  const { platform } = deps;
  const reply = given.reply === null ? null : deps.replies.find(({ id }) => id === given.reply);
  if (reply === undefined) throw new Problem(422, 'invalid_request', 'reply: there is no such reply.');
  const ids = [...new Set(given.messages)];
  const skipped: { id: string; why: string }[] = [];
  const closed = await platform.db.transaction().execute(async (tx) => {
    const found = await rows(tx)
      .selectFrom('message')
      .selectAll()
      .where('id', 'in', ids)
      .orderBy('id')
      .forUpdate()
      .execute();
    const there = new Set(found.map(({ id }) => id));
    for (const id of ids) if (!there.has(id)) skipped.push({ id, why: 'There is no such message.' });
    const open = found.filter((row) => {
      if (row.state === 'open') return true;
      skipped.push({ id: row.id, why: 'It is closed already.' });
      return false;
    });
    if (open.length > 0)
      await rows(tx)
        .updateTable('message')
        .set({
          state: 'closed',
          closed_as: given.as,
          closed_at: new Date(platform.clock.now()),
          closed_by_id: by.actor.id,
          closed_by: by.actor.name,
          reply: given.reply,
        })
        .where(
          'id',
          'in',
          open.map(({ id }) => id),
        )
        .execute();
    for (const { id, verdict } of open)
      await recordChange(tx, platform, {
        ...by,
        act: 'message.close',
        subject: { kind: 'message', id },
        detail: { as: given.as, verdict, reply: given.reply },
      });
    return open;
  });
  platform.events.publish('messages');
  const replied = reply === null ? 0 : await answerAll(deps, closed, reply);
  return { closed: closed.length, skipped, replied };
}

/** By mail, where a mail server is entered and there is an address; in the console they see it anyway. */
async function answerAll(deps: ActDeps, closed: readonly MessageRow[], reply: Reply): Promise<number> {
  if (closed.length === 0 || !(await deps.mailer.ready())) return 0;
  const seal = await deps.sealer();
  let replied = 0;
  try {
    const session = await deps.mailer.session();
    try {
      for (const row of closed) {
        const findings = row.findings === null ? null : openFindings(seal, row.id, row.findings);
        const to =
          row.reporter_id === null
            ? (findings?.reporterAddress ?? null)
            : await deps.addressOf(row.reporter_id);
        if (to === null) continue;
        // The message's own words are not sent back: neither its subject nor a link of it.
        await session.send({
          messageId: `<message.${row.id}@${session.domain}>`,
          to,
          subject: 'About the message that you handed in',
          text: `${reply.text}\n`,
        });
        replied++;
      }
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    deps.platform.log.warn({ code: error.code }, 'replies about messages could not all be sent');
  }
  return replied;
}

/** Throws Problem 404, 409. */
export async function reopenMessage(deps: ActDeps, id: string, by: By): Promise<void> {
  const { platform } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const row = await rows(tx)
      .selectFrom('message')
      .select('state')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new Problem(404, 'not_found', 'There is no such message.');
    if (row.state === 'open') throw new Problem(409, 'is_open', 'It is open already.');
    await rows(tx).updateTable('message').set(reopened).where('id', '=', id).execute();
    await recordChange(tx, platform, { ...by, act: 'message.reopen', subject: { kind: 'message', id } });
  });
  platform.events.publish('messages');
}

/** Opens an incident about a message and those like it. Returns its id. Throws Problem 404, 409, 422 for a playbook that is not there. */
export async function incidentFrom(
  deps: ActDeps,
  id: string,
  given: { title: string; playbook?: string | undefined },
  by: By,
): Promise<string> {
  const { platform } = deps;
  const seal = await deps.sealer();
  const incident = await platform.db.transaction().execute(async (tx) => {
    const row = await rows(tx)
      .selectFrom('message')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new Problem(404, 'not_found', 'There is no such message.');
    if (row.incident !== null)
      throw new Problem(409, 'has_incident', 'An incident was opened about it already.');
    const at = new Date(platform.clock.now());
    const opened = await deps.book.openAs(
      tx,
      {
        title: given.title,
        playbook: given.playbook ?? playbookFor(row, seal),
        party: row.vendor,
        severity: 'unknown',
        restricted: false,
        occurredFrom: null,
        occurredTo: null,
        learned: {
          at,
          source: 'The verify desk',
          text:
            row.answered_there === false
              ? 'A message speaks for the vendor; what it says was not at the vendor’s own dashboard.'
              : 'A message that speaks for the vendor was handed in.',
        },
      },
      by,
    );
    const them = rows(tx).updateTable('message').set({ incident: opened });
    await (row.campaign === null
      ? them.where('id', '=', id)
      : them.where((e) => e.or([e('id', '=', id), e('campaign', '=', row.campaign)]))
    ).execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'message.open_incident',
      subject: { kind: 'message', id },
      detail: { incident: opened, campaign: row.campaign },
    });
    return opened;
  });
  platform.events.publish('messages');
  platform.events.publish('incidents');
  return incident;
}

function playbookFor({ id, topic, findings }: MessageRow, seal: Sealer): string {
  if (topic !== 'security' || findings === null) return PLAYBOOKS.other;
  const isOfKeys = openFindings(seal, id, findings).claims.some(({ claim }) => claim === 'key_disabled');
  return isOfKeys ? PLAYBOOKS.key : PLAYBOOKS.other;
}
