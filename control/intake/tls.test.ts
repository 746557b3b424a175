import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inFolder } from './imap.ts';
import { type Listener, startListener } from './listener.ts';
import type { Mailbox } from './mailboxes.ts';
import type { SmtpSettings } from './settings.ts';
import { type ImapTls, mailFrom, startImap } from './testing.ts';
import { type Certified, testAuthority } from './testing-certificates.ts';
import type { Taken } from './types.ts';

/** Encryption on both ways in, with certificates of an authority that is made here. */
let trusted: ReturnType<typeof testAuthority>;
let good: Certified;
const closing: (() => unknown)[] = [];
beforeAll(() => {
  trusted = testAuthority();
  good = trusted.of('mail.example.org');
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('the listener', () => {
  let taken: Taken[] = [];
  async function listen(more: Partial<SmtpSettings>, tls: Certified | null = good): Promise<Listener> {
    taken = [];
    const listener = await startListener(
      {
        enabled: true,
        host: '127.0.0.1',
        port: 0,
        lmtp: false,
        address: ['verify@example.org'],
        allow: ['127.0.0.0/8'],
        starttls: true,
        tlsRequired: false,
        outside: false,
        ...more,
      },
      {
        async take(one) {
          taken.push(one);
          return { id: one.key };
        },
        keyed: async (bytes) => Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))),
        clock: { now: () => 0 },
        log: pino({ level: 'silent' }),
        domains: [],
        tls,
      },
    );
    closing.push(() => listener.close());
    return listener;
  }
  /** Says one thing and hears the whole answer, whose last line has a space after its number. */
  async function say(socket: Socket, text: string): Promise<string> {
    if (text !== '') socket.write(text);
    let heard = '';
    while (!/^\d{3} .*\r\n$/m.test(heard)) {
      const [bytes] = await once(socket, 'data');
      heard += String(bytes);
    }
    return heard;
  }
  async function begin({ port }: Listener): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    closing.push(() => socket.destroy());
    await say(socket, '');
    return socket;
  }
  async function upgrade(socket: Socket, ca: string, servername = 'mail.example.org') {
    const secured = connectTls({ socket, ca, servername });
    await once(secured, 'secureConnect');
    return secured;
  }
  const mail = `${mailFrom('a@b.example', 'Hello').toString()}\r\n.\r\n`;
  async function handOver(socket: Socket): Promise<string> {
    await say(socket, 'EHLO client.example\r\n');
    const from = await say(socket, 'MAIL FROM:<a@b.example>\r\n');
    if (!from.startsWith('250')) return from;
    await say(socket, 'RCPT TO:<verify@example.org>\r\n');
    await say(socket, 'DATA\r\n');
    return say(socket, mail);
  }

  test('a sender that demands encryption gets it, under the name that the certificate has', async () => {
    const socket = await begin(await listen({ tlsRequired: true }));
    expect(await say(socket, 'EHLO client.example\r\n')).toContain('STARTTLS');
    expect(await say(socket, 'STARTTLS\r\n')).toMatch(/^220/);
    const secured = await upgrade(socket, trusted.ca);
    expect(secured.authorized).toBe(true);
    expect(await say(secured, 'EHLO client.example\r\n')).not.toContain('STARTTLS');
    expect(await handOver(secured)).toMatch(/^250/);
    expect(taken).toHaveLength(1);
  });

  test('such a sender trusts neither another authority nor another name', async () => {
    const listener = await listen({});
    for (const [ca, name, code] of [
      [testAuthority().ca, 'mail.example.org', /UNABLE_TO|SELF_SIGNED|ERR_OSSL|ECDSA|SIGNATURE/],
      [trusted.ca, 'other.example.org', /ERR_TLS_CERT_ALTNAME_INVALID/],
    ] as const) {
      const socket = await begin(listener);
      await say(socket, 'EHLO a\r\n');
      await say(socket, 'STARTTLS\r\n');
      const failed = await upgrade(socket, ca, name).catch((error: { code?: string }) => error);
      expect(String((failed as { code?: string }).code)).toMatch(code);
    }
    // A handshake that fails ends that connection and no other.
    expect(await handOver(await begin(listener))).toMatch(/^250/);
  });

  test('where it is required mail in clear is refused; where it is offered it is taken', async () => {
    expect(await handOver(await begin(await listen({ tlsRequired: true })))).toMatch(/^530/);
    expect(taken).toEqual([]);
    expect(await handOver(await begin(await listen({})))).toMatch(/^250/);
    const without = await begin(await listen({ starttls: false }, null));
    expect(await say(without, 'EHLO a\r\n')).not.toContain('STARTTLS');
    expect(await say(without, 'STARTTLS\r\n')).toMatch(/^50[02]/);
  });

  test('what was slipped in before the encryption is not taken for said within it', async () => {
    const socket = await begin(await listen({ tlsRequired: true }));
    await say(socket, 'EHLO a\r\n');
    const slipped = say(socket, 'STARTTLS\r\nMAIL FROM:<mallory@elsewhere.example>\r\n').then(() =>
      upgrade(socket, trusted.ca),
    );
    const secured = await Promise.race([slipped.catch(() => null), once(socket, 'close').then(() => null)]);
    // Ended, or begun anew: in neither case has somebody already said who the mail is from.
    if (secured !== null) {
      await say(secured, 'EHLO a\r\n');
      expect(await say(secured, 'RCPT TO:<verify@example.org>\r\n')).toMatch(/^503/);
    }
    expect(taken).toEqual([]);
  });
});

