import { createHash } from 'node:crypto';
import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../http.ts';
import { type TestPlatform, testCaller, testPlatform } from '../testing.ts';
import { type Blobs, createBlobs, LARGEST_BLOB, MOST_BLOB_BYTES, PART_BYTES } from './blobs.ts';
import { blobRoutes, largestBlob } from './routes.ts';
import { blobSealer } from './sealing.ts';
import { testSealer } from './testing.ts';
import { typeOf } from './types.ts';

/** Files as they are stored and given out, on a real database. All of them are made up. */
const HOUR = 3600_000;
const by = { actor: { id: 'someone', name: 'Someone' }, reason: 'A test' };
let platform: TestPlatform;
let sealer: Parameters<typeof createBlobs>[1];
let blobs: Blobs;
let routes: ReturnType<typeof createRouter>;

beforeAll(async () => {
  platform = await testPlatform();
  sealer = await testSealer(platform);
  blobs = createBlobs(platform, sealer);
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  routes.route('/', blobRoutes(blobs));
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('TRUNCATE blob, blob_part, blob_use, change, setting CASCADE'));

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
async function* chunks(bytes: Buffer, size = 70_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const put = (bytes: Buffer, said = 'text/plain', hash = hashOf(bytes)) =>
  blobs.put(hash, chunks(bytes), said, by);
const rows = async (table: string): Promise<number> =>
  Number((await platform.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
const pdf = (size: number) => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(size, 'secret words ')]);

describe('a file', () => {
  test('comes back as it was, part by part, and its reading is recorded', async () => {
    const bytes = pdf(2 * PART_BYTES + 17);
    const info = await put(bytes);
    expect(info).toMatchObject({ bytes: bytes.length, type: 'application/pdf', storedBy: 'Someone' });
    const sizes: number[] = [];
    const parts: Buffer[] = [];
    for await (const part of (await blobs.read(info.hash, by)).content) {
      sizes.push(part.length);
      parts.push(part);
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(Math.max(...sizes)).toBe(PART_BYTES);
    const acts = await platform.pool.query('SELECT act FROM change ORDER BY at, id');
    expect(acts.rows.map(({ act }) => act).sort()).toEqual(['blob.read', 'blob.store']);
  });

  test('lies sealed: the database alone holds no word of it, and a part that was changed is not given out', async () => {
    const { hash } = await put(pdf(5_000));
    const { rows: stored } = await platform.pool.query('SELECT sealed FROM blob_part');
    expect(stored).toHaveLength(1);
    expect(stored[0].sealed.includes('secret words')).toBe(false);
    await platform.pool.query(
      `UPDATE blob_part SET sealed = set_byte(sealed, 40, 1 - get_byte(sealed, 40) % 2)`,
    );
    const { content } = await blobs.read(hash, by);
    await expect(content.next()).rejects.toMatchObject({ code: 'wrapped_unreadable' });
  });

  test('is kept once, also when two send it at once', async () => {
    const bytes = pdf(100);
    await Promise.all([put(bytes), put(bytes), put(bytes)]);
    await put(bytes);
    expect([await rows('blob'), await rows('blob_part')]).toEqual([1, 1]);
  });

  test('is refused whole where it is not what its address says, and leaves nothing behind', async () => {
    await expect(put(pdf(100), 'text/plain', hashOf(Buffer.from('other')))).rejects.toMatchObject({
      code: 'other_content',
    });
    await expect(put(Buffer.alloc(0))).rejects.toMatchObject({ code: 'empty_file' });
    await expect(put(Buffer.from([0x4d, 0x5a, 0, 1, 2]))).rejects.toMatchObject({ status: 415 });
    const large = Buffer.alloc(LARGEST_BLOB + 1, 'a');
    await expect(put(large)).rejects.toMatchObject({ status: 413 });
    expect([await rows('blob'), await rows('blob_part')]).toEqual([0, 0]);
  });

  test('is text only where all of it is UTF-8, whatever its parts cut through', async () => {
    const latin = Buffer.from('caf\u00e9 without a NUL', 'latin1');
    await expect(put(latin)).rejects.toMatchObject({ status: 415, code: 'file_type' });
    await expect(put(Buffer.from('caf\u00c3', 'latin1'))).rejects.toMatchObject({ status: 415 });
    const cut = Buffer.from(`${'x'.repeat(PART_BYTES - 1)}é`);
    expect(await put(cut)).toMatchObject({ type: 'text/plain', bytes: PART_BYTES + 1 });
  });

  test('of which a part is gone, or stands in another’s place, is not given out as whole', async () => {
    const read = async (hash: string) => {
      for await (const part of (await blobs.read(hash, by)).content) expect(part.length).toBeGreaterThan(0);
    };
    const { hash } = await put(pdf(2 * PART_BYTES));
    await platform.pool.query('UPDATE blob_part SET number = 9 WHERE number = 1');
    await expect(read(hash)).rejects.toThrow('part 1 of file');
    await platform.pool.query('UPDATE blob SET parts = 1');
    await expect(read(hash)).rejects.toThrow('is not what was stored');
    await expect(read('d'.repeat(64))).rejects.toMatchObject({ status: 404 });
  });

  test('is refused where all together would be more than there may be', async () => {
    await put(pdf(1_000));
    await platform.pool.query('UPDATE blob SET bytes = $1', [MOST_BLOB_BYTES - 10]);
    await expect(put(Buffer.from('more than ten bytes'))).rejects.toMatchObject({ status: 413 });
    expect(await rows('blob')).toBe(1);
    await put(Buffer.from('ten bytes.'));
  });

  test('counts before it is whole: many that hang on their way do not fill the database', async () => {
    const few = createBlobs(platform, sealer, 2 * PART_BYTES);
    const hang = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(PART_BYTES, 'a');
      await hang.promise;
    }
    const sent = ['a', 'b', 'c', 'd'].map((name) =>
      few.put(name.repeat(64), slow(), 'text/plain', by).then(
        () => 200,
        (error: { status?: number }) => error.status,
      ),
    );
    // None of them ends before it is let, unless it is refused.
    await expect.poll(async () => Promise.race([...sent, Promise.resolve(0)])).toBe(413);
    expect(await rows('blob_part')).toBeLessThanOrEqual(2);
    hang.resolve();
    for (const status of await Promise.all(sent)) expect([413, 422]).toContain(status);
    expect(await rows('blob')).toBe(0);
  });

  test('that was forgotten while it came is not said to be stored', async () => {
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.from('the first part');
      platform.advance(2 * HOUR);
      await blobs.prune();
    }
    const hash = hashOf(Buffer.from('the first part'));
    await expect(blobs.put(hash, slow(), 'text/plain', by)).rejects.toMatchObject({ code: 'too_slow' });
    expect(await rows('blob')).toBe(0);
  });

  test('that is stored again has another day to be referred to', async () => {
    await put(pdf(10));
    platform.advance(23 * HOUR);
    await put(pdf(10));
    platform.advance(2 * HOUR);
    expect(await blobs.prune()).toBe(0);
    expect(await rows('blob')).toBe(1);
  });

  test('is forgotten a day after nothing needs it, and kept as long as something does', async () => {
    const [kept, loose] = [await put(pdf(10)), await put(pdf(20))];
    await platform.db
      .transaction()
      .execute((tx) =>
        blobs.use(tx, { kind: 'test', id: '1' }, [{ hash: kept.hash, name: 'dpa.pdf' }], 'files'),
      );
    expect(await blobs.prune()).toBe(0);
    platform.advance(25 * HOUR);
    expect(await blobs.prune()).toBe(1);
    await expect(blobs.info(loose.hash)).rejects.toMatchObject({ status: 404 });
    expect((await blobs.used('test', ['1'])).get('1')).toMatchObject([{ name: 'dpa.pdf', bytes: 19 }]);
    await platform.db.transaction().execute((tx) => blobs.use(tx, { kind: 'test', id: '1' }, [], 'files'));
    expect(await blobs.prune()).toBe(1);
    expect(await rows('blob_part')).toBe(0);
  });

  test('that is not stored can not be referred to', async () => {
    const missing = platform.db
      .transaction()
      .execute((tx) =>
        blobs.use(tx, { kind: 'test', id: '1' }, [{ hash: 'a'.repeat(64), name: 'x' }], 'files'),
      );
    await expect(missing).rejects.toMatchObject({ status: 422, errors: [{ field: 'files.0.hash' }] });
  });
});

describe('over HTTP', () => {
  const ask = (method: string, path: string, body?: Buffer, type = 'text/html') =>
    routes.request(path, {
      method,
      headers: { 'content-type': type, 'x-drawbridge-reason': 'A test' },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });

  test('a page is a download that no browser runs', async () => {
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const hash = hashOf(page);
    const stored = await ask('PUT', `/blobs/${hash}`, page);
    expect([stored.status, await stored.json()]).toMatchObject([200, { type: 'text/html', bytes: 40 }]);
    const got = await ask('GET', `/blobs/${hash}?name=${encodeURIComponent('a\'b "c".html')}`);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''a%27b%20%22c%22.html",
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
    });
    expect(Buffer.from(await got.arrayBuffer()).equals(page)).toBe(true);
  });

  test('needs a reason to be stored, and an address that is a hash', async () => {
    const bare = await routes.request(`/blobs/${'a'.repeat(64)}`, { method: 'PUT', body: 'x' });
    expect([bare.status, await bare.json()]).toMatchObject([400, { code: 'reason_missing' }]);
    expect((await ask('GET', '/blobs/nothash')).status).toBe(400);
    expect((await ask('GET', `/blobs/${'b'.repeat(64)}`)).status).toBe(404);
  });
});

