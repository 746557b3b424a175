import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seeded } from '@drawbridge/journal/testing';
import { openReader } from '@drawbridge/tlog';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLeaf } from '../../control/audit/leaf.ts';
import { trustIn } from '../../control/audit/open.ts';
import { testSigner } from '../../control/audit/testing.ts';
import { type TestPlatform, testPlatform } from '../../control/platform/testing.ts';
import { verify } from '../../libs/tlog/interop/run-verify.ts';
import { openLogDirectory } from '../logs/directory.ts';
import { changeOrigin, changePlatform, startSequencer } from '../testing/change-writer.ts';

/** The log of changes on a real disk and a real database, whose process is killed. */
const ROUNDS = process.env.DRAWBRIDGE_SOAK === '1' ? 100 : 2;
const WRITER = fileURLToPath(new URL('../testing/change-writer.ts', import.meta.url));
const signer = testSigner(changeOrigin);

let platform: TestPlatform;
let folder = '';
beforeAll(async () => {
  platform = await testPlatform();
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-changes-'));
});
afterAll(async () => {
  await platform.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function connection() {
  const { host, port, user, password, database } = platform.pool.options;
  return { host, port, user, password, database };
}

/** Runs a process until it has told of so many changes, or for so long, and kills it. What it told of. */
async function killedAfter(lines: number, ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(connection()), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // The kill may fall into the middle of a line.
    if (line.length === 36 || told.length === 0) told.push(line);
    if (told.length === lines) child.kill('SIGKILL');
  }
  clearTimeout(timer);
  await ended;
  return told;
}

test(`killed ${ROUNDS} times, the log of changes has each change once, and all that was told of`, {
  timeout: 60_000 + ROUNDS * 6_000,
}, async () => {
  const random = seeded(Number(process.env.DRAWBRIDGE_SEED ?? 1));
  const told: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Some are killed while they open the log and look for what the database does not know of.
    const [lines, ms] = round % 2 === 1 ? [1e9, 400 + random() * 800] : [1 + random() * 200, 20_000];
    told.push(...(await killedAfter(Math.floor(lines), ms)));
  }
  const own = changePlatform(connection());
  const sequencer = await startSequencer(own, folder);
  const unlogged = async () => (await own.pool.query('SELECT FROM change WHERE log_index IS NULL')).rowCount;
  await expect.poll(unlogged, { timeout: 30_000 }).toBe(0);
  await sequencer.stop();

  const path = join(folder, 'logs', 'control');
  const outcome = verify([path, '--vkey', signer.verifierKey]);
  expect(outcome.status, outcome.said).toBe(0);
  const reader = await openReader({ ...trustIn(signer), ...(await openLogDirectory(path)) });
  const inLog: (string | undefined)[] = [];
  for await (const entry of reader.entries(0)) inLog.push(readLeaf(entry)?.id);
  const { rows } = await own.pool.query<{ id: string }>('SELECT id FROM change ORDER BY log_index');
  expect(inLog).toEqual(rows.map(({ id }) => id));
  expect(told.filter((id) => !inLog.includes(id))).toEqual([]);
  expect(told.length).toBeGreaterThan(ROUNDS);
  await own.close();
});
