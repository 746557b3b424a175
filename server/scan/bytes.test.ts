import { expect, test } from 'vitest';
import { ByteReader } from './bytes.ts';

test('of a line that is too long the beginning is read, and its rest is no line of its own', async () => {
  for (const size of [1, 3, 7, 100]) {
    const bytes = Buffer.from('short\ntoo long: blob 1 2 3\n\nlast one is too long');
    const reader = new ByteReader(
      (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })(),
    );
    const lines: (string | null)[] = [];
    do lines.push(await reader.line(8));
    while (lines.at(-1) !== null);
    expect(lines).toEqual(['short', 'too long', '', 'last one', null]);
  }
});
