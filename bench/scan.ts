import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { compileScanner, type DetectorRule, type Finding, type Scanner } from '@drawbridge/scan';
import { crafted, exampleOf, seeded } from '@drawbridge/scan/testing';
import { RE2JS } from 're2js';
import { code, prompts } from './scan/pieces.ts';
import { packRules } from './scan/rules.ts';

/**
 * What a scan of 16 KB costs, beside secretlint's recommended rules and the same forms as RE2 expressions, in turns in one
 * run (the median of each piece's quickest time, and the shares of all times); the dearest of the crafted texts; and how well it finds what this script makes up. `--rules FOLDER`: other packs.
 * `--peers FOLDER`: where `npm install @secretlint/core @secretlint/secretlint-rule-preset-recommend` was run.
 */
const { values: args } = parseArgs({
  options: {
    rules: { type: 'string', default: fileURLToPath(new URL('../packs/detectors', import.meta.url)) },
    peers: { type: 'string', default: '' },
    noise: { type: 'string', default: fileURLToPath(new URL('../node_modules', import.meta.url)) },
    rounds: { type: 'string', default: '6' },
    json: { type: 'boolean', default: false },
  },
});
const LENGTH = 16 * 1024;
const rounds = Number(args.rounds);
const { rules, refused } = packRules(args.rules);
const secrets = compileScanner({ rules });
const structured = compileScanner({ rules, personal: 'structured' });
const all = compileScanner({ rules, personal: 'all' });

interface Target {
  name: string;
  scan(text: string): unknown;
  /** Every how many pieces it is given one: what takes long is not given all. */
  every: number;
}
const targets: Target[] = [
  { name: 'a loop over all characters', scan: (text) => countOdd(text), every: 1 },
  { name: 'secrets', scan: (text) => secrets.scan(text), every: 1 },
  { name: 'secrets and structured personal data', scan: (text) => structured.scan(text), every: 1 },
  { name: 'secrets and all personal data', scan: (text) => all.scan(text), every: 1 },
  { name: 're2js, all forms in one expression', scan: re2(rules), every: 40 },
  ...(args.peers === '' ? [] : [await secretlint(args.peers)]),
];

const timed: Record<string, unknown>[] = [];
for (const [kind, pieces] of [
  ['prompt', prompts(100, LENGTH, 1)],
  ['code', code(100, LENGTH, 1)],
] as const) {
  const times = new Map<Target, number[]>(targets.map((target) => [target, []]));
  /** The quickest time of each piece: what a machine that others use, too, says the least wrong. */
  const quickest = new Map<Target, number[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      for (let at = 0; at < pieces.length; at += target.every) {
        const text = pieces[at] ?? '';
        const begun = performance.now();
        await target.scan(text);
        const micros = (performance.now() - begun) * 1000;
        // The first rounds are run before the code is compiled.
        if (round > 1) times.get(target)?.push(micros);
        const best = quickest.get(target);
        if (best !== undefined) best[at] = Math.min(best[at] ?? micros, micros);
      }
    }
  }
  const first = share(times.get(targets[0] as Target) ?? [], 0.5);
  for (const target of targets) {
    const list = times.get(target) ?? [];
    const p50 = share(list, 0.5);
    timed.push({
      text: kind,
      what: target.name,
      'best µs': round3(share(Object.values(quickest.get(target) ?? []), 0.5)),
      'p50 µs': round3(p50),
      'p99 µs': round3(share(list, 0.99)),
      '÷ loop': round3(p50 / first),
      'MB/s': round3(LENGTH / p50),
    });
  }
}

const worst: Record<string, unknown>[] = [];
for (const { name, text } of crafted(LENGTH)) {
  for (const [what, scanner] of [
    ['secrets', secrets],
    ['structured', structured],
    ['all', all],
  ] as const) {
    const list = Array.from({ length: 15 }, () => {
      const begun = performance.now();
      scanner.scan(text, { maxWork: Number.MAX_SAFE_INTEGER });
      return (performance.now() - begun) * 1000;
    });
    worst.push({ what, name, 'best µs': round3(Math.min(...list)), 'median µs': round3(share(list, 0.5)) });
  }
}
worst.sort((a, b) => Number(b['median µs']) - Number(a['median µs']));

const quality = [...recalled(), ...noise()];
if (args.json)
  process.stdout.write(`${JSON.stringify({ rules: rules.length, refused, timed, worst, quality })}\n`);
else {
  process.stdout.write(`${rules.length} rules (${refused} not taken), load ${loadavg()[0]?.toFixed(1)}\n`);
  console.table(timed);
  console.table(worst.slice(0, 12));
  console.table(quality);
}

function countOdd(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) count += text.charCodeAt(at) & 1;
  return count;
}

