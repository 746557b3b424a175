import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from './fixtures/folders.ts';
import { openLogFile } from './logfile.ts';

const tooMuch = 'x'.repeat(5 * 1024 * 1024);

test('a log that has grown too large is put aside at the start, and the last lines are those since', async () => {
  const path = join(await temporaryFolder(), 'server.log');
  await writeFile(path, `${tooMuch}\nold`);
  const log = await openLogFile(path);
  expect(await log.lastLines(3)).toBe('');
  await appendFile(path, 'one\ntwo\nthree\nfour\n');
  expect(await log.lastLines(3)).toBe('two\nthree\nfour');
  expect((await readFile(`${path}.1`, 'utf8')).endsWith('old')).toBe(true);
  await log.close();
});

test('a log that grows while it is open is cut, too', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const path = join(await temporaryFolder(), 'server.log');
  const log = await openLogFile(path);
  await appendFile(path, tooMuch);
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await expect.poll(async () => (await stat(path)).size).toBe(0);
  expect((await stat(`${path}.1`)).size).toBe(tooMuch.length);
  await appendFile(path, 'after\n');
  expect(await log.lastLines(1)).toBe('after');
  await log.close();
});
