import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCheckpoint } from '@drawbridge/tlog';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { openLogKey, startVault, type Vault } from './index.ts';
import { formatLogMarks, logMarksPath, markLog, parseLogMarks, readLogMarks } from './log-marks.ts';

const NAME = 'example.test/log';
const checkpoint = (size: number, fill = size, origin = NAME) =>
  formatCheckpoint({ origin, size, root: Buffer.alloc(32, fill), extensions: [] });
const rootOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-marks-'));
  path = logMarksPath(dir, 'made-up');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('marks', () => {
  test('go forward only: a smaller tree and another one of the same size are refused, the same is not', () => {
    markLog(path, NAME, checkpoint(5));
    markLog(path, 'example.test/other', checkpoint(2, 2, 'example.test/other'));
    markLog(path, NAME, checkpoint(5));
    for (const [size, fill] of [
      [4, 4],
      [5, 6],
      [0, 0],
    ] as const) {
      expect(() => markLog(path, NAME, checkpoint(size, fill))).toThrow(
        expect.objectContaining({ code: 'log_would_go_back', message: expect.stringContaining('5 entries') }),
      );
    }
    markLog(path, NAME, checkpoint(9));
    expect(readLogMarks(path)).toEqual({
      [NAME]: { size: 9, root: rootOf(9) },
      'example.test/other': { size: 2, root: rootOf(2) },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['made-up.log-marks.json']);
  });

  test.each([
    '',
    '{}',
    'null',
    '{"format":"drawbridge.log-marks/1","logs":[]}',
    '{"format":"drawbridge.log-marks/1","logs":{"a":{"size":1,"root":"AA"}}}',
    '{"format":"drawbridge.log-marks/2","logs":{}}',
  ])('a file that holds no marks is refused and left as it is: %s', (text) => {
    writeFileSync(path, text, { mode: 0o600 });
    expect(() => markLog(path, NAME, checkpoint(5))).toThrow(
      expect.objectContaining({ code: 'marks_unusable' }),
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('that are written are read again, whatever the logs are called', () => {
    const mark = fc.record({
      size: fc.maxSafeNat(),
      root: fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => Buffer.from(bytes).toString('base64')),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), mark)), (entries) => {
        const marks = Object.fromEntries(entries);
        expect(parseLogMarks(formatLogMarks(marks))).toEqual(marks);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseLogMarks(text)).toBeNull();
      }),
    );
  });

  test('a lock that a dead process left is taken; one that is held is waited for in vain', () => {
    const lock = `${path}.lock`;
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    markLog(path, NAME, checkpoint(1));
    expect(readLogMarks(path)[NAME]?.size).toBe(1);
    writeFileSync(lock, '');
    const future = new Date(Date.now() + 60_000);
    utimesSync(lock, future, future);
    expect(() => markLog(path, NAME, checkpoint(2))).toThrow(
      expect.objectContaining({
        code: 'marks_unusable',
        message: expect.stringContaining('another process'),
      }),
    );
    expect(readLogMarks(path)[NAME]?.size).toBe(1);
  });
});

describe('the vault', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await testPlatform();
  });
  afterAll(() => platform.close());

  const started = async (run: (vault: Vault) => Promise<void>): Promise<void> => {
    const { db, clock, log } = platform;
    await platform.pool.query(
      'TRUNCATE key_encryption_key, data_key, wrapped_data_key, deployment_secret CASCADE',
    );
    const vault = await startVault({ db, clock, log, keysDir: dir, deploymentId: 'made-up' });
    await run(vault).finally(() => vault.stop());
  };

  test('signs a log forward only, also after it was started anew, and again what it signed last', async () => {
    await started(async (vault) => {
      const key = await openLogKey(platform, vault, NAME);
      expect(await key.mark()).toBeNull();
      const signature = await key.sign(checkpoint(7));
      expect(await key.mark()).toEqual({ size: 7, root: rootOf(7) });
      expect(await key.sign(checkpoint(7))).toEqual(signature);
      process.kill(vault.pid ?? 0, 'SIGKILL');
      await expect.poll(() => vault.pid).toBeUndefined();
      await expect(key.sign(checkpoint(6))).rejects.toMatchObject({ code: 'log_would_go_back' });
      await expect(key.sign(checkpoint(7, 8))).rejects.toMatchObject({ code: 'log_would_go_back' });
      expect(await key.sign(checkpoint(8))).toHaveLength(64);
    });
  });

  test('signs nothing that it can not keep in mind', async () => {
    await started(async (vault) => {
      const key = await openLogKey(platform, vault, NAME);
      await key.sign(checkpoint(7));
      writeFileSync(path, 'not marks');
      await expect(key.sign(checkpoint(8))).rejects.toMatchObject({ code: 'marks_unusable' });
    });
  });
});
