import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { Problem } from '../platform/index.ts';
import { type Listener, type ListenerLimits, startListener, usualLimits } from './listener.ts';
import type { SmtpSettings } from './settings.ts';
import { forwarded, mailFrom } from './testing.ts';
import type { Take, Taken } from './types.ts';

/** The listener for mail, spoken to over a socket as senders do, also bad ones. Names are made up. */
const open: (Listener | { close(): void })[] = [];
let taken: Taken[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  taken = [];
});
const usual: SmtpSettings = {
  enabled: true,
  host: '127.0.0.1',
  port: 0,
  lmtp: false,
  address: ['verify@example.org'],
  allow: ['127.0.0.0/8'],
  starttls: false,
  tlsRequired: false,
  outside: false,
};
const takes: Take = async (one) => {
  taken.push(one);
  return { id: one.key };
};
async function listen(
  more: { settings?: Partial<SmtpSettings>; limits?: Partial<ListenerLimits>; take?: Take } = {},
): Promise<Listener> {
  const listener = await startListener(
    { ...usual, ...more.settings },
    {
      take: more.take ?? takes,
      keyed: async (bytes) => Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))),
      clock: { now: () => Date.UTC(2026, 0, 5) },
      log: pino({ level: 'silent' }),
      domains: ['example.org'],
      tls: null,
      limits: { ...usualLimits, ...more.limits },
    },
  );
  open.push(listener);
  return listener;
}

/** A sender that says what it is told to, and hears one answer after another. */
async function sender({ port }: Listener, localAddress = '127.0.0.1') {
  const socket: Socket = connect({ port, host: '127.0.0.1', localAddress });
  open.push({ close: () => socket.destroy() });
  let rest = '';
  const lines: string[] = [];
  let wake: () => void = () => undefined;
  socket.on('data', (bytes) => {
    rest += bytes.toString('latin1');
    const parts = rest.split('\r\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter((line) => /^\d{3}( |$)/.test(line)));
    wake();
  });
  socket.on('error', () => undefined);
  // A reset is an end too: `once` would take it for a failure.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      lines.push('closed');
      wake();
      resolve();
    });
  });
  const hear = async (): Promise<string> => {
    while (lines.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return lines.shift() ?? '';
  };
  const say = async (text: string | Buffer): Promise<string> => {
    socket.write(text);
    return hear();
  };
  return { socket, say, hear, closed };
}
async function toData(listener: Listener, to = 'verify@example.org', hello = 'EHLO client.example') {
  const one = await sender(listener);
  await one.hear();
  await one.say(`${hello}\r\n`);
  await one.say('MAIL FROM:<sam@example.org>\r\n');
  expect(await one.say(`RCPT TO:<${to}>\r\n`)).toMatch(/^250/);
  expect(await one.say('DATA\r\n')).toMatch(/^354/);
  return one;
}
async function deliver(listener: Listener, raw: Buffer): Promise<string> {
  const one = await toData(listener);
  return one.say(Buffer.concat([raw, Buffer.from('\r\n.\r\n')]));
}

const vendors = mailFrom('Billing <billing@vendor.example>', 'Your invoice');

test('a message that came itself is fetched; the envelope counts only where the outside hands over itself', async () => {
  expect(await deliver(await listen(), vendors)).toMatch(/^250/);
  expect(await deliver(await listen({ settings: { outside: true } }), vendors)).toMatch(/^250/);
  expect(taken.map(({ arrival, envelope, reporter }) => [arrival, envelope, reporter])).toEqual([
    ['fetched', null, null],
    ['fetched', { ip: '127.0.0.1', helo: 'client.example', mailFrom: 'sam@example.org' }, null],
  ]);
});

test('what one of us passes on is taken out, each for itself; what a stranger hangs on theirs is not', async () => {
  const listener = await listen({ settings: { outside: true } });
  const second = mailFrom('support@vendor.example', 'Second');
  expect(await deliver(listener, forwarded('Sam <SAM@example.org>', vendors, second))).toMatch(/^250/);
  expect(taken.map(({ arrival, reporter, envelope }) => [arrival, reporter, envelope])).toEqual([
    ['file', { address: 'sam@example.org' }, null],
    ['file', { address: 'sam@example.org' }, null],
  ]);
  expect(taken[0]?.raw.toString()).toContain('Your invoice');
  taken = [];
  expect(await deliver(listener, forwarded('mallory@elsewhere.example', vendors))).toMatch(/^250/);
  expect(taken.map(({ arrival, reporter }) => [arrival, reporter])).toEqual([['fetched', null]]);
  expect(taken[0]?.mailboxes).toEqual([...usual.address, '@example.org']);
  expect(taken[0]?.raw.toString()).toContain('mallory');
  taken = [];
  const inline = '---------- Forwarded message ---------\r\nFrom: x@vendor.example\r\n';
  expect(await deliver(listener, mailFrom('sam@example.org', 'Fwd: hello', inline))).toMatch(/^250/);
  expect(taken.map(({ arrival }) => arrival)).toEqual(['inline']);
});

