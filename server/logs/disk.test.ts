import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { title } from '../../libs/tlog/interop/programs.ts';
import { verify } from '../../libs/tlog/interop/run-verify.ts';
import { entryAt, growTo, logVkey, openLogIn } from '../testing/log-writer.ts';

/** The writer of logs on a disk that is really full, or really may not be written. */
const WRITER = fileURLToPath(new URL('../testing/log-writer.ts', import.meta.url));
let folder = '';
let disk = '';
const mount = (options: string): void => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
};

function whyNoDisk(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'right to mount a small disk';
  const place = mkdtempSync(join(tmpdir(), 'drawbridge-disk-'));
  const tried = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]);
  if (tried.status === 0) execFileSync('umount', [place]);
  rmdirSync(place);
  return tried.status === 0 ? null : 'right to mount a small disk';
}
const noDisk = whyNoDisk();

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'drawbridge-disk-'));
  disk = join(folder, 'disk');
  await fs.mkdir(disk);
});
afterAll(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }));

test('two processes never write one log', async () => {
  const directory = join(folder, 'two');
  const other = spawn(process.execPath, [WRITER, directory, '1000000000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(other, 'exit');
  await once(other.stdout, 'data');
  await expect(openLogIn(directory)).rejects.toMatchObject({ code: 'locked' });
  other.kill('SIGKILL');
  await ended;
  const next = await openLogIn(directory);
  expect(next.size).toBeGreaterThan(0);
  await next.close();
  expect(verify([join(directory, 'log'), '--vkey', logVkey]).status).toBe(0);
});

test('a clock that is set back by hours keeps nothing from being appended, signed and opened', async () => {
  const directory = join(folder, 'clock');
  let behind = 0;
  const clock = {
    now: () => Date.now() - behind,
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  for (const hours of [0, 7, 3]) {
    const log = await openLogIn(directory, { clock, checkpointEveryMs: 20 });
    const size = log.size + 200;
    await growTo(log, size);
    behind = hours * 3_600_000;
    await growTo(log, size + 200);
    await expect.poll(() => log.published?.size).toBe(size + 200);
    await log.close();
  }
  const outcome = verify([join(directory, 'log'), '--vkey', logVkey]);
  expect(outcome.status, outcome.said).toBe(0);
  expect(outcome.said).toContain('checkpoint: 1200 entries');
});

describe.skipIf(noDisk !== null)(title('on a small disk', noDisk), () => {
  test('that is full, appends are refused and what was acknowledged stays; with room, it goes on', async () => {
    mount('size=3m');
    try {
      const failures: string[] = [];
      const log = await openLogIn(disk, {
        checkpointEveryMs: 20,
        report: (event) => failures.push(event.kind),
      });
      const acknowledged: number[] = [];
      await expect(growTo(log, 1e9, (index) => acknowledged.push(index))).rejects.toMatchObject({
        code: 'disk_full',
      });
      expect(failures).toContain('unavailable');
      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const before = Math.max(...acknowledged) + 1;
      await expect
        .poll(() =>
          log.append(entryAt(log.size)).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await growTo(log, before + 1000);
      await log.close();
      const outcome = verify([join(disk, 'log'), '--vkey', logVkey]);
      expect(outcome.said).toContain('VERIFIED');
      expect(outcome.status, outcome.said).toBe(0);
      expect(Number(/checkpoint: (\d+) entries/.exec(outcome.said)?.[1])).toBeGreaterThanOrEqual(
        before + 1000,
      );
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('that may only be read, a log can be verified, and not written: that is said', async () => {
    mount('size=8m');
    try {
      const log = await openLogIn(disk);
      await growTo(log, 300);
      await log.close();
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      expect(verify([join(disk, 'log'), '--vkey', logVkey]).status).toBe(0);
      await expect(openLogIn(disk)).rejects.toMatchObject({ code: 'EROFS' });
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});
