import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startLoop } from './loop.ts';

const LONG_MS = 1_000_000;
const log = pino({ level: 'silent' });

test('a turn is taken at once, and again when poked, also where that was during a turn', async () => {
  let turns = 0;
  const first = Promise.withResolvers<void>();
  const third = Promise.withResolvers<void>();
  const loop = startLoop(
    { log },
    'it failed',
    async () => {
      turns += 1;
      if (turns === 1) await first.promise;
      if (turns === 2) throw new Error('a turn fails, and others come');
      if (turns === 3) third.resolve();
    },
    LONG_MS,
  );
  await expect.poll(() => turns).toBe(1);
  loop.poke();
  first.resolve();
  await expect.poll(() => turns).toBe(2);
  await expect
    .poll(() => {
      loop.poke();
      return turns;
    })
    .toBeGreaterThanOrEqual(3);
  await third.promise;
  await loop.stop();
});

test('stopping waits for the turn in hand, and no other is taken', async () => {
  let turns = 0;
  const going = Promise.withResolvers<void>();
  const loop = startLoop(
    { log },
    'it failed',
    async () => {
      turns += 1;
      await going.promise;
    },
    0,
  );
  await expect.poll(() => turns).toBe(1);
  let isOver = false;
  const stopping = loop.stop().then(() => {
    isOver = true;
  });
  await Promise.resolve();
  expect(isOver).toBe(false);
  going.resolve();
  await stopping;
  expect(turns).toBe(1);
});
