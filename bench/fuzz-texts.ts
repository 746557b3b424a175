import { parseArgs } from 'node:util';
import { answersArea } from './fuzz/answers.ts';
import { type Area, caseOf, faultOf, numbersOf, smallest } from './fuzz/case.ts';
import { scannerArea } from './fuzz/scanner.ts';
import { tokensArea } from './fuzz/tokens.ts';

/**
 * Fuzzes what texts pass through, for as long as it is told: the scanner (finds in order and in range, a stream's those of
 * the whole wherever it is cut, work and time bounded), tokens (what was issued comes back, in pieces, escaped, in another
 * case), and answers (a body comes to the same wherever it is cut; damage ends in a refusal and nothing else).
 * `--minutes N` (default 1), `--seed N` (default: drawn and printed), `--only scanner|tokens|answers`; `--case N --only AREA`
 * repeats one. Ends with 1 at the first fault, with its case's seed and the smallest example that still shows it.
 */
const { values: args } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string', default: '' },
    case: { type: 'string', default: '' },
  },
});
const [minutes, seed] = [Number(args.minutes), Number(args.seed)];
const areas = [scannerArea, tokensArea, answersArea].filter(
  ({ name }) => args.only === '' || name === args.only,
);
if (!(minutes > 0) || !Number.isSafeInteger(seed) || areas.length === 0) {
  process.stderr.write('usage: --minutes N --seed N [--only scanner|tokens|answers] [--case N]\n');
  process.exit(2);
}
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed ${seed} (--seed ${seed} repeats this run)`);

const counts = new Map<string, { cases: number; characters: number }>();
const begun = performance.now();
const until = begun + minutes * 60_000;
let told = begun;

function tryOne(area: Area, number: number): void {
  const tried = caseOf(area, number);
  const count = counts.get(area.name) ?? { cases: 0, characters: 0 };
  counts.set(area.name, count);
  count.cases++;
  for (const part of tried.parts) count.characters += part.length;
  const fault = faultOf(area, tried);
  if (fault === null) return;
  say(`FAULT in ${area.name}, case ${number} (--only ${area.name} --case ${number} repeats it): ${fault}`);
  const least = smallest(area, tried, performance.now() + 120_000);
  say(`smallest: ${JSON.stringify(least)}\n${faultOf(area, least) ?? 'not seen again: a matter of time'}`);
  process.exit(1);
}

if (args.case !== '') {
  for (const area of areas) tryOne(area, Number(args.case));
} else {
  for (const number of numbersOf(seed)) {
    if (performance.now() >= until) break;
    for (const area of areas) tryOne(area, number);
    if (performance.now() - told < 60_000) continue;
    told = performance.now();
    say(`${Math.round((told - begun) / 60_000)} min: ${JSON.stringify(Object.fromEntries(counts))}`);
  }
}
say(
  `no fault in ${((performance.now() - begun) / 60_000).toFixed(1)} min: ${JSON.stringify(Object.fromEntries(counts))}`,
);
