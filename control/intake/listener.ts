import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AuthenticityError } from '@drawbridge/authenticity';
import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { Problem } from '../platform/index.ts';
import { arrivedIn, mailboxesOf } from './arrival.ts';
import { allowedBy, type SmtpSettings } from './settings.ts';
import { LARGEST, type Take } from './types.ts';

export interface ListenerLimits {
  /** Connections at once. */
  clients: number;
  /** Of these, from one address: one that holds its own open keeps nobody else out. */
  clientsOfOne: number;
  /** Milliseconds that a sender may be silent for. */
  silentMs: number;
  /** Milliseconds that one connection may last. */
  wholeMs: number;
  /** Bytes of one message. */
  message: number;
  /** Bytes of all messages that are on their way in at once. */
  memory: number;
}
export const usualLimits: ListenerLimits = {
  clients: 100,
  clientsOfOne: 20,
  silentMs: 60_000,
  wholeMs: 5 * 60_000,
  message: LARGEST,
  memory: 4 * LARGEST,
};

export interface ListenerDeps {
  take: Take;
  /** A keyed hash, by which a delivery that is tried again is known. */
  keyed(bytes: Uint8Array): Promise<Buffer>;
  clock: { now(): number };
  log: Logger;
  /** The organisation's own mail domains. */
  domains: readonly string[];
  /** Certificate and key, PEM. */
  tls: { cert: string; key: string } | null;
  limits?: ListenerLimits;
}

export interface Listener {
  port: number;
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, text: string) {
    super(text);
    this.name = 'Refusal';
    this.responseCode = responseCode;
  }
}

/**
 * Listens for mail. Answers 250 when all of a mail was taken durably, 451 where that failed and the sender is to try again, 5xx for what
 * will never be taken. Rejects where it can't listen.
 */
export async function startListener(settings: SmtpSettings, deps: ListenerDeps): Promise<Listener> {
  const limits = deps.limits ?? usualLimits;
  const isAllowed = allowedBy(settings.allow);
  const recipients = new Set(settings.address);
  const held = { bytes: 0 };
  const hasTls = settings.starttls && deps.tls !== null;
  const ages = new Map<string, { timer: NodeJS.Timeout; address: string }>();
  const openOf = new Map<string, number>();
  const server = new SMTPServer({
    lmtp: settings.lmtp,
    name: 'drawbridge',
    banner: '',
    disabledCommands: ['AUTH', ...(hasTls ? [] : ['STARTTLS'])],
    hidePIPELINING: false,
    disableReverseLookup: true,
    size: limits.message,
    rejectOversized: true,
    // Those that are turned away are connected for a moment too, and are not to fill the places of others.
    maxClients: 4 * limits.clients,
    socketTimeout: limits.silentMs,
    closeTimeout: 1_000,
    logger: false,
    ...(hasTls && deps.tls !== null ? { key: deps.tls.key, cert: deps.tls.cert } : {}),
    onConnect(session, done) {
      if (!isAllowed(session.remoteAddress)) return done(new Refusal(554, 'Not from here'));
      const address = networkOf(session.remoteAddress);
      const open = openOf.get(address) ?? 0;
      if (ages.size >= limits.clients) return done(new Refusal(421, 'Too many connections; try again later'));
      if (open >= limits.clientsOfOne) return done(new Refusal(421, 'Too many connections from there'));
      openOf.set(address, open + 1);
      // Who sends a byte now and then is never silent, and would hold a place for days.
      const timer = setTimeout(() => cutOff(server, session.id), limits.wholeMs);
      ages.set(session.id, { timer, address });
      done();
    },
    onClose(session) {
      const held = ages.get(session.id);
      if (held === undefined) return;
      clearTimeout(held.timer);
      ages.delete(session.id);
      const left = (openOf.get(held.address) ?? 1) - 1;
      if (left > 0) openOf.set(held.address, left);
      else openOf.delete(held.address);
    },
    onMailFrom(_, session, done) {
      // RFC 3207, section 4: all but NOOP, EHLO, STARTTLS and QUIT may be refused so.
      if (settings.tlsRequired && !session.secure)
        done(new Refusal(530, 'Must issue a STARTTLS command first'));
      else done();
    },
    onRcptTo({ address }, _, done) {
      done(recipients.has(address.toLowerCase()) ? null : new Refusal(550, 'No such mailbox here'));
    },
    onData(stream, session, done) {
      receive(stream, session, held, limits, () => cutOff(server, session.id))
        .then(({ raw, release }) => takeAll(raw, session, settings, deps).finally(release))
        .then(
          () => done(null, 'Taken'),
          (error: unknown) => done(refusalOf(error, deps.log)),
        );
    },
  });
  // Clients that go away, or speak something else: nothing to be done, and no reason to stop.
  server.on('error', (error) => deps.log.debug({ err: error }, 'a sender of mail went away'));
  const listening = server.listen(settings.port, settings.host);
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const { timer } of ages.values()) clearTimeout(timer);
        server.close(() => resolve());
      }),
  };
}