test('two From headers pass nothing on', async () => {
  const raw = Buffer.concat([
    Buffer.from('From: mallory@elsewhere.example\r\n'),
    forwarded('sam@example.org', vendors),
  ]);
  expect(await deliver(await listen(), raw)).toMatch(/^250/);
  expect(taken.map(({ arrival }) => arrival)).toEqual(['fetched']);
});

test('250 is answered once it is taken; a failure is 451, and the retry is the same message', async () => {
  let isDown = true;
  const listener = await listen({
    take: async (one) => {
      taken.push(one);
      if (isDown) throw new Problem(503, 'messages_unavailable', 'Not now.');
      return { id: one.key };
    },
  });
  expect(await deliver(listener, vendors)).toMatch(/^451/);
  isDown = false;
  expect(await deliver(listener, vendors)).toMatch(/^250/);
  expect(new Set(taken.map(({ key }) => key)).size).toBe(1);
  expect(await deliver(listener, mailFrom('billing@vendor.example', 'Another'))).toMatch(/^250/);
  expect(new Set(taken.map(({ key }) => key)).size).toBe(2);
});

test('a sender that goes away after its message was taken and before it hears so sends the same message again', async () => {
  const held = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const listener = await listen({
    take: async (one) => {
      taken.push(one);
      began.resolve();
      if (taken.length === 1) await held.promise;
      return { id: one.key };
    },
  });
  const one = await toData(listener);
  one.socket.write(Buffer.concat([vendors, Buffer.from('\r\n.\r\n')]));
  await began.promise;
  one.socket.destroy();
  held.resolve();
  expect(await deliver(listener, vendors)).toMatch(/^250/);
  expect(taken).toHaveLength(2);
  expect(taken[0]?.key).toBe(taken[1]?.key);
});

test('what is no mail is refused for good, and so are other recipients and other places', async () => {
  const listener = await listen();
  expect(await deliver(listener, Buffer.from('no header at all'))).toMatch(/^554/);
  const one = await sender(listener);
  await one.hear();
  await one.say('EHLO a\r\n');
  await one.say('MAIL FROM:<a@b.example>\r\n');
  expect(await one.say('RCPT TO:<other@example.org>\r\n')).toMatch(/^550/);
  const elsewhere = await listen({ settings: { allow: ['10.0.0.0/8'] } });
  expect(await (await sender(elsewhere)).hear()).toMatch(/^554/);
  expect(taken).toEqual([]);
});

test('a message beyond the cap is refused, whether it says its size or not', async () => {
  const listener = await listen({ limits: { message: 5_000 } });
  const one = await sender(listener);
  await one.hear();
  await one.say('EHLO a\r\n');
  expect(await one.say('MAIL FROM:<a@b.example> SIZE=6000\r\n')).toMatch(/^552/);
  expect(await deliver(listener, mailFrom('a@b.example', 'Long', 'x'.repeat(6_000)))).toMatch(/^552/);
  expect(taken).toEqual([]);
});

test('all senders together hold no more memory than is set', async () => {
  const listener = await listen({ limits: { memory: 8_000 } });
  const first = await toData(listener);
  first.socket.write(mailFrom('a@b.example', 'Half', 'y'.repeat(5_000)));
  await expect
    .poll(async () => deliver(listener, mailFrom('a@b.example', 'Whole', 'z'.repeat(4_000))), {
      timeout: 5_000,
    })
    .toMatch(/^451/);
  expect(await first.say('\r\n.\r\n')).toMatch(/^250/);
  expect(await deliver(listener, mailFrom('a@b.example', 'Whole', 'z'.repeat(4_000)))).toMatch(/^250/);
});

test('a pipe that breaks in the middle leaves nothing, and gives its memory back', async () => {
  const listener = await listen({ limits: { memory: 6_000 } });
  for (let n = 0; n < 5; n++) {
    const one = await toData(listener);
    one.socket.end(mailFrom('a@b.example', 'Half', 'y'.repeat(3_000)));
    await one.closed;
  }
  await expect
    .poll(() => deliver(listener, mailFrom('a@b.example', 'Whole', 'z'.repeat(4_000))), { timeout: 5_000 })
    .toMatch(/^250/);
  expect(taken.map(({ raw }) => raw.toString().includes('Whole'))).toEqual([true]);
});

