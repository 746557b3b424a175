import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { exampleOf, seeded } from '@drawbridge/scan/testing';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addScanCommand } from './options.ts';
import { loadDetectors, scannerRule, shippedDetectors } from './pack.ts';
import { runScan, type ScanPlan, type ScanResult } from './run.ts';

const random = seeded(7);
/** Made up, and put together here: no scanner is to take this file for leaked. */
const keys = {
  work: exampleOf('npm_{base62:36}', random, 'crc32_base62'),
  gone: exampleOf('ghp_{base62:36}', random, 'crc32_base62'),
  other: exampleOf('gsk_{base62:52}', random),
  staged: exampleOf('sk-or-v1-{hex:64}', random),
};

let folder: string;
let setup: ScanPlan['setup'];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-scan-'));
  process.chdir(folder);
  const rules = (await loadDetectors(shippedDetectors)).map(scannerRule);
  setup = { rules, level: 'secrets', printKey: null, least: 'possible' };
});
afterAll(() => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string | Buffer): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function git(repository: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=made up', '-c', 'user.email=made.up@example.com'];
  const done = spawnSync('git', [...identity, '-C', join(folder, repository), ...args]);
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.toString('utf8').trim();
}

/** A repository whose history has a key that is no longer there, and one on a branch of its own. */
function repository(path: string): { gone: string; branch: string } {
  mkdirSync(join(folder, path), { recursive: true });
  git(path, 'init', '-q', '-b', 'main');
  write(`${path}/config/app.env`, `# ä\nTOKEN=${keys.gone}\n`);
  write(`${path}/README.md`, 'Nothing here.\n');
  git(path, 'add', '.');
  git(path, 'commit', '-qm', 'one');
  const gone = git(path, 'rev-parse', 'HEAD').slice(0, 12);
  git(path, 'checkout', '-qb', 'side');
  write(`${path}/side.txt`, `x ${keys.other}\n`);
  git(path, 'add', '.');
  git(path, 'commit', '-qm', 'side');
  const branch = git(path, 'rev-parse', 'HEAD').slice(0, 12);
  git(path, 'checkout', '-q', 'main');
  write(`${path}/config/app.env`, `TOKEN=\n`);
  write(`${path}/src/index.ts`, `const token = '${keys.work}';\n`);
  git(path, 'add', '.');
  git(path, 'commit', '-qm', 'two');
  return { gone, branch };
}

async function scan(path: string, changes: Partial<ScanPlan> = {}): Promise<ScanResult> {
  const result: ScanResult = { found: [], skipped: [], files: 0, blobs: 0, bytes: 0 };
  const paths = [path];
  await runScan(
    { paths, setup, threads: 1, gitignore: false, history: true, staged: false, ...changes },
    result,
  );
  return result;
}

const shown = ({ found }: ScanResult): string[] =>
  found.map(({ path, start, detector }) => `${path}@${start.offset} ${detector}`);

test('a repository: its files, and what its history has besides, each content once', async () => {
  const { gone, branch } = repository('one');
  const result = await scan('one');
  // The side branch was made of the first commit, so it is the newest that has its file.
  expect(shown(result)).toEqual([
    'one/src/index.ts@15 npm.access_token',
    `${branch}:one/config/app.env@11 github.personal_token`,
    `${branch}:one/side.txt@2 groq.api_key`,
  ]);
  expect(gone).not.toBe(branch);
  expect([result.files, result.blobs]).toEqual([3, 2]);
  expect(shown(await scan('one', { history: false }))).toEqual(['one/src/index.ts@15 npm.access_token']);
});

test('several threads find the same', async () => {
  repository('many');
  for (let index = 0; index < 400; index++)
    write(`many/files/${index}.txt`, `${index} ${index % 50 ? '' : keys.other}\n`);
  const here = await scan('many');
  const apart = await scan('many', { threads: 3 });
  expect(shown(apart)).toEqual(shown(here));
  expect(here.found.length).toBe(11);
});