describe('over HTTP, too,', () => {
  const send = (method: string, path: string, more: RequestInit = {}) =>
    routes.request(path, { method, ...more });
  const reason = { 'x-drawbridge-reason': 'Asked by the auditor' };

  test('why somebody reads a file is kept where they say it', async () => {
    const { hash } = await put(Buffer.from('A text.'));
    expect((await send('GET', `/blobs/${hash}?name=%20a.txt%20`)).headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''a.txt",
    );
    expect((await send('GET', `/blobs/${hash}`, { headers: reason })).status).toBe(200);
    const { rows: said } = await platform.pool.query(
      "SELECT reason FROM change WHERE act = 'blob.read' ORDER BY at, id",
    );
    expect(said.map((one) => one.reason).sort()).toEqual(['Asked by the auditor', 'Downloaded']);
    expect((await send('GET', `/blobs/${hash}?name=a%2Fb`)).status).toBe(400);
  });

  test('a file without content is refused, and the largest one fits', async () => {
    const empty = await send('PUT', `/blobs/${'a'.repeat(64)}`, { headers: reason });
    expect([empty.status, await empty.json()]).toMatchObject([422, { code: 'empty_file' }]);
    expect(largestBlob(`/api/v1/blobs/${'a'.repeat(64)}`)).toBe(LARGEST_BLOB + 1);
    expect(largestBlob('/api/v1/blobs')).toBeNull();
    expect(largestBlob(`/api/v1/blobs/${'a'.repeat(64)}/more`)).toBeNull();
  });
});