test('slow senders are cut off: silent ones, and those who send a byte now and then', async () => {
  const silent = await sender(await listen({ limits: { silentMs: 200 } }));
  await silent.hear();
  await silent.closed;
  const slow = await toData(await listen({ limits: { wholeMs: 300, silentMs: 60_000 } }));
  const drip = setInterval(() => slow.socket.write('x'), 20);
  await slow.closed;
  clearInterval(drip);
  expect(taken).toEqual([]);
});

test('connections beyond the limit are turned away, and the others go on', async () => {
  const listener = await listen({ limits: { clients: 2 } });
  const [first] = [await toData(listener), await toData(listener)];
  expect(await (await sender(listener)).hear()).toMatch(/^421|^closed/);
  expect(await first?.say(Buffer.concat([vendors, Buffer.from('\r\n.\r\n')]))).toMatch(/^250/);
});

test('endless lines, NUL bytes and bare line feeds end nothing else', async () => {
  const listener = await listen();
  const endless = await sender(listener);
  await endless.hear();
  endless.socket.write('EHLO '.concat('a'.repeat(2_000_000)));
  expect(await endless.hear()).toMatch(/^421|^closed/);
  expect(
    await deliver(listener, mailFrom('a@b.example', 'A \0 in it', 'x\0y\r\n'.concat('w'.repeat(300_000)))),
  ).toMatch(/^250/);
  // A line feed alone ends no message: what follows is text of it, never a second message.
  const smuggled =
    'one\n.\nMAIL FROM:<x@y.example>\nRCPT TO:<verify@example.org>\nDATA\nFrom: forged@vendor.example\n\ntwo';
  expect(await deliver(listener, mailFrom('a@b.example', 'Smuggled', smuggled))).toMatch(/^250/);
  expect(taken).toHaveLength(2);
  expect(taken[1]?.raw.toString()).toContain('forged@vendor.example');
});

test('LMTP answers for each recipient', async () => {
  const listener = await listen({
    settings: { lmtp: true, address: ['verify@example.org', 'phish@example.org'] },
  });
  const one = await sender(listener);
  await one.hear();
  expect(await one.say('LHLO a\r\n')).toMatch(/^250/);
  await one.say('MAIL FROM:<a@b.example>\r\n');
  await one.say('RCPT TO:<verify@example.org>\r\n');
  await one.say('RCPT TO:<phish@example.org>\r\n');
  await one.say('DATA\r\n');
  expect(await one.say(Buffer.concat([vendors, Buffer.from('\r\n.\r\n')]))).toMatch(/^250/);
  expect(await one.hear()).toMatch(/^250/);
  expect(taken).toHaveLength(1);
});

test('one that holds its connections open keeps nobody else out, and has them back when they end', async () => {
  const listener = await listen({ limits: { clients: 4, clientsOfOne: 2 } });
  const [first] = [await sender(listener), await sender(listener)];
  expect(await first.hear()).toMatch(/^220/);
  expect(await (await sender(listener)).hear()).toMatch(/^421/);
  expect(await (await sender(listener, '127.0.0.2')).hear()).toMatch(/^220/);
  first.socket.destroy();
  await expect.poll(async () => (await sender(listener)).hear(), { timeout: 5_000 }).toMatch(/^220/);
});

test('a thousand connections at once, slow ones: those within the limit are cut off in time, and mail goes on', async () => {
  const listener = await listen({ limits: { clients: 50, clientsOfOne: 45, wholeMs: 12_000 } });
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    open.push({ close: () => socket.destroy() });
    return socket;
  });
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('E');
  }, 100);
  open.push({ close: () => clearInterval(drip) });
  // Another one, who tries again where it is turned away, gets in while they are at it.
  await expect
    .poll(async () => (await sender(listener, '127.0.0.2')).hear(), { timeout: 11_000, interval: 200 })
    .toMatch(/^220/);
  expect(sockets.filter((socket) => !socket.closed).length).toBeGreaterThan(0);
  await Promise.all(sockets.map((socket) => (socket.closed ? null : once(socket, 'close'))));
  expect(await deliver(listener, vendors)).toMatch(/^250/);
}, 30_000);

test('nothing but CRLF, dot, CRLF ends a message: other ends are text of it', async () => {
  const listener = await listen();
  const within =
    'MAIL FROM:<x@y.example>\r\nRCPT TO:<verify@example.org>\r\nDATA\r\nFrom: forged@vendor.example\r\n';
  for (const end of ['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r', '\r\n\0.\r\n', '\r\n.\0\r\n']) {
    taken = [];
    expect([end, await deliver(listener, mailFrom('a@b.example', 'Smuggled', `one${end}${within}`))]).toEqual(
      [end, expect.stringMatching(/^250/)],
    );
    expect(taken).toHaveLength(1);
    expect(taken[0]?.raw.toString()).toContain('forged@vendor.example');
  }
});