test('messages of commits and tags are looked through for secrets, and not for who wrote them', async () => {
  repository('said');
  git('said', 'commit', '-q', '--allow-empty', '-m', `Deploy\n\nwith ${keys.staged}`);
  const commit = git('said', 'rev-parse', 'HEAD').slice(0, 12);
  git('said', 'tag', '-a', 'v1', '-m', `For ada.example@acme.test: ${keys.staged}`);
  const tag = git('said', 'rev-parse', 'v1').slice(0, 12);
  const { found } = await scan('said', { setup: { ...setup, level: 'all' } });
  const said = found.filter(({ path }) => path.endsWith(' message)'));
  expect(said.map(({ path, start, detector }) => [path, start.line, detector])).toEqual([
    [`${commit}:said/(commit message)`, 3, 'openrouter.api_key'],
    [`${tag}:said/(tag message)`, 1, 'openrouter.api_key'],
  ]);
});

test('a body that a HAR file holds in base64 is looked into, and found where it stands', async () => {
  const body = `{"a": "ä", "registry": "${keys.work}", "b": 1}`;
  const packed = Buffer.from(body).toString('base64');
  const har = `{"log":{"entries":[{"response":{"content":{"encoding":"base64","text":"${packed}"}}}]}}`;
  write('traced/a.har', har);
  const image = Buffer.from(`\0\x01\x02${keys.work}`).toString('base64');
  write('traced/b.har', har.replace(packed, image));
  const { found } = await scan('traced');
  expect(found.map(({ path, detector }) => [path, detector])).toEqual([['traced/a.har', 'npm.access_token']]);
  const [{ start, end } = { start: { offset: 0 }, end: { offset: 0 } }] = found;
  const shownPart = Buffer.from(har.slice(start.offset, end.offset), 'base64').toString('utf8');
  expect([shownPart.includes(keys.work), shownPart.length - keys.work.length < 6]).toEqual([true, true]);
});

test('--staged looks at what the next commit brings in, not at what lies there', async () => {
  repository('next');
  write('next/new.env', `KEY=${keys.staged}\n`);
  git('next', 'add', 'new.env');
  write('next/new.env', 'KEY=\n');
  write('next/later.env', `KEY=${keys.work}\n`);
  expect(shown(await scan('next', { staged: true }))).toEqual(['next/new.env@4 openrouter.api_key']);
  // A hook of `git commit <file>` is told of an index made for it.
  const own = join(folder, 'index-of-a-hook');
  vi.stubEnv('GIT_INDEX_FILE', own);
  git('next', 'read-tree', 'HEAD');
  git('next', 'add', 'later.env');
  expect(shown(await scan('next', { staged: true }))).toEqual(['next/later.env@4 npm.access_token']);
  vi.unstubAllEnvs();
});

test('.gitignore is respected on request, and links and what can not be read are said', async () => {
  repository('ignoring');
  write('ignoring/.gitignore', 'build/\n*.log\n!kept.log\n');
  for (const name of ['build/out.js', 'a.log', 'kept.log', 'nested/b.log'])
    write(`ignoring/${name}`, `${keys.other}\n`);
  symlinkSync('.', join(folder, 'ignoring/loop'));
  expect(shown(await scan('ignoring', { gitignore: true, history: false }))).toEqual([
    'ignoring/kept.log@0 groq.api_key',
    'ignoring/src/index.ts@15 npm.access_token',
  ]);
  const all = await scan('ignoring', { history: false });
  expect(all.found.length).toBe(5);
  expect(all.skipped.map(({ path, reason }) => [path, reason])).toEqual([['ignoring/loop', 'symbolic link']]);
});

