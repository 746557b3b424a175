import { createServer } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_GREETING, readGreeting } from './greeting.ts';

/** The first bytes that Node's own TLS client sends. */
async function realGreeting(servername: string): Promise<Buffer> {
  const seen = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.once('data', (chunk: Buffer) => {
      seen.resolve(chunk);
      socket.destroy();
    });
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const client = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  client.on('error', () => undefined);
  const bytes = await seen.promise;
  await new Promise((resolve) => server.close(resolve));
  return bytes;
}

const greeting = await realGreeting('vendor.example.test');

/** The same handshake in records of at most `size` bytes each. */
function inRecords(whole: Buffer, size: number): Buffer {
  const handshake = whole.subarray(5);
  const parts: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size);
    const head = Buffer.from([0x16, 3, 1, 0, 0]);
    head.writeUInt16BE(part.length, 3);
    parts.push(head, part);
  }
  return Buffer.concat(parts);
}

test("a real client's name is read, in one record or in many", () => {
  const read = { is: 'greeting', name: 'vendor.example.test' };
  expect(readGreeting(greeting)).toEqual(read);
  for (const size of [1, 3, 100]) expect(readGreeting(inRecords(greeting, size))).toEqual(read);
  expect(readGreeting(Buffer.concat([greeting, Buffer.from('more')]))).toEqual(read);
});

test('of a part of it, more is asked for, and never more than there is to come', () => {
  for (let length = 0; length < greeting.length; length++) {
    const read = readGreeting(greeting.subarray(0, length));
    if (read.is !== 'more') throw new Error(`of ${length} bytes: ${read.is}`);
    expect(read.need).toBeGreaterThan(length);
    expect(read.need).toBeLessThanOrEqual(greeting.length);
  }
});

test('what is no TLS is no greeting; what only begins so can not be read', () => {
  expect(readGreeting(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toEqual({ is: 'no_tls' });
  expect(readGreeting(Buffer.from([0x16, 3, 1, 0xff, 0xff]))).toEqual({ is: 'unreadable' });
  expect(readGreeting(Buffer.from([0x16, 3, 1, 0, 0]))).toEqual({ is: 'unreadable' });
  expect(readGreeting(Buffer.from([0x16, 3, 1, 0, 4, 2, 0, 0, 0]))).toEqual({ is: 'unreadable' });
  const endless = Buffer.alloc(LONGEST_GREETING * 2);
  for (let at = 0; at + 6 <= endless.length; at += 6)
    endless.set([0x16, 3, 1, 0, 1, at === 0 ? 1 : 0x3f], at);
  expect(readGreeting(endless)).toEqual({ is: 'unreadable' });
});

test('a name that is there twice is refused: two readers could differ', () => {
  const name = Buffer.from('vendor.example.test');
  const at = greeting.indexOf(name);
  // server_name: type, length, list length, kind, name length.
  const extension = greeting.subarray(at - 9, at + name.length);
  const extensions = at - 9 - 2;
  const twice = Buffer.concat([greeting.subarray(0, at - 9), extension, greeting.subarray(at - 9)]);
  twice.writeUInt16BE(greeting.readUInt16BE(extensions) + extension.length, extensions);
  twice.writeUInt16BE(greeting.readUInt16BE(3) + extension.length, 3);
  twice.writeUIntBE(greeting.readUIntBE(6, 3) + extension.length, 6, 3);
  const isFirst = extensions === findExtensions(greeting);
  expect(isFirst ? readGreeting(twice) : { is: 'unreadable' }).toEqual({ is: 'unreadable' });
});

/** Where the length of the extensions stands. */
function findExtensions(bytes: Buffer): number {
  let at = 5 + 4 + 34;
  at += 1 + (bytes[at] ?? 0);
  at += 2 + bytes.readUInt16BE(at);
  return at + 1 + (bytes[at] ?? 0);
}

test('no bytes make it throw, or read past what is there', () => {
  const changed = fc.tuple(fc.nat(greeting.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(greeting);
    bytes[at] = byte;
    return bytes;
  });
  const any = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from([0x16, 3, 1, ...bytes]));
  fc.assert(
    fc.property(fc.oneof(changed, any), (bytes) => {
      const read = readGreeting(bytes);
      expect(['more', 'no_tls', 'unreadable', 'greeting']).toContain(read.is);
    }),
    { numRuns: 2000 },
  );
});

test('a greeting in records of one byte costs no more than a whole one, however it comes', () => {
  const body = Buffer.alloc(2_700);
  body.set([1, 0, 0x20, 0]);
  const bytes = Buffer.concat([...body].map((byte) => Buffer.from([0x16, 3, 1, 0, 1, byte])));
  const began = performance.now();
  let read: ReturnType<typeof readGreeting> = { is: 'more', need: 1 };
  for (let at = 6; at <= bytes.length && read.is === 'more'; at += 6)
    read = readGreeting(bytes.subarray(0, at));
  expect(performance.now() - began).toBeLessThan(10_000);
});