test('commands that are sent ahead are answered in their order, and a second mail is a mail of its own', async () => {
  const one = await sender(await listen());
  const mail = `MAIL FROM:<a@b.example>\r\nRCPT TO:<verify@example.org>\r\nDATA\r\n${vendors.toString()}\r\n.\r\n`;
  // Before the greeting nothing may be said.
  const heard = [await one.hear()];
  one.socket.write(`EHLO a\r\n${mail}${mail.replace('Your invoice', 'Another')}`);
  while (heard.length < 10) heard.push(await one.hear());
  expect(heard.map((line) => line.slice(0, 3))).toEqual([
    '220',
    '250',
    '250',
    '250',
    '354',
    '250',
    '250',
    '250',
    '354',
    '250',
  ]);
  expect(taken).toHaveLength(2);
});

test('an envelope with control characters is refused; letters of other scripts are taken', async () => {
  const one = await sender(await listen({ settings: { outside: true } }));
  await one.hear();
  expect(await one.say('EHLO a\rReceived: forged\r\n')).toMatch(/^501/);
  expect(await one.say('EHLO a\0b\r\n')).toMatch(/^501/);
  await one.say('EHLO client.example\r\n');
  for (const from of ['a\rX: y@b.example', 'a\0@b.example', 'a@b.example\x1b[31m', 'a@b\t.example'])
    expect([from, await one.say(`MAIL FROM:<${from}>\r\n`)]).toEqual([from, expect.stringMatching(/^501/)]);
  expect(await one.say(Buffer.from('MAIL FROM:<jürgen@b.example> SMTPUTF8\r\n'))).toMatch(/^250/);
  const many = Array.from({ length: 5_000 }, (_, n) => `RCPT TO:<nobody-${n}@example.org>\r\n`);
  // Too many that are not there: ended, or each refused; it costs no memory and none is taken for one that is.
  one.socket.write(many.join(''));
  expect(await one.hear()).toMatch(/^550/);
  expect(taken).toEqual([]);
});

test('letters of other scripts in a message come through as they were sent', async () => {
  const listener = await listen();
  const raw = Buffer.from('From: Jürgen <jürgen@b.example>\r\nSubject: Rückfrage \u{1f512}\r\n\r\nÄ\xff\r\n');
  expect(await deliver(listener, raw)).toMatch(/^250/);
  expect(taken[0]?.raw.subarray(0, raw.length).equals(raw)).toBe(true);
});

test('millions of short lines, and of lines that begin with dots, are refused before they cost anything', async () => {
  const listener = await listen();
  for (const [line, times] of [
    ['\n', 2_000_000],
    ['a\r\n', 300_000],
    ['> quoted \r\n', 100_000],
  ] as const) {
    const began = performance.now();
    expect(await deliver(listener, mailFrom('a@b.example', 'Lines', line.repeat(times)))).toMatch(
      /^554 .*lines/,
    );
    expect(performance.now() - began).toBeLessThan(10_000);
  }
  // Hidden from the count by an encoding, within what one of us passes on.
  const hidden = Buffer.from(`From: a@b.example\r\n\r\n${'\n'.repeat(300_000)}`).toString('base64');
  const passed = `From: sam@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=a.eml\r\nContent-Disposition: attachment; filename=a.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden.replaceAll(/.{76}/g, '$&\r\n')}\r\n`;
  expect(await deliver(listener, Buffer.from(passed))).toMatch(/^554 .*lines/);
  const dots = await toData(listener);
  dots.socket.write(`From: a@b.example\r\n\r\n${'\n..'.repeat(600_000)}`);
  await dots.closed;
  expect(taken).toEqual([]);
  // 20 MB in an attachment's own lines are no such thing.
  const attachment = `${'QUJD'.repeat(19)}\r\n`.repeat(20_000);
  expect(await deliver(listener, mailFrom('a@b.example', 'Attachment', attachment))).toMatch(/^250/);
}, 60_000);

test('parts a thousand deep are refused for good', async () => {
  const listener = await listen();
  const deep = Array.from(
    { length: 1_000 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
  ).join('');
  expect(
    await deliver(listener, Buffer.from(`From: a@b.example\r\nMIME-Version: 1.0\r\n${deep}x\r\n`)),
  ).toMatch(/^554/);
  const began = performance.now();
  const within = 'Content-Type: message/rfc822\r\n\r\n'.repeat(5_000);
  expect(await deliver(listener, Buffer.from(`From: sam@example.org\r\n${within}x\r\n`))).toMatch(
    /^(250|554)/,
  );
  expect(performance.now() - began).toBeLessThan(5_000);
});
