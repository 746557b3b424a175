import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startOpenaiStandin } from '@drawbridge/standins';
import { issueKey, makeConnection } from '../server/proofs/testing/connect.ts';
import { testDeployment } from '../server/testing/deployment.ts';
import { median } from './gateway/measure.ts';

/**
 * How long a change takes until the gateway goes by it: `node bench/in-force.ts [--changes 20] [--json]`. A whole
 * deployment; each change is a new virtual key, and it is in force when the gateway takes it.
 */
const { values: options } = parseArgs({
  options: { changes: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const [drawbridge, vendor] = await Promise.all([
  testDeployment({ logLevel: 'error' }),
  startOpenaiStandin({}),
]);
const { call, gatewayUrl } = drawbridge;
const connection = await makeConnection(call, {
  slug: 'ai',
  service: 'openai/api/global',
  url: vendor.url,
  credential: 'sk-made-up-credential',
  contract: 'as_is',
});

const times: number[] = [];
for (let change = 0; change < Number(options.changes); change++) {
  const { key } = await issueKey(call, [connection]);
  const answered = performance.now();
  for (;;) {
    const answer = await fetch(`${gatewayUrl}/ai/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    await answer.arrayBuffer();
    if (answer.status === 200) break;
    await wait(2);
  }
  times.push(performance.now() - answered);
}
await Promise.all([drawbridge.remove(), vendor.stop()]);
const result = { changes: times.length, medianMs: median(times), worstMs: Math.max(...times) };
process.stdout.write(
  options.json
    ? `${JSON.stringify(result)}\n`
    : `in force after ${result.medianMs.toFixed(0)} ms (median), ${result.worstMs.toFixed(0)} ms (worst of ${result.changes})\n`,
);
