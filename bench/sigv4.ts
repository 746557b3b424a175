import { randomBytes } from 'node:crypto';
import { Sigv4Signer } from '@drawbridge/sigv4';

/** CPU microseconds per signature over bodies of two sizes; medians of rounds. The clock stands: the day's key is kept. */
const ROUNDS = 7;
const CALLS = 20_000;
const NOW = Date.UTC(2026, 0, 1);
const host = 'bedrock-runtime.us-east-1.amazonaws.com';
const signer = new Sigv4Signer({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'made-up-secret-of-the-bench',
  region: 'us-east-1',
  service: 'bedrock',
});
const headers = [['content-type', 'application/json']] as const;

const results: Record<string, { 'CPU µs per call': number }> = {};
for (const bytes of [1024, 64 * 1024]) {
  const request = {
    method: 'POST',
    host,
    path: '/model/made-up/converse',
    query: '',
    headers,
    body: randomBytes(bytes),
  };
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < CALLS; i++) signer.sign(request, NOW);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / CALLS);
  }
  rounds.sort((a, b) => a - b);
  results[`sign, body of ${bytes} bytes`] = {
    'CPU µs per call': Number((rounds[ROUNDS >> 1] ?? 0).toFixed(1)),
  };
}
console.table(results);
