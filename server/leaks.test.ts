import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleOf, seeded } from '@drawbridge/scan/testing';
import { type OpenaiStandin, startOpenaiStandin } from '@drawbridge/standins';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askOver, enrol } from '../control/identity/testing.ts';
import { issueKey, makeConnection } from './proofs/testing/connect.ts';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** Keys that lie in repositories, from the scan to the gateway that refuses them. All of it is made up. */

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const random = seeded(11);
/** Put together here: no scanner is to take this file for leaked. */
const credential = exampleOf('sk-proj-{base62:74}T3BlbkFJ{base62:74}', random);
const gone = exampleOf('ghp_{base62:36}', random, 'crc32_base62');
const inBody = exampleOf('npm_{base62:36}', random, 'crc32_base62');

let drawbridge: TestDeployment;
let openai: OpenaiStandin;
let folder: string;
let token: string;
let weak: string;
let key: { id: string; key: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-leaks-'));
  [drawbridge, openai] = await Promise.all([
    testDeployment({ logLevel: 'error' }),
    startOpenaiStandin({ validKeys: [credential] }),
  ]);
  const connection = await makeConnection(drawbridge.call, {
    slug: 'ai',
    service: 'openai/api/global',
    url: openai.url,
    credential,
    contract: 'as_is',
  });
  key = await issueKey(drawbridge.call, [connection]);
  const ask = askOver(drawbridge.apiUrl);
  const link = new URL((await drawbridge.firstUrl()) ?? '');
  const first = await enrol(ask, {
    token: link.searchParams.get('token') ?? link.hash.replace(/^#(token=)?/, ''),
    email: 'first@example.com',
  });
  const tokenFor = async (actions: string[]): Promise<string> => {
    const { body } = await ask('POST', '/tokens', { name: 'CI', actions, days: 1 }, first.secret);
    return (body as { token: string }).token;
  };
  token = await tokenFor(['leak.report']);
  weak = await tokenFor(['leak.read']);
}, 120_000);
afterAll(async () => {
  await Promise.all([drawbridge?.remove(), openai?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=made up', '-c', 'user.email=made.up@example.com'];
  const done = spawnSync('git', [...identity, '-C', join(folder, 'shop'), ...args]);
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.toString('utf8').trim();
}
function write(path: string, text: string): void {
  mkdirSync(join(folder, 'shop', path, '..'), { recursive: true });
  writeFileSync(join(folder, 'shop', path), text);
}

function scan(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number | null; err: string; out: string }> {
  const child = spawn(process.execPath, [cli, 'scan', '--secrets-only', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  const done = { code: null as number | null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    done.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    done.err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...done, code })));
}

const ask = () =>
  new OpenAI({ apiKey: key.key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 }).chat.completions
    .create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] })
    .then(
      () => 'answered',
      (error: { status?: number; code?: string }) => `${error.status} ${error.code}`,
    );

interface Leak {
  id: string;
  kind: string;
  state: string;
  owner: string | null;
  of: { id: string; name: string } | null;
  since: { commit: string; at: string } | null;
  detector: string;
}
interface Place {
  path: string;
  history: boolean;
  line: number;
  since: { commit: string } | null;
}
const leaks = (query = 'all') =>
  drawbridge.call<{ items: Leak[] }>('GET', `/leaks?state=${query}`).then(({ items }) => items);
const placesOf = (leak: Leak | undefined) =>
  drawbridge
    .call<{ items: Place[] }>('GET', `/leaks/${leak?.id}/places`)
    .then(({ items }) => items.sort((a, b) => (a.path < b.path ? -1 : 1)));

