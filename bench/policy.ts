import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Connection, fieldClasses, type PolicySetDocument, policySetHash } from '@drawbridge/protocol';
import type { Asked } from '../gateway/authorise/index.ts';
import { PolicyOpener } from '../gateway/authorise/index.ts';
import { type Rule, type Shape, textOf } from '../gateway/authorise/testing/shapes.ts';
import { aiService } from '../gateway/testing/services.ts';

/**
 * What a gateway's decision by policy costs: found again, decided anew, and what a new set costs and keeps. Policies are
 * of the starter shapes, all of which can apply; crossings have eight kinds of data.
 */
const { values: args } = parseArgs({
  options: { json: { type: 'boolean', default: false }, reloads: { type: 'string', default: '300' } },
});

const rules: Rule[] = [
  { rule: 'approved vendors' },
  { rule: 'agreement', family: 'person' },
  { rule: 'place', tag: 'eu-only', jurisdiction: 'EU' },
  { rule: 'models', team: 'research', models: ['made-up-1', 'made-up-2'], start: 'made-up-small' },
  { rule: 'hours', from: 6, to: 19, weekends: false },
];

function setOf(count: number, tag = ''): PolicySetDocument {
  const items = Array.from({ length: count }, (_, at) => {
    const rule = rules[at % rules.length] ?? { rule: 'approved vendors' };
    const shape: Shape = { name: `rule-${at}${tag}`, app: null, of: null, mayExcept: true, rule };
    return { name: shape.name, text: textOf(shape) };
  });
  return {
    hash: policySetHash(items),
    items,
    apps: [
      { id: 'app-1', tags: ['eu-only', 'made-up'], team: 'sales', owner: 'made-up', holder: 'workload' },
    ],
    vendors: [{ id: 'vendor-1', approved: true, agreement: 'signed' }],
    grants: [],
  };
}

const config: Connection = {
  id: 'conn-1',
  slug: 'one',
  vendor: 'vendor-1',
  service: aiService.id,
  region: 'main',
  upstream: { scheme: 'https', host: 'vendor.example.com', port: 443, private: false },
  state: 'open',
  credential: null,
  contract: { id: 'contract-1', version: 1, rules: aiService.contracts.as_is },
  origins: [],
};
const crossing: Asked = {
  app: 'app-1',
  isPersons: false,
  endpoint: 'chat',
  endpointClass: 'inference',
  runsModel: true,
  model: 'made-up-1',
  fields: [
    ['content.prompt', 'pass', 12],
    ['content.instruction', 'pass', 1],
    ['content.tool', 'pass', 4],
    ['model.parameter', 'pass', 9],
    ['person.id', 'pseudonymise', 1],
    ['person.name', 'generalise', 1],
    ['org.vendor_account', 'drop', 2],
    ['sdk.technical', 'pass', 5],
  ],
  at: Date.UTC(2026, 10, 20, 12),
};

const rows: { what: string; value: number; unit: string }[] = [];
const say = (what: string, value: number, unit: string): void => {
  rows.push({ what, value: Number(value.toPrecision(3)), unit });
};
const middle = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? 0;

const before = process.memoryUsage().rss;
let begun = performance.now();
const opener = new PolicyOpener();
opener.open(setOf(10))?.for(config, aiService).decide(crossing);
say('first set of 10, with loading the engine', performance.now() - begun, 'ms');
say('memory for it', (process.memoryUsage().rss - before) / 1e6, 'MB');

/** More than as many kinds of data as a number has digits: no two crossings have the same of them. */
const kinds = (Object.keys(fieldClasses) as (keyof typeof fieldClasses)[]).slice(0, 13);

for (const count of [1, 10, 50]) {
  const policies = opener.open(setOf(count))?.for(config, aiService);
  if (policies === undefined) throw new Error('there are policies');
  if (!policies.decide(crossing).allowed) throw new Error('nothing was to refuse this');
  const anew = (what: string, askedAt: (at: number) => Asked): void => {
    const misses: number[] = [];
    for (let at = 0; at < 6_000; at++) {
      const asked = askedAt(at);
      const start = performance.now();
      policies.decide(asked);
      misses.push((performance.now() - start) * 1000);
    }
    // The first thousand are run before the code is compiled.
    const sorted = misses.slice(1000).sort((a, b) => a - b);
    say(`decided anew, ${what}, ${count} policies, p50`, middle(sorted, 0.5), 'µs');
    say(`decided anew, ${what}, ${count} policies, p99`, middle(sorted, 0.99), 'µs');
  };
  anew('another model', (at) => ({ ...crossing, model: `made-up-small-${count}-${at}` }));
  anew('another model and other kinds of data', (at) => ({
    ...crossing,
    model: `made-up-large-${count}-${at}`,
    fields: [
      ...crossing.fields,
      ...kinds.filter((_, bit) => ((at >> bit) & 1) === 1).map((name) => [name, 'pass', 1] as const),
    ],
  }));
  const ROUNDS = 300_000;
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    begun = performance.now();
    for (let at = 0; at < ROUNDS; at++) policies.decide({ ...crossing });
    rounds.push(((performance.now() - begun) * 1000) / ROUNDS);
  }
  say(
    `found again, ${count} policies`,
    middle(
      rounds.sort((a, b) => a - b),
      0.5,
    ),
    'µs',
  );
}

{
  const times = Array.from({ length: 9 }, (_, round) => {
    const policies = opener.open(setOf(10, `-first-${round}`))?.for(config, aiService);
    const start = performance.now();
    policies?.decide(crossing);
    return performance.now() - start;
  });
  say(
    'first decision of 10 policies for an app on a connection',
    middle(
      times.sort((a, b) => a - b),
      0.5,
    ),
    'ms',
  );
}
for (const count of [10, 100]) {
  const times = Array.from({ length: 9 }, (_, round) => {
    const start = performance.now();
    opener.open(setOf(count, `-${round}`))?.for(config, aiService);
    return performance.now() - start;
  });
  say(
    `another set of ${count}, checked and read`,
    middle(
      times.sort((a, b) => a - b),
      0.5,
    ),
    'ms',
  );
}
const same = setOf(100);
opener.open(same)?.for(config, aiService).decide(crossing);
begun = performance.now();
for (let at = 0; at < 100; at++) opener.open(same)?.for(config, aiService).decide(crossing);
say(
  'the same set of 100 in another snapshot, with its first decision',
  (performance.now() - begun) / 100,
  'ms',
);

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
/** The heap and the engine's memory, after collecting: the process as a whole gives memory back when it likes. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
// Sets that the engine keeps are full by then.
const SETTLED = 300;
const reloads = Number(args.reloads);
let settled = 0;
for (let at = 0; at < SETTLED + reloads; at++) {
  if (at === SETTLED) settled = held();
  opener
    .open(setOf(10, `-reload-${at}`))
    ?.for(config, aiService)
    .decide(crossing);
}
say(`memory gained by ${reloads} other sets of 10`, held() - settled, 'MB');

if (args.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else for (const { what, value, unit } of rows) process.stdout.write(`${what}: ${value} ${unit}\n`);