test('the key of the files that could not be opened once is asked for again', async () => {
  const { publicKey, privateKey } = await generateKeyPair();
  let isAway = true;
  const other = blobSealer(platform, {
    publicKey: Buffer.from(publicKey),
    open: async (sealed, context) => {
      if (isAway) throw new Error('the vault is away');
      return openSealed(privateKey, sealed, context);
    },
  });
  await platform.pool.query('DELETE FROM blob_key');
  await expect(other()).rejects.toThrow('the vault is away');
  isAway = false;
  const [one, again] = await Promise.all([other(), other()]);
  expect(one).toBe(again);
  expect(one.open(['x', 0], one.seal(['x', 0], Buffer.from('a'))).toString()).toBe('a');
  expect(() => one.open(['x', 1], one.seal(['x', 0], Buffer.from('a')))).toThrow();
  await platform.pool.query('DELETE FROM blob_key');
});

describe('the type of a file', () => {
  const of = (bytes: Buffer, isText: boolean, said: string) =>
    typeOf(bytes.subarray(0, 16), bytes, isText, said);
  test.each([
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1'), false, 'text/plain', 'image/png'],
    ['a photograph', Buffer.from('\xff\xd8\xff\xe0', 'latin1'), false, '', 'image/jpeg'],
    [
      'a Word document',
      Buffer.from('PK\x03\x04 [Content_Types].xml word/document.xml'),
      false,
      '',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    [
      'a workbook',
      Buffer.from('PK\x03\x04 [Content_Types].xml xl/workbook.xml'),
      false,
      '',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
    ['a zip with a workbook in it', Buffer.from('PK\x03\x04 xl/workbook.xml'), false, '', null],
    ['a zip that lists its types', Buffer.from('PK\x03\x04 [Content_Types].xml'), false, '', null],
    ['a PDF that somebody calls a text', Buffer.from('%PDF-1.7'), true, 'text/html', 'application/pdf'],
    ['a page, written otherwise', Buffer.from('a'), true, ' Text/HTML ; x', 'text/html'],
    ['bytes that somebody calls a table', Buffer.from('a'), false, 'text/csv', null],
    ['any other zip', Buffer.from('PK\x03\x04 evil.exe'), false, 'application/pdf', null],
    ['a program', Buffer.from('\x7fELF\0'), false, 'text/plain', null],
    ['a table', Buffer.from('a,b'), true, 'text/csv; charset=utf-8', 'text/csv'],
    ['a text of no kind that is taken', Buffer.from('a'), true, 'application/javascript', 'text/plain'],
  ])('%s', (_, bytes, isText, said, type) => {
    expect(of(bytes, isText, said)).toBe(type);
  });
});
