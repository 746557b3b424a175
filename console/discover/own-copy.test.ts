import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readOwnCopy } from './own-copy.ts';

const signal = new AbortController().signal;
const text = `${Array.from({ length: 9 }, (_, at) => `line ${at + 1}`).join('\r\n')}\nlast`;
const hash = (given: string | Uint8Array) => createHash('sha256').update(given).digest('hex');

test('a line of one’s own copy is found with those around it, and the copy is held against the file that was read', async () => {
  const file = new File([text], 'access.log');
  expect(await readOwnCopy(file, 5, hash(text), signal)).toEqual({
    lines: [3, 4, 5, 6, 7].map((number) => ({ number, text: `line ${number}` })),
    isSame: true,
  });
  expect((await readOwnCopy(file, 5, hash('another'), signal)).isSame).toBe(false);
});

test('the first and the last line, and one that is not there', async () => {
  const file = new File([text], 'access.log');
  const numbers = async (line: number) =>
    (await readOwnCopy(file, line, null, signal)).lines.map(({ number }) => number);
  expect(await numbers(1)).toEqual([1, 2, 3]);
  expect(await numbers(10)).toEqual([8, 9, 10]);
  expect(await numbers(99)).toEqual([]);
});

test('what is packed is unpacked, and a line without end is cut off', async () => {
  const packed = gzipSync(`short\n${'x'.repeat(5_000_000)}\nend`);
  const { lines, isSame } = await readOwnCopy(new File([packed], 'a.log.gz'), 2, hash(packed), signal);
  expect(lines.map(({ text: { length } }) => length)).toEqual([5, 2_000, 3]);
  expect(isSame).toBe(true);
});

test('it can be stopped', async () => {
  await expect(readOwnCopy(new File([text], 'a.log'), 5, null, AbortSignal.abort())).rejects.toThrow(
    'aborted',
  );
});
