import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { wrongCompound } from './compound.ts';
import { reading } from './reading.ts';

/** Files that strangers hand in: what they say is bounded before it is unpacked. */
const png = (width: number, height: number): Buffer => PNG.sync.write(new PNG({ width, height }));
/** As its head says, whatever the pixels are. */
function pngOf(width: number, height: number, interlaced: number, pixels: Buffer): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, interlaced]);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
const read = (type: string, bytes: Buffer) => reading.mailOf(type, bytes);

test('a picture without a code says that its words are not read', async () => {
  const { form, raw, arrival, note } = await read('image/png', png(10, 10));
  expect([form, arrival]).toEqual(['text', 'text']);
  expect(raw.toString()).toContain('The words in a picture are not read.');
  expect(raw.toString()).toContain('No QR code was found');
  expect(note).toContain('not read');
});

test('a picture that promises much is passed over before it is unpacked', async () => {
  const promised = pngOf(60_000, 60_000, 0, Buffer.alloc(1024));
  expect((await read('image/png', promised)).raw.toString()).toContain('No QR code');
  const bomb = pngOf(10, 10, 1, Buffer.alloc(64 * 1024 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  expect((await read('image/png', bomb)).raw.toString()).toContain('No QR code');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});

test('types that are not what they say, and unknown ones', async () => {
  await expect(read('image/png', Buffer.from('GIF89a'))).rejects.toMatchObject({ status: 422 });
  await expect(read('image/webp', Buffer.from('x'))).rejects.toMatchObject({ status: 422 });
  await expect(read('image/gif', Buffer.from('GIF89a'))).rejects.toMatchObject({ status: 415 });
  await expect(read('image/png', Buffer.alloc(11 * 1024 * 1024, 0x89))).rejects.toMatchObject({
    status: 422,
  });
  await expect(read('text/plain', Buffer.alloc(26 * 1024 * 1024))).rejects.toMatchObject({ status: 413 });
  const webp = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WEBPVP8 ')]);
  expect((await read('image/webp', webp)).note).toContain('WebP');
});

/** A compound file with one stream of an Outlook message: a header, a table, a directory, and the stream's sectors. */
function compound(name: string, content: Buffer): Buffer {
  const data = Math.max(8, Math.ceil(content.length / 512));
  const file = Buffer.alloc(512 * (3 + data));
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.writeUInt16LE(0x3e, 24);
  file.writeUInt16LE(3, 26);
  file.writeUInt16LE(0xfffe, 28);
  file.writeUInt16LE(9, 30);
  file.writeUInt16LE(6, 32);
  file.writeInt32LE(1, 44);
  file.writeInt32LE(1, 48);
  file.writeUInt32LE(4096, 56);
  file.writeInt32LE(-2, 60);
  file.writeInt32LE(-2, 68);
  file.fill(0xff, 76, 512);
  file.writeInt32LE(0, 76);
  file.fill(0xff, 512, 1024);
  file.writeInt32LE(-3, 512);
  file.writeInt32LE(-2, 516);
  for (let n = 0; n < data; n++) file.writeInt32LE(n === data - 1 ? -2 : n + 3, 512 + (n + 2) * 4);
  const entry = (n: number, title: string, type: number, child: number, start: number, size: number) => {
    const at = 1024 + n * 128;
    file.write(title, at, 'utf16le');
    file.writeUInt16LE((title.length + 1) * 2, at + 64);
    file[at + 66] = type;
    file.writeInt32LE(-1, at + 68);
    file.writeInt32LE(-1, at + 72);
    file.writeInt32LE(child, at + 76);
    file.writeInt32LE(start, at + 116);
    file.writeInt32LE(size, at + 120);
  };
  entry(0, 'Root Entry', 5, 1, -2, 0);
  entry(1, name, 2, -1, 2, data * 512);
  content.copy(file, 1536);
  return file;
}
const headers = [
  'From: Billing <billing@vendor.example>',
  'Subject: Your invoice',
  'Content-Type: text/html; charset=x',
  ' folded',
  'DKIM-Signature: v=1; d=vendor.example',
  '',
  'Injected: after the end',
].join('\r\n');
const msg = () => compound('__substg1.0_007D001F', Buffer.from(headers.padEnd(2100, ' '), 'utf16le'));

test('an Outlook file becomes a mail with the headers that it came with, and is never whole', async () => {
  const file = msg();
  expect(wrongCompound(file)).toBe(null);
  const { form, raw, arrival, note } = await read('application/vnd.ms-outlook', file);
  expect([form, arrival]).toEqual(['mail', 'inline']);
  const text = raw.toString();
  expect(text).toContain('From: Billing <billing@vendor.example>\r\nSubject: Your invoice\r\nDKIM-Signature');
  expect(text).not.toContain('charset=x');
  expect(text).not.toContain('Injected');
  expect(note).toContain('signature can not be checked');
});

test('sectors that lead in a circle, streams that promise more, and entries that hold each other are refused', async () => {
  const bent = (change: (file: Buffer) => void): string | null => {
    const file = msg();
    change(file);
    return wrongCompound(file);
  };
  expect(bent((file) => file.writeInt32LE(1, 516))).toContain('directory');
  expect(bent((file) => file.writeInt32LE(2, 512 + 12))).toContain('does not end');
  expect(bent((file) => file.writeInt32LE(2_000_000_000, 1024 + 128 + 120))).toContain('promises more');
  expect(bent((file) => file.writeInt32LE(1, 1024 + 128 + 68))).toContain('stand in each other');
  expect(bent((file) => file.writeInt32LE(1, 1024 + 116))).toBe(null);
  expect(
    bent((file) => {
      file.writeInt32LE(3, 512 + 12);
      file.writeInt32LE(3, 1024 + 116);
    }),
  ).toContain('does not end');
});

test('whatever bytes are bent, it is read or refused as unreadable, in bounded time', async () => {
  const whole = msg();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 12,
      }),
      async (bends) => {
        const file = Buffer.from(whole);
        for (const [at, value] of bends) file[at] = value;
        const began = performance.now();
        const said = await read('application/vnd.ms-outlook', file).then(
          () => 'read',
          (error: { code?: string }) => error.code,
        );
        expect(['read', 'unreadable_file']).toContain(said);
        expect(performance.now() - began).toBeLessThan(1_000);
      },
    ),
    { numRuns: 300 },
  );
});