/** Who counts as one: an address, and of IPv6 the network that one household is given (64 bits). */
function networkOf(remote: string): string {
  const address = remote.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const all =
    tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return all.slice(0, 4).join(':');
}

function cutOff(server: SMTPServer, id: string): void {
  for (const connection of server.connections) if (connection.id === id) connection._socket.destroy();
}

/** The message, whole, and what to call once it is of no more use. Read to its end also where it is too large: the answer comes after it. */
function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  held: { bytes: number },
  limits: ListenerLimits,
  cut: () => void,
): Promise<{ raw: Buffer; release: () => void }> {
  return new Promise((resolve, reject) => {
    let isWhole = false;
    let pieces = 0;
    const parts = blocks();
    let mine = 0;
    let refused: Refusal | null = null;
    const giveBack = (): void => {
      held.bytes -= mine;
      mine = 0;
      parts.forget();
    };
    stream.on('data', (part: Buffer) => {
      pieces += 1;
      // Each takes a turn of this process, also of a message that is refused: not read to its end.
      if (pieces > MOST_PIECES) return cut();
      if (refused !== null) return;
      mine += part.length;
      held.bytes += part.length;
      if (mine > limits.message)
        refused = new Refusal(552, `A message has at most ${limits.message} bytes here`);
      else if (held.bytes > limits.memory)
        refused = new Refusal(451, 'Too much mail at once; try again later');
      if (refused === null) parts.add(part);
      else giveBack();
    });
    stream.once('end', () => {
      if (refused === null && stream.sizeExceeded)
        refused = new Refusal(552, `A message has at most ${limits.message} bytes here`);
      if (refused === null && session.envelope.rcptTo.length === 0)
        refused = new Refusal(554, 'No recipient');
      if (refused === null) {
        isWhole = true;
        resolve({ raw: parts.whole(), release: giveBack });
      } else {
        giveBack();
        reject(refused);
      }
    });
    stream.once('error', (error) => {
      giveBack();
      reject(error);
    });
    // A sender that breaks off: what came of the message is no message.
    stream.once('close', () => {
      if (isWhole) return;
      giveBack();
      reject(new Refusal(451, 'It broke off'));
    });
  });
}

/** Pieces that a message comes in: as it is cut by the network (25 MB: 20,000), and at each line that begins with two dots. */
const MOST_PIECES = 200_000;
const BLOCK = 64 * 1024;

/**
 * Collects bytes into blocks. Kept as they come, the parts of a message in which every line begins with a dot would be of three bytes
 * each, and hold a hundred times their size.
 */
function blocks(): { add(part: Buffer): void; whole(): Buffer; forget(): void } {
  let full: Buffer[] = [];
  let block = Buffer.alloc(0);
  let used = 0;
  return {
    add(part) {
      for (let at = 0; at < part.length; ) {
        if (used === block.length) {
          if (used > 0) full.push(block);
          block = Buffer.allocUnsafeSlow(BLOCK);
          used = 0;
        }
        const copied = part.copy(block, used, at);
        used += copied;
        at += copied;
      }
    },
    whole: () => Buffer.concat([...full, block.subarray(0, used)]),
    forget() {
      full = [];
      block = Buffer.alloc(0);
      used = 0;
    },
  };
}

async function takeAll(
  raw: Buffer,
  session: SMTPServerSession,
  settings: SmtpSettings,
  deps: ListenerDeps,
): Promise<void> {
  const { mailFrom } = session.envelope;
  const from = mailFrom === false ? '' : mailFrom.address;
  const envelope = settings.outside
    ? {
        ip: session.remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ''),
        helo: session.hostNameAppearsAs,
        mailFrom: from,
      }
    : null;
  const receivedAt = new Date(deps.clock.now());
  const key = (await deps.keyed(Buffer.concat([Buffer.from(`smtp\n${from}\n`), raw]))).toString('base64url');
  // One after another: a retry after a failure between two finds the first again by its key.
  for (const [place, one] of (await arrivedIn(raw, deps.domains)).entries()) {
    await deps.take({
      raw: one.raw,
      form: 'mail',
      channel: 'mail',
      came: 'mailbox',
      arrival: one.arrival,
      sender: null,
      envelope: one.arrival === 'fetched' ? envelope : null,
      reporter: one.reporter,
      mailboxes: mailboxesOf(one.arrival, settings.address, deps.domains),
      receivedAt,
      key: `smtp:${key}:${place}`,
    });
  }
}

/** What is wrong with the message for good is said so, and the sender's server tells them. All else is tried again. */
function refusalOf(error: unknown, log: Logger): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AuthenticityError) return new Refusal(554, oneLine(error.message));
  if (error instanceof Problem && [400, 413, 415, 422].includes(error.status))
    return new Refusal(554, oneLine(error.message));
  log.warn({ err: error }, 'a mail was not taken; its sender is told to try again');
  return new Refusal(451, 'It could not be taken just now; try again later');
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300);
