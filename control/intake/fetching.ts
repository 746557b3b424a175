import { AuthenticityError } from '@drawbridge/authenticity';
import {
  type OutboundNetwork,
  type Platform,
  Problem,
  readSetting,
  type Sealer,
  Turns,
} from '../platform/index.ts';
import { arrivedIn, mailboxesOf } from './arrival.ts';
import { type Folder, ImapError, type ImapTimes, inFolder } from './imap.ts';
import {
  listMailboxes,
  type MailboxRow,
  mailboxOf,
  noteLooked,
  noteRead,
  openPassword,
} from './mailboxes.ts';
import { intakeSetting } from './settings.ts';
import type { Take } from './types.ts';

export interface FetchingDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  network: OutboundNetwork;
  take: Take;
  /** A keyed hash, by which a message is known again where a folder was numbered anew. */
  keyed(bytes: Uint8Array): Promise<Buffer>;
  times?: ImapTimes;
}

/** A message could not be taken just now. */
class NotTaken extends Error {
  constructor(cause: unknown) {
    super('a message was not taken', { cause });
    this.name = 'NotTaken';
  }
}

const LOCK = 4_400_441_58;
const LOOK_MS = 30_000;
/** Of one mailbox at one visit: none keeps the others waiting for long. */
const MOST_AT_ONCE = 50;

/** Looks into every mailbox once. Failures stand at the mailbox; never rejects for a mail server. */
export async function fetchAll(deps: FetchingDeps, signal?: AbortSignal): Promise<void> {
  const mailboxes = (await listMailboxes(deps.platform.db)).filter(({ is_on }) => is_on);
  await Promise.all(mailboxes.map((row) => fetchOne(deps, row, signal)));
}

/** Looks into one mailbox, and notes what came of it. */
export async function fetchOne(deps: FetchingDeps, row: MailboxRow, signal?: AbortSignal): Promise<void> {
  const { platform } = deps;
  let failed: { code: string; text: string } | null = null;
  try {
    const sealer = await deps.sealer();
    const { domains } = await readSetting(platform.db, intakeSetting);
    await inFolder(
      mailboxOf(row),
      openPassword(sealer, row),
      deps.network,
      (folder) => takeFrom(deps, row, folder, domains),
      { times: deps.times, signal },
    );
  } catch (error) {
    if (error instanceof ImapError && error.code === 'stopped') return;
    failed = failureOf(error);
    platform.log.warn({ err: error, mailbox: row.id }, 'a mailbox could not be read; it is tried again');
  }
  await noteLooked(platform.db, row, new Date(platform.clock.now()), failed);
  if (row.looked_at === null || (failed?.code ?? null) !== row.error_code)
    platform.events.publish('messages');
}

function failureOf(error: unknown): { code: string; text: string } {
  if (error instanceof ImapError) return { code: error.code, text: error.message };
  if (error instanceof NotTaken)
    return {
      code: 'not_taken',
      text: 'A message could not be taken just now. It stays, and is tried again.',
    };
  return { code: 'internal', text: 'Reading it failed here, and was logged. It is tried again.' };
}

/**
 * A message is taken, then moved or deleted, then counted as read: whatever ends the process in between, it is not lost, and its key
 * keeps it from being two.
 */
async function takeFrom(
  deps: FetchingDeps,
  row: MailboxRow,
  folder: Folder,
  domains: readonly string[],
): Promise<void> {
  const { platform } = deps;
  const isKnown = row.uid_validity === Number(folder.uidValidity);
  const lastUid = isKnown ? row.last_uid : 0;
  if (!isKnown) await noteRead(platform.db, row, { uidValidity: folder.uidValidity, uid: 0, was: 'none' });
  for (const uid of await folder.after(lastUid, MOST_AT_ONCE)) {
    const { raw } = await folder.fetch(uid);
    const isTaken = raw !== null && (await takeMail(deps, row, raw, domains));
    if (isTaken) await folder.finish(uid);
    await noteRead(platform.db, row, {
      uidValidity: folder.uidValidity,
      uid,
      was: isTaken ? 'taken' : 'skipped',
    });
  }
}

/** Whether it was taken; false: it can never be, and stays where it is. Throws NotTaken. */
async function takeMail(
  { platform, take, keyed }: FetchingDeps,
  mailbox: MailboxRow,
  raw: Buffer,
  domains: readonly string[],
): Promise<boolean> {
  try {
    const hash = (await keyed(raw)).toString('base64url');
    for (const [place, one] of (await arrivedIn(raw, domains)).entries()) {
      await take({
        raw: one.raw,
        form: 'mail',
        channel: 'mail',
        came: 'imap',
        arrival: one.arrival,
        sender: null,
        envelope: null,
        reporter: one.reporter,
        mailboxes: mailboxesOf(one.arrival, [mailbox.username], domains),
        receivedAt: new Date(platform.clock.now()),
        key: `imap:${mailbox.id}:${hash}:${place}`,
      });
    }
    return true;
  } catch (error) {
    if (error instanceof AuthenticityError) return false;
    if (error instanceof Problem && [400, 413, 415, 422].includes(error.status)) return false;
    throw new NotTaken(error);
  }
}

/** Looks into the mailboxes again and again, in one process of all. */
export function watchMailboxes(deps: FetchingDeps): { start(): void; poke(): void; stop(): Promise<void> } {
  const { platform } = deps;
  const turns = new Turns({
    pool: platform.pool,
    lock: LOCK,
    lookMs: LOOK_MS,
    retryMs: LOOK_MS,
    async work(turn) {
      while (!turn.isOver && turn.broken() === null) {
        await fetchAll(deps, turns.stopping);
        await turn.sleep(LOOK_MS);
      }
    },
    onElsewhere: () => undefined,
    onFailure: async (error) => {
      platform.log.error({ err: error }, 'looking into mailboxes failed; it is tried again');
    },
  });
  let isStarted = false;
  return {
    start() {
      isStarted = true;
      turns.start();
    },
    poke: () => turns.poke(),
    stop: async () => {
      if (isStarted) await turns.stop();
    },
  };
}