/** As many streams as may be, which all name one chain as long as the file. */
function sharedChain(sectors: number, entries: number): Buffer {
  const fats = Math.ceil((sectors + 200) / 128);
  const folders = Math.ceil(entries / 4);
  const file = Buffer.alloc(512 * (1 + fats + folders + sectors));
  msg().copy(file, 0, 0, 512);
  file.writeInt32LE(fats, 44);
  file.writeInt32LE(fats, 48);
  for (let n = 0; n < fats; n++) file.writeInt32LE(n, 76 + n * 4);
  const next = (sector: number, to: number): void => {
    file.writeInt32LE(to, 512 + sector * 4);
  };
  for (let n = 0; n < fats; n++) next(n, -3);
  for (let n = 0; n < folders; n++) next(fats + n, n === folders - 1 ? -2 : fats + n + 1);
  const first = fats + folders;
  for (let n = 0; n < sectors; n++) next(first + n, n === sectors - 1 ? -2 : first + n + 1);
  for (let n = 0; n < entries; n++) {
    const at = 512 * (1 + fats) + n * 128;
    file[at + 66] = n === 0 ? 5 : 2;
    file.fill(0xff, at + 68, at + 80);
    file.writeInt32LE(n === 0 ? -2 : first, at + 116);
    file.writeInt32LE(n === 0 ? 0 : 4096, at + 120);
  }
  return file;
}

test('many streams that share one long chain are refused before each is followed', () => {
  const file = sharedChain(12_000, 4_000);
  const began = performance.now();
  expect(wrongCompound(file)).toContain('promises more');
  expect(performance.now() - began).toBeLessThan(500);
});

test('files that are cut off, or are anything after the magic bytes, are refused or read, in bounded time and memory', async () => {
  const whole = msg();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.nat(whole.length).map((end) => Buffer.from(whole.subarray(0, end))),
        fc
          .uint8Array({ maxLength: 6_000 })
          .map((bytes) => Buffer.concat([whole.subarray(0, 8), Buffer.from(bytes)])),
        fc
          .tuple(
            fc.constantFrom(
              30,
              44,
              48,
              60,
              64,
              68,
              72,
              76,
              512,
              516,
              1024 + 116,
              1024 + 120,
              1152 + 64,
              1152 + 66,
              1152 + 116,
              1152 + 120,
            ),
            fc.oneof(fc.constantFrom(-2147483648, -3, -2, -1, 0, 1, 2, 2147483647), fc.integer()),
          )
          .map(([at, value]) => {
            const file = Buffer.from(whole);
            file.writeInt32LE(value | 0, at);
            return file;
          }),
      ),
      async (file) => {
        const began = performance.now();
        const said = await read('application/vnd.ms-outlook', file).then(
          ({ raw }) => (raw.length < 40 * file.length + 10_000 ? 'read' : `grew to ${raw.length}`),
          (error: { code?: string }) => error.code,
        );
        expect(['read', 'unreadable_file']).toContain(said);
        expect(performance.now() - began).toBeLessThan(1_000);
      },
    ),
    { numRuns: 400 },
  );
});