function share(list: readonly number[], part: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function round3(value: number): number {
  return Number(value.toPrecision(3));
}

/** The forms of all rules as one expression, without keywords, entropy or checksums: finds, and tells nothing apart. */
function re2(list: readonly DetectorRule[]): (text: string) => number {
  const CLASSES: Readonly<Record<string, string>> = {
    digit: '0-9',
    hex: '0-9a-f',
    HEX: '0-9A-F',
    hex_any: '0-9a-fA-F',
    lower: 'a-z',
    upper: 'A-Z',
    alpha: 'A-Za-z',
    alnum_lower: 'a-z0-9',
    alnum_upper: 'A-Z0-9',
    base32: 'A-Z2-7',
    base58: '1-9A-HJ-NP-Za-km-z',
    base62: 'A-Za-z0-9',
    base64: 'A-Za-z0-9+/',
    base64url: 'A-Za-z0-9_-',
    word: 'A-Za-z0-9_',
    unreserved: 'A-Za-z0-9._~-',
  };
  const forms = list
    .filter(({ keywords }) => keywords === undefined)
    .flatMap((rule) => rule.forms)
    // RE2 takes no repeats over 1,000, and a program for many long ones is too large: open ends stand for them.
    .map((form) =>
      form.replaceAll(/\{(\w+):(\d+)(?:-\d+)?\}|[^A-Za-z0-9_{}]/g, (part, name?: string, min?: string) =>
        name === undefined ? `\\${part}` : `[${CLASSES[name]}]{${Math.min(Number(min), 20)},}`,
      ),
    );
  const pattern = RE2JS.compile(`\\b(?:${forms.join('|')})`);
  return (text) => {
    const matcher = pattern.matcher(text);
    let count = 0;
    while (matcher.find()) count++;
    return count;
  };
}

async function secretlint(folder: string): Promise<Target> {
  const require = createRequire(pathToFileURL(`${folder}/package.json`));
  const load = async (name: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(require.resolve(name)).href)) as Record<string, unknown>;
  const { lintSource } = (await load('@secretlint/core')) as { lintSource(of: unknown): Promise<unknown> };
  const { creator } = await load('@secretlint/secretlint-rule-preset-recommend');
  const config = {
    rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }],
  };
  return {
    name: '@secretlint/core + preset-recommend',
    scan: (text) =>
      lintSource({
        source: { filePath: '/made-up.txt', content: text, ext: '.txt', contentType: 'text' },
        options: { config, noPhysicFilePath: true },
      }),
    every: 10,
  };
}

/** What is made up, put into prose, and found again: any find over it, and the find of its own rule. */
function recalled(): Record<string, unknown>[] {
  const random = seeded(20_311);
  const [around = ''] = prompts(1, 400, 77);
  const byClass = new Map<string, { of: number; found: number; own: number }>();
  for (const rule of rules) {
    for (const form of rule.forms) {
      for (let turn = 0; turn < 20; turn++) {
        const value = exampleOf(form, random, rule.checksum);
        const before = `${around} ${rule.keywords === undefined ? '' : `${rule.keywords[0]} `}`;
        const finds = secrets.scan(`${before}${value} ${around}`);
        const over = finds.filter(
          ({ start, end }) => start <= before.length && end >= before.length + value.length,
        );
        const sum = byClass.get(rule.class) ?? { of: 0, found: 0, own: 0 };
        sum.of++;
        if (over.length > 0) sum.found++;
        if (over.some(({ detector }) => detector === rule.id)) sum.own++;
        byClass.set(rule.class, sum);
      }
    }
  }
  return [...byClass].map(([cls, { of, found, own }]) => ({
    what: `recall, ${cls}`,
    of,
    share: round3(found / of),
    'by its own rule': round3(own / of),
  }));
}

/** Finds in text that holds no secret of anybody: documentation and code of packages under the MIT licence. */
function noise(): Record<string, unknown>[] {
  const isMit = (folder: string): boolean => {
    const file = `${folder}/package.json`;
    return existsSync(file) && /"license":\s*"MIT"/.test(readFileSync(file, 'utf8'));
  };
  const folders = globSync(`${args.noise}/*`).filter(isMit);
  const texts: [string, string[]][] = [
    ['documentation', folders.flatMap((folder) => globSync(`${folder}/*.md`))],
    ['code', folders.flatMap((folder) => globSync(`${folder}/{lib,dist,src}/*.js`)).slice(0, 800)],
  ];
  return texts.flatMap(([kind, files]) => {
    const read = files.map((file) => readFileSync(file, 'utf8')).filter((text) => text.length < 500_000);
    const megabytes = read.reduce((sum, text) => sum + text.length, 0) / 1e6;
    return (
      [
        ['secrets', secrets],
        ['structured', structured],
        ['all', all],
      ] as [string, Scanner][]
    ).map(([what, scanner]) => {
      const finds: Finding[] = read.flatMap((text) => scanner.scan(text));
      const sure = finds.filter(({ confidence }) => confidence !== 'possible');
      return {
        what: `finds per MB, ${kind}, ${what}`,
        of: `${round3(megabytes)} MB`,
        share: round3(finds.length / megabytes),
        'likely or certain': round3(sure.length / megabytes),
      };
    });
  });
}