test('a key in a repository is found, told by its place, revoked, and refused by the gateway', async () => {
  await expect.poll(ask).toBe('answered');
  mkdirSync(join(folder, 'shop'));
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', 'https://made-up:made-up@git.example.com/acme/shop.git');
  write('old.env', `# deploy\nGITHUB=${gone}\n`);
  git('add', '.');
  git('commit', '-qm', 'one');
  const first = git('rev-parse', 'HEAD');
  write('old.env', `# deploy, again\nGITHUB=${gone}\n`);
  git('commit', '-qam', 'two');
  write('old.env', 'GITHUB=\n');
  write('config/app.env', `DRAWBRIDGE_KEY=${key.key}\n`);
  git('add', '.');
  git('commit', '-qm', `three: now with OPENAI=${credential}`);
  const third = git('rev-parse', 'HEAD');
  const body = Buffer.from(`{"registry": "${inBody}"}`).toString('base64');
  write('trace.har', JSON.stringify({ content: { size: 9, text: body, encoding: 'base64' } }));

  const done = await scan({ DRAWBRIDGE_TOKEN: token }, '--report', drawbridge.apiUrl, 'shop');
  expect(done.err).toMatch(
    /Reported as run 1: 4 places of secrets, 4 new, 0 gone\. 1 virtual key was revoked/,
  );
  expect(done.code).toBe(1);
  await expect.poll(ask, { timeout: 5_000 }).toBe('401 key_unknown');

  const all = await leaks();
  expect(all.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
    'credential open',
    'unknown open',
    'unknown open',
    'virtual_key revoked',
  ]);
  const of = (kind: string, detector = '') =>
    all.find((leak) => leak.kind === kind && leak.detector.startsWith(detector));
  expect(of('virtual_key')).toMatchObject({ of: { id: key.id }, owner: 'made-up team' });
  expect(await placesOf(of('virtual_key'))).toMatchObject([
    { path: 'config/app.env', history: false, line: 1, since: { commit: third } },
  ]);
  expect(of('credential')).toMatchObject({ of: { name: 'ai' }, since: { commit: third } });
  expect(await placesOf(of('credential'))).toMatchObject([{ path: '(commit message)', history: true }]);
  // Two versions of the file had it: one place, since the first.
  expect(await placesOf(of('unknown', 'github'))).toMatchObject([
    { path: 'old.env', history: true, line: 2, since: { commit: first } },
  ]);
  expect(await placesOf(of('unknown', 'npm'))).toMatchObject([{ path: 'trace.har', since: null }]);
  const { items: runs } = await drawbridge.call<{ items: object[] }>('GET', '/scan-runs');
  expect(runs).toMatchObject([
    { source: 'git.example.com/acme/shop', commit: third, state: 'ended', whole: true, revoked: 1 },
  ]);
  for (const secret of [key.key, credential, gone, inBody, 'made-up:made-up'])
    expect(JSON.stringify([all, runs, done]) + drawbridge.logged()).not.toContain(secret);
}, 60_000);

test('the same again tells nothing new; what was taken out is gone', async () => {
  rmSync(join(folder, 'shop/trace.har'));
  const file = join(folder, 'token');
  writeFileSync(file, `${token}\n`);
  const again = await scan({}, '--report', drawbridge.apiUrl, '--token-file', file, 'shop');
  expect(again.err).toContain('Reported as run 2: 3 places of secrets, 0 new, 1 gone.');
  // Of a part, nothing counts as gone.
  const part = await scan({}, '--report', drawbridge.apiUrl, '--token-file', file, '--no-history', 'shop');
  expect(part.err).toContain('Reported as run 3: 1 place of secrets, 0 new, 0 gone.');
}, 60_000);

test('a report that can not be given is said, with code 2, and what was asked for is not done by halves', async () => {
  const refused = await scan({ DRAWBRIDGE_TOKEN: weak }, '--report', drawbridge.apiUrl, 'shop');
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('refused the report')]);
  expect(refused.err).toMatch(/leak\.report|may not/);
  const elsewhere = createServer((_, response) => {
    response.writeHead(302, { location: `${drawbridge.apiUrl}/api/v1/scan-runs` }).end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', () => resolve()));
  const port = (elsewhere.address() as AddressInfo).port;
  // A token is for one address.
  const led = await scan({ DRAWBRIDGE_TOKEN: token }, '--report', `http://127.0.0.1:${port}`, 'shop');
  expect([led.code, led.err]).toEqual([2, expect.stringContaining('does not answer')]);
  const two = await scan({ DRAWBRIDGE_TOKEN: token }, '--report', drawbridge.apiUrl, 'shop', '.');
  expect([two.code, two.err]).toEqual([2, expect.stringContaining('one path')]);
  elsewhere.close();
}, 60_000);
