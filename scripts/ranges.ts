import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { readRanges } from '../control/residency/index.ts';
import { type GivenList, providers, tableOf } from './ranges/lists.ts';

const USAGE = `Makes a table of the networks that providers publish, for POST /residency/ranges.
  node bin/run.mjs scripts/ranges.ts TABLE PROVIDER=FILE@DAY…
  for example: scripts/ranges.ts ranges.txt aws=ip-ranges.json@2026-11-22 gcp=cloud.json@2026-11-22
  DAY: when the list was fetched. Providers and where their lists are:
${Object.entries(providers)
  .map(([name, { url }]) => `    ${name}  ${url}`)
  .join('\n')}
`;

async function given(argument: string): Promise<GivenList> {
  const [, provider = '', file = '', asOf = ''] = /^([a-z]+)=(.+)@(\d{4}-\d{2}-\d{2})$/.exec(argument) ?? [];
  if (provider === '') throw new Error(`"${argument}" is not PROVIDER=FILE@DAY`);
  const bytes = await readFile(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { provider, asOf, sha256, text: bytes.toString('utf8') };
}

const [out, ...lists] = process.argv.slice(2);
if (out === undefined || lists.length === 0) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { text, unplaced } = tableOf(await Promise.all(lists.map(given)));
  const { ranges } = readRanges(text);
  await writeFile(out, text);
  process.stdout.write(`${ranges} ranges in ${out}, ${Buffer.byteLength(text)} bytes.\n`);
  if (unplaced.length > 0)
    process.stdout.write(`Left out, as their place is not known:\n${unplaced.join('\n')}\n`);
}
