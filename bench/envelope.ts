import { createSecretKey, randomBytes } from 'node:crypto';
import { generateKeyPair, openSealed, sealTo, unwrap, wrap } from '@drawbridge/envelope';

/** CPU microseconds per call of each way to close and open an envelope (all threads); medians of rounds. */
const ROUNDS = 7;
const context = Buffer.from('bench');
const key = randomBytes(32);
const keyObject = createSecretKey(key);
const plain = randomBytes(400);
const pair = await generateKeyPair();
const sealed = await sealTo(pair.publicKey, key, context);
const wrapped = wrap(key, plain, context, randomBytes(12));

const cases: Record<string, { calls: number; call: () => unknown }> = {
  'wrap, 400 bytes': { calls: 20_000, call: () => wrap(key, plain, context, randomBytes(12)) },
  'wrap, 400 bytes, key object': {
    calls: 20_000,
    call: () => wrap(keyObject, plain, context, randomBytes(12)),
  },
  'unwrap, 400 bytes': { calls: 20_000, call: () => unwrap(key, wrapped, context) },
  'sealTo, 32 bytes': { calls: 300, call: () => sealTo(pair.publicKey, key, context) },
  'openSealed, 32 bytes': { calls: 300, call: () => openSealed(pair.privateKey, sealed, context) },
};

const results: Record<string, { 'CPU µs per call': number }> = {};
for (const [name, { calls, call }] of Object.entries(cases)) {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) await call();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / calls);
  }
  rounds.sort((a, b) => a - b);
  results[name] = { 'CPU µs per call': Number((rounds[ROUNDS >> 1] ?? 0).toFixed(2)) };
}
console.table(results);
