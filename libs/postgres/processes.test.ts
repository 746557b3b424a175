import { expect, test } from 'vitest';
import { identifyProcess, isRunning, parseProcessState } from './processes.ts';

test('a name with spaces and brackets does not shift the fields', () => {
  const stat = `42 (a ) S 9 (b) S 7 42 42 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 987654 1 2 3`;
  expect(parseProcessState(stat)).toEqual({
    parentPid: 7,
    startTicks: '987654',
    ended: false,
    cpuTicks: 3,
    idle: true,
  });
  expect(parseProcessState(stat.replace(') S 7', ') Z 7'))).toMatchObject({ ended: true });
});

test('a process is itself, and not one that had its number before', async () => {
  const identity = await identifyProcess(process.pid);
  if (identity === undefined) throw new Error('/proc is not there');
  expect(await isRunning(identity)).toBe(true);
  expect(await isRunning({ ...identity, startTicks: `${Number(identity.startTicks) - 1}` })).toBe(false);
  expect(await identifyProcess(2 ** 22 + 1)).toBeUndefined();
});
