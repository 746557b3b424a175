import { readEvidence } from '@drawbridge/evidence';

/** Milliseconds to read a lock file of 5,000 packages; the median and the slowest of rounds. Goal: a second. */
const PACKAGES = 5000;
const ROUNDS = 7;
const numbers = Array.from({ length: PACKAGES }, (_, n) => n);
const hash = `sha512-${'a'.repeat(86)}==`;

const files: Record<string, string> = {
  'package-lock.json': JSON.stringify(
    {
      lockfileVersion: 3,
      packages: Object.fromEntries([
        ['', { dependencies: { 'package-1': '^1.0.0' } }],
        ...numbers.map((n) => [
          `node_modules/package-${n}`,
          {
            version: '1.0.0',
            resolved: `https://registry.npmjs.org/package-${n}/-/package-${n}-1.0.0.tgz`,
            integrity: hash,
            dependencies: { [`package-${n + 1}`]: '^1.0.0' },
            engines: { node: '>=18' },
          },
        ]),
      ]),
    },
    null,
    2,
  ),
  'pnpm-lock.yaml': `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      package-1:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n${numbers.map((n) => `\n  package-${n}@1.0.0:\n    resolution: {integrity: ${hash}}\n    engines: {node: '>=18'}\n`).join('')}`,
  'yarn.lock': `# yarn lockfile v1\n\n${numbers.map((n) => `\npackage-${n}@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/package-${n}/-/package-${n}-1.0.0.tgz"\n  integrity ${hash}\n  dependencies:\n    package-${n + 1} "^1.0.0"\n`).join('')}`,
};

const results: Record<string, { KB: number; 'median ms': number; 'slowest ms': number }> = {};
for (const [name, text] of Object.entries(files)) {
  const bytes = Buffer.from(text);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    };
    const { traces } = await readEvidence(name, chunks());
    times.push(performance.now() - begin);
    if (traces.length !== PACKAGES) throw new Error(`${name}: ${traces.length} packages`);
  }
  times.sort((a, b) => a - b);
  results[name] = {
    KB: Math.round(bytes.length / 1024),
    'median ms': Math.round(times[ROUNDS >> 1] ?? 0),
    'slowest ms': Math.round(times.at(-1) ?? 0),
  };
}
console.table(results);
