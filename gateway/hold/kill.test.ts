import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { closeAll } from '../testing/process.ts';
import { storeForward } from '../testing/store-forward.ts';

afterEach(closeAll);

test('killed while it keeps and while it sends, the gateway loses no event, and the vendor counts each once', async () => {
  const plan = { events: 6_000, batch: 20, kills: 2, atOnce: 8, durability: 'synced' as const };
  const result = await storeForward(plan);
  expect(result.distinct).toBe(plan.events);
  expect(result.kills).toBe(4);
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith('drawbridge-gateway-'))) {
    const held = join(tmpdir(), name, 'data', 'held');
    const found = readdirSync(join(tmpdir(), name), { recursive: true }).some((one) =>
      String(one).includes('held'),
    );
    if (!found) continue;
    // Sealed: neither people nor ids of events stand on the disk.
    for (const word of ['person-', 'insert_id'])
      expect(() => execFileSync('grep', ['-rq', word, held])).toThrow();
  }
}, 120_000);
