import { parseArgs } from 'node:util';
import { closeAll } from '../gateway/testing/process.ts';
import { storeForward } from '../gateway/testing/store-forward.ts';

/**
 * Events for a severed vendor through the gateway's own process, killed with SIGKILL while it keeps them and while it sends
 * them: none may be missing at the vendor, and the count after removing duplicates has to be exact. Ends with 1 otherwise.
 */
const { values: args } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '50' },
    kills: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '32' },
    durability: { type: 'string', default: 'synced' },
    json: { type: 'boolean', default: false },
  },
});
const durability = args.durability === 'written' ? 'written' : 'synced';
const plan = {
  events: Number(args.events),
  batch: Number(args.batch),
  kills: Number(args.kills),
  atOnce: Number(args['at-once']),
  durability,
} as const;
try {
  const result = await storeForward({ ...plan, say: (text) => void process.stderr.write(`${text}\n`) });
  const row = {
    ...plan,
    ...result,
    keptPerSecond: Math.round(plan.events / (result.keptMs / 1000)),
    sentPerSecond: Math.round(plan.events / (result.sentMs / 1000)),
  };
  if (args.json) process.stdout.write(`${JSON.stringify(row)}\n`);
  else console.table([row]);
  if (result.distinct !== plan.events) {
    process.stderr.write(`${plan.events - result.distinct} events are missing at the vendor\n`);
    process.exitCode = 1;
  }
} finally {
  await closeAll();
}
