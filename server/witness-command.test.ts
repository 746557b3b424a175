import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  consistencyProof,
  Frontier,
  formatAddCheckpoint,
  formatVerifierKey,
  generateKey,
  leafHash,
  logSigner,
  type Node,
  signCheckpoint,
} from '@drawbridge/tlog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WitnessFlags, witnessCommand } from './commands/witness.ts';

/** `drawbridge witness` as a partner runs it. All data is made up. */
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const ORIGIN = 'log.example/made-up';
const key = generateKey(ORIGIN, Buffer.alloc(32, 1));

let folder = '';
const children = new Set<ReturnType<typeof spawn>>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-witness-command-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function launch(...more: string[]) {
  const child = spawn(process.execPath, [cli, 'witness', '--port', '0', ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)),
    },
  });
  children.add(child);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const closed = once(child, 'close').then(([code]) => {
    children.delete(child);
    return code as number | null;
  });
  return { child, closed, said: () => err };
}

const flags = () => [
  ...['--key', join(folder, 'keys', 'witness.json'), '--dir', join(folder, 'memory')],
  ...['--log', formatVerifierKey(key), '--name', 'witness.example/w1', '--json'],
];

async function start() {
  const { child, closed, said } = launch(...flags());
  const lines = createInterface({ input: child.stdout });
  const first = once(lines, 'line').then(([line]) => line as string);
  const line = await Promise.race([first, closed.then(() => null)]);
  if (line === null) throw new Error(said());
  return { child, closed, ...(JSON.parse(line) as { url: string; verifierKey: string; logs: string[] }) };
}

/** Two histories that part after 4 entries. */
const histories = ['one', 'other'].map((name) => {
  const hashes = new Map<string, Buffer>();
  const tree = Frontier.empty();
  const roots = [tree.root()];
  for (let at = 0; at < 400; at++) {
    const entry = Buffer.from(`made-up entry ${at}${at < 4 ? '' : ` of ${name}`}`);
    tree.append(leafHash(entry), (level, index, hash) => hashes.set(`${level}/${index}`, hash));
    roots.push(tree.root());
  }
  const read = async (wanted: readonly Node[]) =>
    wanted.map(({ level, index }) => hashes.get(`${level}/${index}`) ?? expect.fail('no such subtree'));
  return async (old: number, size: number) => {
    const checkpoint = { origin: ORIGIN, size, root: roots[size] ?? expect.fail(), extensions: [] };
    const signed = await signCheckpoint(checkpoint, [logSigner(key)]);
    return formatAddCheckpoint({ old, proof: await consistencyProof(read, old, size), checkpoint: signed });
  };
});
const [one, other] = histories;
if (one === undefined || other === undefined) throw new Error('no histories');

async function add(url: string, body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: answer.status, text: await answer.text() };
}

describe('drawbridge witness', () => {
  test('killed at any moment, forgets nothing that it has cosigned and cosigns no second history', async () => {
    const { verifierKey, logs, ...first } = await start();
    expect(logs).toEqual([ORIGIN]);
    expect(verifierKey).toMatch(/^witness\.example\/w1\+/);
    let url = first.url;
    let running: { child: typeof first.child; closed: typeof first.closed } = first;
    expect((await add(url, await one(0, 5))).status).toBe(200);
    let vouched = 5;
    for (let round = 0; round < 2; round++) {
      const end = vouched + 20 + round * 13;
      // While it is being asked one tree after another.
      for (let asked = vouched; ; asked++) {
        if (asked === end) running.child.kill('SIGKILL');
        const answer = await add(url, await one(asked, asked + 1)).catch(() => null);
        if (answer === null) break;
        expect(answer.status).toBe(200);
        vouched = asked + 1;
      }
      await running.closed;
      const again = await start();
      expect(again.verifierKey).toBe(verifierKey);
      ({ url } = again);
      running = again;
      const { status, text } = await add(url, await other(4, 399));
      expect([status, /^\d+\n$/.test(text)]).toEqual([409, true]);
      // It may have kept one more, of which no one was told.
      expect(Number(text) - vouched).toBeGreaterThanOrEqual(0);
      expect(Number(text) - vouched).toBeLessThanOrEqual(1);
      vouched = Number(text);
      expect((await add(url, await other(vouched, vouched + 1))).status).toBe(422);
      expect((await add(url, await other(vouched, vouched))).status).toBe(409);
    }
    running.child.kill('SIGTERM');
    expect(await running.closed).toBe(0);
  }, 60_000);

  test.each<[string, Partial<WitnessFlags>]>([
    ['--host: 0.0.0.0 is reached from other machines', { host: '0.0.0.0' }],
    ['--host: "a b" is no address', { host: 'a b' }],
    ['--tls-key: certificate and key are given together', { tlsCert: 'x' }],
    ["--tls-cert: /nowhere can't be read", { tlsCert: '/nowhere', tlsKey: '/nowhere' }],
    ['--trusted-proxy: "x" is no address', { trustedProxy: 'x' }],
    ['--log: This is no key', { log: ['x'] }],
  ])('does not start: %s', async (words, change) => {
    const [dir, file] = [join(folder, 'none'), join(folder, 'no-keys', 'witness.json')];
    const given = { key: file, dir, log: [formatVerifierKey(key)], host: '127.0.0.1', ...change };
    await expect(witnessCommand({ port: '0' }, given)).rejects.toThrow(words);
    await expect(stat(dir)).rejects.toThrow('ENOENT');
  });
});
