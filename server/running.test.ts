import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { expectAlone, writeRunningNote } from './running.ts';

const keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-running-'));
afterAll(() => rm(keysDir, { recursive: true, maxRetries: 5 }));

const noteOf = (pid: number) =>
  writeRunningNote(keysDir, 'made-up', {
    pid,
    apiUrl: 'http://127.0.0.1:1',
    consoleUrl: 'http://localhost:1',
    gatewayUrl: 'http://127.0.0.1:2',
    dataDir: '/made-up/data',
    operatorToken: 'made up',
  });

test('a deployment does not start while it runs on other data', async () => {
  await expectAlone(keysDir, 'made-up', '/made-up/restored');
  // Another process, which lives: the one that runs the tests.
  await noteOf(process.ppid);
  await expect(expectAlone(keysDir, 'made-up', '/made-up/restored')).rejects.toMatchObject({
    code: 'keys_in_use',
    message: expect.stringContaining('/made-up/data'),
  });
  await expectAlone(keysDir, 'made-up', '/made-up/data/');
  await expectAlone(keysDir, 'another', '/made-up/restored');
});

test('it starts after one that died, and where its own process id comes again', async () => {
  for (const pid of [2 ** 22 + 1, process.pid]) {
    await noteOf(pid);
    await expectAlone(keysDir, 'made-up', '/made-up/restored');
  }
});