describe('a folder of a mail server', () => {
  const mailbox: Mailbox = {
    host: 'mail.example.org',
    port: 0,
    tls: 'implicit',
    private: true,
    username: 'desk',
    folder: 'INBOX',
    after: 'keep',
    moveTo: null,
    isOn: true,
  };
  /** What came of a visit, and what the server heard. */
  async function visit(tls: ImapTls | undefined, as: Mailbox['tls'], host = mailbox.host) {
    const server = await startImap(tls);
    closing.push(() => server.close());
    server.folders.get('INBOX')?.mails.push({ uid: 1, raw: mailFrom('a@b.example', 'Hello') });
    const came = await inFolder(
      { ...mailbox, host, tls: as, port: server.port },
      server.password,
      { resolve: async () => [{ address: '127.0.0.1', family: 4 }], ca: trusted.ca },
      async (folder) => (await folder.fetch(1)).raw?.toString() ?? 'nothing',
      { times: { connectMs: 1_000, silentMs: 1_000, wholeMs: 3_000 } },
    ).catch((error: { code?: string }) => error.code);
    return { came, heard: server.heard };
  }

  test.each(['implicit', 'starttls'] as const)(
    '%s: read where the certificate can be trusted',
    async (kind) => {
      const { came, heard } = await visit({ kind, ...good }, kind);
      expect(came).toContain('Subject: Hello');
      expect(heard.indexOf('LOGIN')).toBeGreaterThan(heard.indexOf('STARTTLS'));
      expect(heard.includes('STARTTLS')).toBe(kind === 'starttls');
    },
  );

  test.each(['implicit', 'starttls'] as const)(
    '%s: another authority, another name or one that ran out is said, and no password goes out',
    async (kind) => {
      const foreign = { kind, ...testAuthority().of('mail.example.org') };
      const misnamed = { kind, ...trusted.of('mail.elsewhere.example') };
      const old = { kind, ...trusted.of('mail.example.org', -1) };
      for (const [n, tls] of [foreign, misnamed, old].entries()) {
        const { came, heard } = await visit(tls, kind);
        expect([n, came, heard.includes('LOGIN')]).toEqual([n, 'tls', false]);
      }
    },
  );

  test.each(['implicit', 'starttls'] as const)('%s: an address stands for itself alone', async (kind) => {
    const own = await visit({ kind, ...trusted.of('127.0.0.1') }, kind, '127.0.0.1');
    expect(own.came).toContain('Subject: Hello');
    for (const another of ['127.0.0.2', 'mail.example.org']) {
      const { came, heard } = await visit({ kind, ...trusted.of(another) }, kind, '127.0.0.1');
      expect([came, heard.includes('LOGIN')]).toEqual(['tls', false]);
    }
  });

  test('a server that does not offer STARTTLS, or speaks no TLS, gets no password', async () => {
    const silent = await visit({ kind: 'starttls', offers: false, ...good }, 'starttls');
    expect([silent.came, silent.heard.includes('LOGIN')]).toEqual(['tls', false]);
    const clear = await visit(undefined, 'implicit');
    expect([clear.came, clear.heard]).toEqual(['tls', []]);
  });
});
