import { type Projection, projectOnce } from '../../control/crossings/index.ts';
import { madeUpIngest, type ShippedPart } from '../../control/crossings/testing.ts';
import type { BenchPlatform } from './platform.ts';
import { traffic } from './traffic.ts';

const DAY_MS = 24 * 3600_000;
const PER_SHIPMENT = 4000;

/** Made-up traffic of 30 days, through ingest and projections as any other. */
export async function load(
  { platform }: BenchPlatform,
  projections: readonly Projection[],
  { crossings, people }: { crossings: number; people: number },
): Promise<{ seconds: number }> {
  const ingest = await madeUpIngest(platform);
  const log = ingest.log('bench.example.com/log-1');
  const now = Date.now();
  const start = performance.now();
  let parts: ShippedPart[] = [];
  let next = 0;
  const ship = async () => {
    next = await ingest.ship(log, next, parts);
    parts = [];
    while ((await projectOnce(platform, projections, 20_000)) > 0);
    if (next % (PER_SHIPMENT * 25) === 0) process.stderr.write(`${next / 2} of ${crossings} crossings\n`);
  };
  for (const part of traffic({ people, from: now - 30 * DAY_MS, to: now, crossings, seed: 1 })) {
    parts.push(part);
    if (parts.length === PER_SHIPMENT) await ship();
  }
  if (parts.length > 0) await ship();
  return { seconds: (performance.now() - start) / 1000 };
}
