import { createHash } from 'node:crypto';
import { type By, invalid, Problem, recordChange } from '../platform/index.ts';
import { expectState, lockNotice, type NoticeDeps, rowsOf } from './notices.ts';
import { sealAnswer } from './sealing.ts';

/** Mails that came back after the mail server had taken them: a person enters what the sender's mailbox got. */

/** Characters of a bounce that are read; what comes first in one says what became of the mail. */
export const LONGEST_BOUNCE = 100_000;
const LONGEST_SAID = 500;

/** What a bounce says: whose mail came back, by the Message-ID that it quotes, and why. */
export interface Bounce {
  notice: string;
  version: number;
  n: number;
  said: string;
}

/**
 * Reads a bounce (RFC 3464, or any text that quotes the mail's Message-ID). Throws Problem 422 for one that quotes none of ours, or those
 * of several mails, and for a report that is of no failure.
 */
export function readBounce(text: string): Bounce {
  // A line of quoted-printable can end amid the id, a folded header before it.
  const whole = text.replace(/=\r?\n/g, '');
  const found = new Map<string, Omit<Bounce, 'said'>>();
  for (const [id, notice, version, n] of whole.matchAll(
    /<notice\.([0-9a-f-]{36})\.([0-9]{1,9})\.([0-9]{1,9})@/gi,
  )) {
    if (notice !== undefined) {
      found.set(id.toLowerCase(), { notice: notice.toLowerCase(), version: Number(version), n: Number(n) });
    }
  }
  const [first, second] = found.values();
  if (first === undefined) {
    throw invalid('text', 'quotes no Message-ID of a notice; paste the bounce whole, with what it encloses');
  }
  if (second !== undefined) throw invalid('text', 'quotes several mails; enter one bounce at a time');
  const actions = [...whole.matchAll(/^Action:[ \t]*([a-z]+)/gim)].map(([, action]) => action?.toLowerCase());
  if (actions.length > 0 && !actions.includes('failed')) {
    throw invalid('text', `says that the mail is ${actions[0]}, and not that it failed`);
  }
  const [diagnosis] = /^Diagnostic-Code:[^\r\n]*(?:\r?\n[ \t][^\r\n]*){0,5}/im.exec(whole) ?? [];
  const said = (diagnosis ?? whole).replace(/\s+/g, ' ').trim().slice(0, LONGEST_SAID);
  return { ...first, said };
}

/** Notes that a mail came back: its recipient did not get it. Returns the number of the recipient. Throws Problem 404, 409, 422. */
export async function enterBounce(
  deps: NoticeDeps,
  incident: string,
  id: string,
  text: string,
  by: By,
): Promise<number> {
  const { platform, book } = deps;
  const bounce = readBounce(text);
  if (bounce.notice !== id) throw invalid('text', 'is of another notice; enter it there');
  const sealer = await deps.sealer();
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['sending', 'sent'], 'given a bounce');
    if (bounce.version !== row.version) throw invalid('text', 'is of a version that was not sent');
    const changed = await rowsOf(tx)
      .updateTable('notice_recipient')
      .set({
        state: 'refused',
        code: 'bounced',
        answer: sealAnswer(sealer, id, bounce.n, bounce.said),
        at: new Date(platform.clock.now()),
        next_try_at: null,
      })
      .where('notice', '=', id)
      .where('n', '=', bounce.n)
      .where('state', 'in', ['sent', 'in_doubt'])
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) {
      throw new Problem(
        409,
        'nothing_sent',
        `To recipient ${bounce.n} nothing was sent that could come back, or its bounce was entered before.`,
      );
    }
    await book.tell(
      tx,
      incident,
      {
        kind: 'notice',
        about: row.template,
        text: `Notice ${row.number}, recipient ${bounce.n}: it came back`,
      },
      by,
    );
    await recordChange(tx, platform, {
      ...by,
      act: 'notice.bounced',
      subject: { kind: 'notice', id },
      detail: {
        incident,
        number: row.number,
        recipient: bounce.n,
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    });
    // What was in doubt may have been the last that a notice waited for: completing looks at what is left.
    if (row.state === 'sending') {
      await rowsOf(tx)
        .updateTable('notice')
        .set({ next_try_at: new Date(platform.clock.now()) })
        .where('id', '=', id)
        .execute();
    }
  });
  platform.events.publish('incidents');
  return bounce.n;
}
