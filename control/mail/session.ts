import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPError } from 'nodemailer/lib/smtp-connection';
import { isPrivateHost, type OutboundNetwork } from '../platform/index.ts';
import { MailError } from './error.ts';
import type { MailServer, SignIn } from './server.ts';

export interface Times {
  /** Milliseconds for connecting, and for the greeting. */
  connectMs: number;
  /** Milliseconds that the server may be silent for in between. */
  silentMs: number;
}
export const usualTimes: Times = { connectMs: 15_000, silentMs: 60_000 };

/** One connection to a mail server, signed in. Mails go over it one after another. */
export interface Connection {
  /** Throws MailError; after it the connection may be of no more use: see `isUsable`. */
  send(from: string, to: string, message: Buffer): Promise<string>;
  isUsable(): boolean;
  close(): void;
}

/**
 * Connects to the address that was checked, under the name that its certificate has to have. Throws MailError about the server.
 * Nothing is logged by the library: it would log the dialogue, with the recipients in it.
 */
export async function connect(
  server: MailServer,
  signIn: SignIn | null,
  network: OutboundNetwork,
  times: Times,
): Promise<Connection> {
  const address = await addressOf(server, network);
  const connection = new SMTPConnection({
    host: address,
    port: server.port,
    servername: server.host,
    secure: server.tls === 'implicit',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    allowInternalNetworkInterfaces: true,
    tls: { servername: server.host, ...(network.ca === undefined ? {} : { ca: network.ca }) },
    connectionTimeout: times.connectMs,
    greetingTimeout: times.connectMs,
    socketTimeout: times.silentMs,
    logger: false,
  });
  let isOpen = true;
  const ended = Promise.withResolvers<never>();
  // Whoever waits hears of it; nobody waiting is no failure.
  ended.promise.catch(() => undefined);
  const onEnd = (error: Error): void => {
    isOpen = false;
    ended.reject(error);
  };
  connection.on('error', onEnd);
  connection.on('end', () => onEnd(new Error('The connection was closed.')));
  const during = <T>(
    work: (done: (error: Error | null | undefined, result?: T) => void) => void,
  ): Promise<T | undefined> =>
    Promise.race([
      new Promise<T | undefined>((resolve, reject) =>
        work((error, result) => (error ? reject(error) : resolve(result))),
      ),
      ended.promise,
    ]);
  const close = (): void => {
    isOpen = false;
    connection.close();
  };
  try {
    await during<void>((done) => connection.connect((error) => done(error)));
    if (signIn !== null) {
      await during<boolean>((done) =>
        connection.login({ user: signIn.username, pass: signIn.password }, (error) => done(error)),
      );
    }
  } catch (error) {
    close();
    throw aboutServer(error, server);
  }
  return {
    isUsable: () => isOpen && !connection.destroyed,
    close,
    async send(from, to, message) {
      let isHandedOver = false;
      const stream = Readable.from([message], { objectMode: false });
      stream.once('end', () => {
        isHandedOver = true;
      });
      try {
        const info = await during<{ response: string }>((done) =>
          connection.send({ from, to: [to], size: message.length }, stream, (error, sent) =>
            done(error, sent ?? undefined),
          ),
        );
        return shown(info?.response ?? '') ?? '';
      } catch (error) {
        const found = aboutMessage(error, isHandedOver, server);
        if (found.response === null) close();
        else if (isOpen) await reset(connection, during).catch(close);
        throw found;
      }
    },
  };
}

const reset = (
  connection: SMTPConnection,
  during: <T>(
    work: (done: (error: Error | null | undefined, result?: T) => void) => void,
  ) => Promise<T | undefined>,
) => during<boolean>((done) => connection.reset((error) => done(error)));

/** Looked up at the moment of connecting, so that what was checked is what is connected to. */
async function addressOf(server: MailServer, { resolve }: OutboundNetwork): Promise<string> {
  const about = { about: 'server' } as const;
  try {
    const found = await resolve(server.host);
    const first = server.private ? found[0] : found.find(({ address }) => !isPrivateHost(address));
    if (first !== undefined) return first.address;
    if (found.length > 0) {
      throw new MailError(
        'private_address',
        `${server.host} is in a private network; say private: true if that is meant.`,
        about,
      );
    }
  } catch (cause) {
    if (cause instanceof MailError) throw cause;
    throw new MailError('unreachable', `No address was found for ${server.host}.`, { ...about, cause });
  }
  throw new MailError('unreachable', `No address was found for ${server.host}.`, about);
}

const isNodemailers = (error: unknown): error is SMTPError => error instanceof Error;

const TLS_CODES = /^(ETLS|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

function aboutServer(error: unknown, server: MailServer): MailError {
  const { code = '', response } = isNodemailers(error) ? error : {};
  const details = { about: 'server', response: shown(response ?? ''), cause: error } as const;
  const name = `${server.host}:${server.port}`;
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return new MailError('sign_in', `${name} did not take user name and password.`, details);
  }
  const inner =
    isNodemailers(error) && error.cause instanceof Error && 'code' in error.cause
      ? String(error.cause.code)
      : '';
  const says = error instanceof Error ? error.message : '';
  if (TLS_CODES.test(code) || TLS_CODES.test(inner) || /certificate|STARTTLS|SSL/i.test(says)) {
    return new MailError(
      'tls',
      `${name} gave no TLS connection that can be trusted: ${shown(says)}`,
      details,
    );
  }
  if (code === 'ETIMEDOUT') return new MailError('timeout', `${name} did not answer in time.`, details);
  if (details.response !== null) {
    return new MailError('deferred', `${name} turned the connection away: ${details.response}`, details);
  }
  return new MailError('unreachable', `${name} could not be reached, or ended the connection.`, details);
}

/** A reply decides. Without one it depends on whether the server had all of the message by then. */
function aboutMessage(error: unknown, isHandedOver: boolean, server: MailServer): MailError {
  const { responseCode, response: said, command } = isNodemailers(error) ? error : {};
  const response = shown(said ?? '');
  if (responseCode === undefined || response === null) {
    if (isHandedOver) {
      const text = `The mail was handed over to ${server.host}, and no answer came: it may have been taken.`;
      return new MailError('in_doubt', text, { cause: error });
    }
    return aboutServer(error, server);
  }
  // 421 ends the session (RFC 5321, section 3.8); a sender that is refused is refused for every recipient.
  if (responseCode === 421 || command === 'MAIL FROM') {
    return new MailError('deferred', `${server.host} takes no mail from here now: ${response}`, {
      about: 'server',
      response,
      cause: error,
    });
  }
  if (responseCode >= 500) {
    return new MailError('refused', `${server.host} refused it for good: ${response}`, {
      permanent: true,
      response,
      cause: error,
    });
  }
  return new MailError('deferred', `${server.host} did not take it now: ${response}`, {
    response,
    cause: error,
  });
}

/** One line of at most 500 characters; null: it said nothing. */
function shown(text: string): string | null {
  const line = text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
  return line === '' ? null : line;
}
