import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Clocks, type Facts } from '@drawbridge/clocks';
import { readClockLaw } from '@drawbridge/control/packs';

/**
 * Reckoning deadlines: 1,000 incidents, all different, over all rules that are shipped. Each has every time entered and every question
 * answered, so that nearly every rule is counted to its end. `--json` gives the rows.
 */
const { values: asked } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const INCIDENTS = 1000;

const read = await readClockLaw(fileURLToPath(new URL('../packs/laws', import.meta.url)));
if ('problems' in read) throw new Error(JSON.stringify(read.problems));
const { law } = read;
const countries = law.calendars.map(({ id }) => id);

function incident(n: number): Facts {
  const at = (after: number): string =>
    new Date(1_790_000_000_000 + n * 7_654_321 + after * 3_600_000).toISOString();
  const ongoing = n % 2 === 0 ? 'yes' : 'no';
  return {
    organisation: {
      country: countries[n % countries.length] ?? 'DE',
      answers: Object.fromEntries(law.questions.map(({ id, choices }) => [id, choices?.[0] ?? 'yes'])),
    },
    incident: {
      answers: { death: 'no', widespread: 'no', ongoing, financial_entity: n % 3 === 0 ? 'other' : 'none' },
      times: Object.fromEntries(law.times.map(({ id }, index) => [id, at(index)])),
    },
    ends: {
      'nis2-notification': { submissions: [{ at: at(60), what: 'sent' }] },
      'dora-initial': { submissions: [{ at: at(10), what: 'sent' }] },
      'dora-intermediate': { submissions: [{ at: at(70), what: 'sent' }] },
      'cra-incident-notification': { submissions: [{ at: at(50), what: 'sent' }] },
    },
  };
}

const incidents = Array.from({ length: INCIDENTS }, (_, n) => incident(n));
const clocks = new Clocks(law);
const rows = [];
for (let round = 0; round < 5; round += 1) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let counted = 0;
  for (const facts of incidents) counted += clocks.deadlines(facts, 1_790_100_000_000).clocks.length;
  const ms = performance.now() - began;
  const used = process.cpuUsage(cpu);
  rows.push({
    round,
    incidents: INCIDENTS,
    rules: law.rules.length,
    clocks: counted,
    ms: Math.round(ms),
    cpuMs: Math.round((used.user + used.system) / 1000),
    perIncidentMs: Number((ms / INCIDENTS).toFixed(3)),
  });
}
process.stdout.write(
  asked.json ? `${JSON.stringify(rows)}\n` : `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`,
);
