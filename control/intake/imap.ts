import { isIP } from 'node:net';
import { ImapFlow } from 'imapflow';
import { isPrivateHost, type OutboundNetwork } from '../platform/index.ts';
import type { Mailbox } from './mailboxes.ts';
import { LARGEST } from './types.ts';

export type ImapErrorCode =
  | 'unreachable'
  | 'private_address'
  | 'timeout'
  | 'sign_in'
  | 'tls'
  | 'no_folder'
  | 'wrong_answer'
  | 'not_moved'
  | 'stopped';

/** Why a folder could not be read, as a code and a sentence without anything that the server said. */
export class ImapError extends Error {
  readonly code: ImapErrorCode;
  constructor(code: ImapErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImapError';
    this.code = code;
  }
}

export interface ImapTimes {
  /** Milliseconds for connecting and for the greeting. */
  connectMs: number;
  /** Milliseconds that the server may be silent for. */
  silentMs: number;
  /** Milliseconds that one visit may last. */
  wholeMs: number;
}
export const usualTimes: ImapTimes = { connectMs: 15_000, silentMs: 30_000, wholeMs: 5 * 60_000 };

/** One message in a folder; `raw` null: too large to be taken, or gone again. */
export interface Found {
  uid: number;
  raw: Buffer | null;
}

export interface Folder {
  uidValidity: bigint;
  /** Messages beyond `lastUid`, oldest first, so many at most. */
  after(lastUid: number, most: number): Promise<number[]>;
  fetch(uid: number): Promise<Found>;
  /** What the mailbox says is done with a message that was taken. */
  finish(uid: number): Promise<void>;
}

/** Largest number that a UID can be (RFC 9051, section 9). */
const LAST_UID = 2 ** 32 - 1;

/**
 * Opens the folder, hands it to `work`, and closes the connection whatever happens; what `work` throws is thrown on. Connects to the address that was checked, under the
 * name that its certificate has to have. Nothing is logged by the library: it would log what messages say. Throws ImapError.
 */
export async function inFolder<T>(
  mailbox: Mailbox,
  password: string,
  network: OutboundNetwork,
  work: (folder: Folder) => Promise<T>,
  { times = usualTimes, signal }: { times?: ImapTimes | undefined; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const address = await addressOf(mailbox, network);
  // An address is no server name (RFC 6066, section 3): its certificate is checked against the address that is connected to.
  const named = isIP(mailbox.host) === 0 ? { servername: mailbox.host } : {};
  const client = new ImapFlow({
    host: address,
    port: mailbox.port,
    ...named,
    secure: mailbox.tls === 'implicit',
    ...(mailbox.tls === 'implicit' ? {} : { doSTARTTLS: mailbox.tls === 'starttls' }),
    tls: { ...named, ...(network.ca === undefined ? {} : { ca: network.ca }) },
    auth: { user: mailbox.username, pass: password },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: times.connectMs,
    greetingTimeout: times.connectMs,
    socketTimeout: times.silentMs,
    maxLineLength: 1024 * 1024,
    maxLiteralSize: LARGEST + 1024,
    maxResponseSize: LARGEST + 1024 * 1024,
  });
  const name = `${mailbox.host}:${mailbox.port}`;
  const broken = Promise.withResolvers<never>();
  // Whoever waits hears of it; nobody waiting is no failure.
  broken.promise.catch(() => undefined);
  client.on('error', (error: Error) => broken.reject(error));
  client.on('close', () => broken.reject(new ImapError('unreachable', `${name} ended the connection.`)));
  const timer = setTimeout(
    () => broken.reject(new ImapError('timeout', `${name} took longer than ${times.wholeMs / 1000} s.`)),
    times.wholeMs,
  );
  const onStop = (): void => broken.reject(new ImapError('stopped', 'This program stops.'));
  signal?.addEventListener('abort', onStop);
  const during = async <R>(part: Promise<R>): Promise<R> => {
    try {
      return await Promise.race([part, broken.promise]);
    } catch (error) {
      throw error instanceof ImapError ? error : imapErrorOf(error, name);
    }
  };
  try {
    await during(client.connect());
    const folder = await during(openFolder(client, mailbox, during));
    const result = await work(folder);
    // All is done: a server that says no goodbye takes nothing of it back.
    await during(client.logout()).catch(() => undefined);
    return result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onStop);
    client.close();
  }
}

