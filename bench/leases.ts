import { LeaseHolder, LeaseLedger } from '@drawbridge/leases';

/** What one use of a cap costs while a slice lasts. */
const ROUNDS = 5_000_000;
const ledger = new LeaseLedger(() => 4);
const limit = { cap: 1_000_000_000, windowMs: 60_000, aligned: false };
let now = 0;
const holder = new LeaseHolder(
  (name, asked, left, ends) => ledger.lease(name, asked, left, ends, now),
  () => now,
);
for (let round = 0; round < 3; round++) {
  const begun = performance.now();
  for (let index = 0; index < ROUNDS; index++) holder.take('key/minute', limit);
  const each = ((performance.now() - begun) * 1e6) / ROUNDS;
  process.stdout.write(`take: ${each.toFixed(1)} ns\n`);
  now += 60_000;
}
