import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certified } from './testing-certificates.ts';

/** An IMAP server that speaks what a client needs to read a folder, and can be told to misbehave. Made up for tests. */

export interface ImapStandIn {
  port: number;
  folders: Map<string, { uidValidity: number; mails: { uid: number; raw: Buffer }[] }>;
  /** What it does instead of what it should; `command`: in capitals, with UID before it where it is one. */
  misbehave: ((command: string, text: string, socket: Socket, tag: string) => boolean) | null;
  password: string;
  /** Commands that came, without passwords. */
  heard: string[];
  close(): Promise<void>;
}

/** `tls`: from the first byte, or offered, with this certificate; `offers` false: it says nothing of STARTTLS. */
export interface ImapTls extends Certified {
  kind: 'implicit' | 'starttls';
  offers?: boolean;
}

export async function startImap(tls?: ImapTls): Promise<ImapStandIn> {
  const sockets = new Set<Socket>();
  const it: ImapStandIn = {
    port: 0,
    folders: new Map([['INBOX', { uidValidity: 7, mails: [] }]]),
    misbehave: null,
    password: 'made-up',
    heard: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  const secured = (socket: Socket): TLSSocket =>
    new TLSSocket(socket, { isServer: true, key: tls?.key, cert: tls?.cert });
  const talk = (socket: Socket, offers: boolean): void => {
    socket.on('error', () => undefined);
    let open = 'INBOX';
    let rest = '';
    const hear = (bytes: Buffer): void => {
      rest += bytes.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const tag = offers ? /^(\S+) STARTTLS$/i.exec(line)?.[1] : undefined;
        if (tag === undefined) {
          open = answer(it, socket, line, open, offers);
          continue;
        }
        it.heard.push('STARTTLS');
        socket.off('data', hear);
        socket.write(`${tag} OK begin\r\n`);
        talk(secured(socket), false);
        return;
      }
    };
    socket.on('data', hear);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const spoken = tls?.kind === 'implicit' ? secured(socket) : socket;
    talk(spoken, tls?.kind === 'starttls' && tls.offers !== false);
    spoken.write('* OK made-up ready\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  it.port = (server.address() as AddressInfo).port;
  return it;
}

function answer(it: ImapStandIn, socket: Socket, line: string, open: string, offers: boolean): string {
  const [, tag = '', isUid = '', name = '', text = ''] = /^(\S+) (UID )?(\S+) ?(.*)$/i.exec(line) ?? [];
  const command = `${isUid}${name}`.toUpperCase();
  it.heard.push(command === 'LOGIN' ? command : `${command} ${text}`.trim());
  if (it.misbehave?.(command, text, socket, tag) === true) return open;
  const ok = (more = '') => socket.write(`${more}${tag} OK done\r\n`);
  const folder = it.folders.get(open);
  const mails = folder?.mails ?? [];
  const picked = (set: string) => {
    const [from = '', to = from] = set.split(':');
    const last = mails.at(-1)?.uid ?? 0;
    const [low, high] = [from === '*' ? last : Number(from), to === '*' ? last : Number(to)];
    return mails.filter(({ uid }) => uid >= Math.min(low, high) && uid <= Math.max(low, high));
  };
  switch (command) {
    case 'CAPABILITY':
      ok(`* CAPABILITY IMAP4rev1 UIDPLUS MOVE${offers ? ' STARTTLS' : ''}\r\n`);
      break;
    case 'LOGIN':
      if (text.endsWith(`"${it.password}"`) || text.endsWith(` ${it.password}`)) ok();
      else socket.write(`${tag} NO [AUTHENTICATIONFAILED] wrong\r\n`);
      break;
    case 'LIST':
    case 'LSUB':
      if (text === '"" ""') {
        ok('* LIST (\\Noselect) "/" ""\r\n');
        break;
      }
      ok([...it.folders.keys()].map((path) => `* LIST (\\HasNoChildren) "/" "${path}"\r\n`).join(''));
      break;
    case 'SELECT':
    case 'EXAMINE': {
      const path = text.replaceAll('"', '').split(' ')[0] ?? '';
      const wanted = it.folders.get(path);
      if (wanted === undefined) {
        socket.write(`${tag} NO there is none\r\n`);
        return open;
      }
      ok(
        `* FLAGS (\\Seen \\Deleted)\r\n* ${wanted.mails.length} EXISTS\r\n* OK [UIDVALIDITY ${wanted.uidValidity}] valid\r\n* OK [UIDNEXT ${(wanted.mails.at(-1)?.uid ?? 0) + 1}] next\r\n`,
      );
      return path;
    }
    case 'UID SEARCH': {
      const set = /UID (\S+)/i.exec(text)?.[1] ?? '1:*';
      ok(
        `* SEARCH${picked(set)
          .map(({ uid }) => ` ${uid}`)
          .join('')}\r\n`,
      );
      break;
    }
    case 'UID FETCH': {
      const [set = '', ...asked] = text.split(' ');
      for (const { uid, raw } of picked(set)) {
        const place = mails.findIndex((one) => one.uid === uid) + 1;
        if (/BODY/.test(asked.join(' '))) {
          socket.write(`* ${place} FETCH (UID ${uid} BODY[]<0> {${raw.length}}\r\n`);
          socket.write(raw);
          socket.write(')\r\n');
        } else socket.write(`* ${place} FETCH (UID ${uid} RFC822.SIZE ${raw.length})\r\n`);
      }
      ok();
      break;
    }
    case 'UID STORE':
      ok();
      break;
    case 'UID EXPUNGE':
    case 'UID MOVE': {
      const [set = '', to = ''] = text.split(' ');
      const target = it.folders.get(to.replaceAll('"', ''));
      if (command === 'UID MOVE' && target === undefined) {
        socket.write(`${tag} NO [TRYCREATE] there is none\r\n`);
        break;
      }
      for (const mail of picked(set)) {
        const place = mails.indexOf(mail);
        mails.splice(place, 1);
        target?.mails.push({ uid: (target.mails.at(-1)?.uid ?? 0) + 1, raw: mail.raw });
        socket.write(`* ${place + 1} EXPUNGE\r\n`);
      }
      ok();
      break;
    }
    case 'LOGOUT':
      socket.write('* BYE\r\n');
      ok();
      socket.end();
      break;
    default:
      ok();
  }
  return open;
}

/** A small mail; names are made up. */
export const mailFrom = (from: string, subject: string, body = 'Some text.\r\n'): Buffer =>
  Buffer.from(`From: ${from}\r\nTo: verify@example.org\r\nSubject: ${subject}\r\n\r\n${body}`);

/** One that passes another on as an attachment. */
export const forwarded = (from: string, ...inner: Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from(
      `From: ${from}\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n`,
    ),
    ...inner.flatMap((raw) => [
      Buffer.from('--b\r\nContent-Type: message/rfc822\r\n\r\n'),
      raw,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--b--\r\n'),
  ]);