async function openFolder(
  client: ImapFlow,
  mailbox: Mailbox,
  during: <R>(part: Promise<R>) => Promise<R>,
): Promise<Folder> {
  const opened = await client
    .mailboxOpen(mailbox.folder, { readOnly: mailbox.after === 'keep' })
    .catch((cause: unknown) => {
      if (!client.usable) throw cause;
      throw new ImapError('no_folder', `There is no folder ${JSON.stringify(mailbox.folder)} to open.`, {
        cause,
      });
    });
  if (
    typeof opened.uidValidity !== 'bigint' ||
    opened.uidValidity <= 0n ||
    opened.uidValidity > BigInt(LAST_UID)
  )
    throw new ImapError('wrong_answer', 'The server does not say for what its numbers hold (UIDVALIDITY).');
  return {
    uidValidity: opened.uidValidity,
    async after(lastUid, most) {
      if (lastUid >= LAST_UID) return [];
      const found = await during(client.search({ uid: `${lastUid + 1}:*` }, { uid: true }));
      // "n:*" names the last message too where n is beyond it.
      return (Array.isArray(found) ? found : [])
        .filter((uid) => Number.isInteger(uid) && uid > lastUid && uid <= LAST_UID)
        .toSorted((a, b) => a - b)
        .slice(0, most);
    },
    async fetch(uid) {
      const sized = await during(client.fetchOne(String(uid), { uid: true, size: true }, { uid: true }));
      if (sized === false || sized === undefined) return { uid, raw: null };
      if (typeof sized.size === 'number' && sized.size > LARGEST) return { uid, raw: null };
      const whole = await during(
        client.fetchOne(
          String(uid),
          { uid: true, source: { start: 0, maxLength: LARGEST + 1 } },
          { uid: true },
        ),
      );
      if (whole === false || whole === undefined) return { uid, raw: null };
      if (whole.uid !== uid || !Buffer.isBuffer(whole.source))
        throw new ImapError('wrong_answer', 'The server answered with another message than was asked for.');
      return { uid, raw: whole.source.length > LARGEST ? null : whole.source };
    },
    async finish(uid) {
      if (mailbox.after === 'delete') {
        if (!(await during(client.messageDelete(String(uid), { uid: true }))))
          throw new ImapError('not_moved', 'The server did not delete a message that was taken.');
      } else if (mailbox.moveTo !== null) {
        const moved = await during(client.messageMove(String(uid), mailbox.moveTo, { uid: true }));
        if (moved === false || moved === undefined)
          throw new ImapError(
            'not_moved',
            `The server did not move a message that was taken to ${JSON.stringify(mailbox.moveTo)}.`,
          );
      }
    },
  };
}

/** Looked up at the moment of connecting, so that what was checked is what is connected to. */
async function addressOf(mailbox: Mailbox, { resolve }: OutboundNetwork): Promise<string> {
  const none = (cause?: unknown): ImapError =>
    new ImapError('unreachable', `No address was found for ${mailbox.host}.`, { cause });
  const found = await resolve(mailbox.host).catch((cause: unknown) => {
    throw none(cause);
  });
  const first = mailbox.private ? found[0] : found.find(({ address }) => !isPrivateHost(address));
  if (first !== undefined) return first.address;
  if (found.length === 0) throw none();
  throw new ImapError(
    'private_address',
    `${mailbox.host} is in a private network; say private: true if that is meant.`,
  );
}

const TLS_CODES = /^(ETLS|ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;
const TIMES = /^(ETIMEDOUT|ETIMEOUT|CONNECT_TIMEOUT|GREETING_TIMEOUT|UPGRADE_TIMEOUT|LockTimeout)$/i;

function imapErrorOf(cause: unknown, name: string): ImapError {
  const { code, authenticationFailed, message } = (cause ?? {}) as {
    code?: unknown;
    authenticationFailed?: unknown;
    message?: unknown;
  };
  const said = String(code ?? '');
  if (authenticationFailed === true)
    return new ImapError('sign_in', `${name} did not take user name and password.`, { cause });
  if (TLS_CODES.test(said) || /STARTTLS|certificate|TLS/i.test(String(message)))
    return new ImapError('tls', `${name} gave no TLS connection that can be trusted.`, { cause });
  if (TIMES.test(said)) return new ImapError('timeout', `${name} did not answer in time.`, { cause });
  if (/^(E[A-Z]+|NoConnection)$/.test(said))
    return new ImapError('unreachable', `${name} could not be reached, or ended the connection.`, { cause });
  return new ImapError('wrong_answer', `${name} answered what a mail server would not.`, { cause });
}