test('a repository that would start programs starts none', async () => {
  repository('hostile');
  const trap = join(folder, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch ${join(folder, 'sprung')}\n`);
  chmodSync(trap, 0o755);
  git('hostile', 'config', 'core.fsmonitor', trap);
  git('hostile', 'config', 'diff.external', trap);
  git('hostile', 'config', 'core.pager', trap);
  git('hostile', 'config', 'filter.x.clean', trap);
  write('hostile/.gitattributes', '* filter=x diff=x\n');
  git('hostile', 'config', 'diff.x.textconv', trap);
  rmSync(join(folder, 'sprung'), { force: true });
  expect((await scan('hostile')).found.length).toBe(3);
  await scan('hostile', { staged: true });
  await expect(readFile(join(folder, 'sprung'))).rejects.toThrow('ENOENT');
});

test('a large file is scanned piece by piece, with the same offsets', async () => {
  const line = 'läuft und läuft, nothing to see\n';
  const lines = Math.ceil((9 * 1024 * 1024) / Buffer.byteLength(line));
  const before = line.repeat(lines);
  write('large/a.log', `${before}${keys.other}\n${line}`);
  write('large/b.log.gz', gzipSync(`${before}${keys.other}\n`));
  const { found } = await scan('large');
  expect(found.map(({ path, start, end }) => [path, start, end.offset])).toEqual(
    ['large/a.log', 'large/b.log.gz!/b.log'].map((path) => [
      path,
      { offset: Buffer.byteLength(before), line: lines + 1, column: 1 },
      Buffer.byteLength(before) + keys.other.length,
    ]),
  );
});

/** The command as it is given, in this process. */
async function drawbridge(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const said = { out: '', err: '' };
  const writes = (['out', 'err'] as const).map((name) =>
    vi.spyOn(process[`std${name}`], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const root = new Command();
  addScanCommand(root);
  try {
    await root.parseAsync(['scan', ...args], { from: 'user' });
    return { ...said, code: process.exitCode ?? 0 };
  } finally {
    for (const write of writes) write.mockRestore();
    process.exitCode = undefined;
  }
}

test('exit codes, reports without values, and a baseline', async () => {
  write('plain/a.env', `A=${keys.work}\nmail: anna.berger@example.com\n`);
  write('plain/empty.txt', '\n');
  const text = await drawbridge('plain');
  expect([text.code, text.out.split('\n')[0]]).toEqual([
    1,
    'plain/a.env:1:3: secret.token npm_… (npm.access_token, npm: Access token; certain: prefix and checksum)'.replace(
      'api_key',
      'token',
    ),
  ]);
  const json = await drawbridge('plain', '--secrets-only', '--json');
  expect([json.code, JSON.parse(json.out)]).toEqual([
    1,
    {
      findings: [
        {
          path: 'plain/a.env',
          line: 1,
          column: 3,
          start: 2,
          end: 2 + keys.work.length,
          class: 'secret.token',
          detector: 'npm.access_token',
          confidence: 'certain',
        },
      ],
    },
  ]);
  const written = await drawbridge('plain', '--write-baseline', 'known.json');
  expect(written.code).toBe(0);
  const again = await drawbridge('plain', '--baseline', 'known.json');
  expect([again.code, again.out]).toEqual([
    0,
    expect.stringMatching(/0 found, and \d that the baseline knows/),
  ]);
  const baseline = await readFile(join(folder, 'known.json'), 'utf8');
  for (const said of [text.out, text.err, json.out, written.err, baseline])
    expect(said).not.toContain(keys.work.slice(8));
  // The same key elsewhere is known; another one is not.
  write('plain/b.env', `B=${keys.work}\nC=${keys.other}\n`);
  const sarif = await drawbridge('plain', '--baseline', 'known.json', '--sarif');
  expect([sarif.code, JSON.parse(sarif.out)]).toMatchObject([
    1,
    {
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'Drawbridge', rules: [{ id: 'groq.api_key' }] } },
          results: [
            {
              ruleId: 'groq.api_key',
              ruleIndex: 0,
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'plain/b.env' },
                    region: { startLine: 2, startColumn: 3, byteOffset: keys.work.length + 5 },
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  ]);
});

test('what could not be scanned ends with 2, and is said', async () => {
  write('clean/a.txt', 'nothing\n');
  expect((await drawbridge('clean')).code).toBe(0);
  await expect(drawbridge('nowhere')).rejects.toThrow("nowhere can't be read (ENOENT)");
  write('damaged/a.zip', Buffer.from('PK\x03\x04 no zip at all'));
  const damaged = await drawbridge('damaged', '--json');
  expect([damaged.code, damaged.out]).toEqual([2, '{"findings":[]}\n']);
  expect(damaged.err).toContain('damaged/a.zip: is damaged');
});
