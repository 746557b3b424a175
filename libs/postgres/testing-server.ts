/** Holds the shared test server of `testing.ts` for as long as the test runner lives: node testing-server.ts <folder> <runner's pid> */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './errors.ts';
import { identifyProcess, isRunning } from './processes.ts';
import { startPostgres } from './start.ts';

const [folder, runnerPid] = process.argv.slice(2);
if (folder === undefined || runnerPid === undefined)
  throw new Error('usage: testing-server.ts <folder> <pid>');

const runner = await identifyProcess(Number(runnerPid));
try {
  const server = await startPostgres({
    dataDir: join(folder, 'data'),
    registryDir: join(folder, 'registry'),
    log: () => undefined,
  });
  await answer({ administrator: server.administrator, owner: server.connection });
  while (runner !== undefined && (await isRunning(runner))) await delay(200);
  await server.stop();
} catch (error) {
  await answer({ problem: messageOf(error) });
  while (runner !== undefined && (await isRunning(runner))) await delay(200);
}
await rm(folder, { recursive: true, force: true, maxRetries: 5 });

/** Appears whole or not at all. */
async function answer(value: object): Promise<void> {
  if (folder === undefined) return;
  await writeFile(join(folder, 'server.json.new'), JSON.stringify(value), { mode: 0o600 });
  await rename(join(folder, 'server.json.new'), join(folder, 'server.json'));
}
