import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scanBuffer } from '../source.ts';
import { collecting, tiny } from '../testing/tiny.ts';

const value = tiny();

interface Entry {
  name: string;
  bytes: Buffer;
  /** As the header says; the real ones without it. */
  method?: number;
  flags?: number;
}

/** A zip archive of made-up files. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method = 8, flags = 0x800 } of entries) {
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(flags, 2);
    head.writeUInt16LE(method, 4);
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, tail, Buffer.from(name));
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** A tar archive; `kind` as in ustar, `long`: the name stands in a pax header. */
function tar(entries: readonly { name: string; bytes: Buffer; kind?: string; long?: boolean }[]): Buffer {
  const block = (name: string, bytes: Buffer, kind: string): Buffer => {
    const head = Buffer.alloc(512);
    head.write(name.slice(0, 99), 0);
    head.write('0000644\0', 100);
    head.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('        ', 148);
    head.write(kind, 156);
    head.write('ustar\x0000', 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  };
  const parts = entries.flatMap(({ name, bytes, kind = '0', long = false }) => {
    if (!long) return [block(name, bytes, kind)];
    const record = `path=${name}\n`;
    const length = record.length + 4;
    return [block('pax', Buffer.from(`${length} ${record}`), 'x'), block('short', bytes, kind)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

async function pathsIn(bytes: Buffer, name = 'a'): Promise<{ paths: string[]; skipped: string[] }> {
  const { context, found, skipped } = collecting();
  await scanBuffer(name, bytes, context);
  return {
    paths: found.map(({ path, start }) => `${path}@${start.offset}`),
    skipped: skipped.map(({ path, reason, trouble }) => `${path}: ${reason}${trouble ? ' !' : ''}`),
  };
}

const secret = Buffer.from(`x=${value}\n`);

test('zip, tar and gzip within each other are read through', async () => {
  const inner = zip([
    { name: 'deflated.env', bytes: secret },
    { name: 'ordner/gespeichert-ä.env', bytes: secret, method: 0 },
  ]);
  const outer = gzipSync(
    tar([
      { name: 'before.txt', bytes: secret },
      { name: 'in.zip', bytes: inner },
      { name: 'log.gz', bytes: gzipSync(secret) },
      { name: `${'long/'.repeat(30)}name.txt`, bytes: secret, long: true },
      { name: 'link', bytes: Buffer.alloc(0), kind: '2' },
      { name: 'after.txt', bytes: secret },
    ]),
  );
  expect(await pathsIn(outer, 'x/all.tgz')).toEqual({
    paths: [
      'before.txt',
      'in.zip!/deflated.env',
      'in.zip!/ordner/gespeichert-ä.env',
      'log.gz!/log',
      `${'long/'.repeat(30)}name.txt`,
      'after.txt',
    ].map((name) => `x/all.tgz!/all.tar!/${name}@2`),
    skipped: [],
  });
});

test('what can not be opened is said, and the rest is scanned', async () => {
  const bytes = zip([
    { name: '../../etc/passwd', bytes: secret },
    { name: 'locked', bytes: secret, flags: 0x801 },
    { name: 'odd', bytes: secret, method: 12 },
    { name: 'old.xz', bytes: Buffer.from('fd377a585a0000', 'hex') },
    { name: 'broken.gz', bytes: gzipSync(secret).subarray(0, 14) },
    { name: 'last', bytes: secret },
  ]);
  expect(await pathsIn(bytes)).toEqual({
    paths: ['a!/../../etc/passwd@2', 'a!/last@2'],
    skipped: [
      'a!/locked: encrypted',
      'a!/odd: packed in a way that is not known (12)',
      'a!/old.xz: packed with xz',
      "a!/broken.gz!/broken: can't be unpacked to its end (Z_BUF_ERROR) !",
    ],
  });
});

test('an archive that unfolds to far more than its size is given up', async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(300 * 1024 * 1024, 'a')));
  const { paths, skipped } = await pathsIn(
    zip([
      { name: 'bomb.gz', bytes: bomb, method: 0 },
      { name: 'later', bytes: secret },
    ]),
  );
  expect(paths).toEqual([]);
  expect(skipped).toEqual(['a: unfolds to more than 200 times its size !']);
});

test('archives within each other end somewhere', async () => {
  let bytes = secret;
  for (let depth = 0; depth < 7; depth++) bytes = gzipSync(bytes);
  const { skipped } = await pathsIn(bytes, 'a.gz');
  expect(skipped).toEqual([expect.stringMatching(/has more than 5 archives within each other !$/)]);
});

test('any damage ends with a sentence', async () => {
  const whole = zip([
    { name: 'one', bytes: secret },
    { name: 'two', bytes: createHash('sha256').update('made up').digest() },
  ]);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    const { context, skipped } = collecting();
    await scanBuffer('a', damaged, context);
    await scanBuffer('a', whole.subarray(0, at), context);
    for (const one of skipped)
      expect(one.reason).toMatch(/^(is damaged|can't be unpacked|binary|encrypted|packed|unfolds)/);
  }
});
