import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  entryFor,
  findGaps,
  foreignAddresses,
  type Gap,
  isExact,
  type LockEntry,
  type Lockfile,
  type PackageFacts,
  withEntries,
  withoutIntegrity,
} from './lock-entries.ts';

const usage = `complete-lock [--check] [<package-lock.json>]

Adds to package-lock.json the other platforms' packages that the registry in use did not have, so that "npm ci" works
against every registry. Run it after "npm install". With --check nothing is changed: exit 1 names what is missing.
`;

interface Outcome {
  readonly text: string;
  readonly ok: boolean;
}

async function main(args: readonly string[]): Promise<Outcome> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return { text: usage, ok: true };
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const path = positionals[0] ?? join(root, 'package-lock.json');
  const lock = parseLock(await readFile(path, 'utf8'), path);
  const foreign = foreignAddresses(lock);
  if (foreign.length > 0)
    return {
      text: `complete-lock: ${path} holds addresses of a registry that is not the public one:\n${list(foreign)}\nRemove the "resolved" of these.\n`,
      ok: false,
    };
  return values.check ? check(lock, path) : complete(lock, path);
}

function check(lock: Lockfile, path: string): Outcome {
  const gaps = findGaps(lock);
  if (gaps.length === 0) return { text: 'complete-lock: nothing is missing\n', ok: true };
  const missing = list(gaps.map(({ name, version }) => `${name}@${version}`));
  return { text: `complete-lock: missing in ${path}:\n${missing}\nRun "npm run lock".\n`, ok: false };
}

async function complete(lock: Lockfile, path: string): Promise<Outcome> {
  const additions = new Map<string, LockEntry>();
  const vague: string[] = [];
  for (const gap of findGaps(lock)) {
    if (isExact(gap.version)) additions.set(gap.path, entryFor(gap, await lookUp(gap)));
    else vague.push(`${gap.name}@${gap.version}`);
  }
  const added = additions.size;
  for (const gap of withoutIntegrity(lock)) {
    const facts = await lookUp(gap);
    if (facts?.integrity !== undefined) additions.set(gap.path, entryFor(gap, facts));
  }
  if (additions.size > 0) {
    await writeFile(`${path}.new`, `${JSON.stringify(withEntries(lock, additions), undefined, 2)}\n`);
    await rename(`${path}.new`, path);
  }
  const summary = `complete-lock: ${added} added, ${additions.size - added} given their integrity\n`;
  if (vague.length === 0) return { text: summary, ok: true };
  return { text: `${summary}No one version is named, so it can't be added:\n${list(vague)}\n`, ok: false };
}

/** What the registry in use says of the package; undefined where it has none of it. */
async function lookUp({ name, version }: Gap): Promise<PackageFacts | undefined> {
  const fields = ['os', 'cpu', 'libc', 'license', 'engines', 'dist.integrity'];
  const answer = await npm(['view', `${name}@${version}`, '--json', ...fields]);
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('error' in answer) {
    const { error } = answer as { error: { code?: string; summary?: string } };
    if (error.code === 'E404') return undefined;
    throw new Error(
      `The registry does not answer about ${name}@${version}: ${error.code} ${error.summary ?? ''}`,
    );
  }
  const { 'dist.integrity': integrity, ...facts } = answer as PackageFacts & { 'dist.integrity'?: string };
  return integrity === undefined ? undefined : { ...facts, integrity };
}

function npm(args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile('npm', [...args], (error, stdout) => {
      // With --json an error is told on the standard output as well.
      if (stdout.trim() !== '') resolve(JSON.parse(stdout));
      else if (error === null) resolve(undefined);
      else reject(error);
    });
  });
}

function parseLock(text: string, path: string): Lockfile & { lockfileVersion: number } {
  const lock: unknown = JSON.parse(text);
  if (typeof lock === 'object' && lock !== null && 'packages' in lock && 'lockfileVersion' in lock)
    if (lock.lockfileVersion === 3) return lock as Lockfile & { lockfileVersion: number };
  throw new Error(`${path} is no lock file of format 3, which npm 7 and newer write.`);
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}

const { text, ok } = await main(process.argv.slice(2));
(ok ? process.stdout : process.stderr).write(text);
process.exitCode = ok ? 0 : 1;
