import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLoopbackHost, readAddresses } from '@drawbridge/gateway/settings';
import {
  askWitnesses,
  consistencyProof,
  cosignatureVerifier,
  Frontier,
  formatAddCheckpoint,
  formatVerifierKey,
  generateKey,
  leafHash,
  logSigner,
  logVerifier,
  type Node,
  openCheckpoint,
  postWith,
  signCheckpoint,
} from '@drawbridge/tlog';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningWitness, startWitness, type WitnessSettings } from './index.ts';

/** A witness over real HTTP. All data is made up. */
const ORIGIN = 'log.example/made-up';
const key = generateKey(ORIGIN, Buffer.alloc(32, 1));

function madeUpLog(size: number, rewritten = -1) {
  const hashes = new Map<string, Buffer>();
  const tree = Frontier.empty();
  const roots = [tree.root()];
  for (let at = 0; at < size; at++) {
    const entry = Buffer.from(`made-up entry ${at}${at === rewritten ? ', rewritten' : ''}`);
    tree.append(leafHash(entry), (level, index, hash) => hashes.set(`${level}/${index}`, hash));
    roots.push(tree.root());
  }
  const prove = (old: number, of: number) =>
    consistencyProof(
      async (wanted: readonly Node[]) =>
        wanted.map(({ level, index }) => hashes.get(`${level}/${index}`) ?? expect.fail('no such subtree')),
      old,
      of,
    );
  const checkpoint = (of: number, signer = key) =>
    signCheckpoint({ origin: ORIGIN, size: of, root: roots[of] ?? expect.fail(), extensions: [] }, [
      logSigner(signer),
    ]);
  const request = async (old: number, of: number) =>
    formatAddCheckpoint({ old, proof: await prove(old, of), checkpoint: await checkpoint(of) });
  return { prove, checkpoint, request };
}

const log = madeUpLog(50);
const clock = {
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

let folder = '';
let running: RunningWitness[] = [];
let lines: { level: number; event: string; status?: number }[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-witness-'));
  lines = [];
});
afterEach(async () => {
  await Promise.all(running.map((witness) => witness.stop()));
  running = [];
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(change: Partial<WitnessSettings> = {}): Promise<RunningWitness> {
  const witness = await startWitness({
    keyFile: join(folder, 'keys', 'witness.json'),
    name: 'witness.example/w1',
    logs: [logVerifier(key)],
    directory: join(folder, 'memory'),
    host: '127.0.0.1',
    port: 0,
    tls: null,
    trustedProxies: null,
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    ...change,
  });
  running.push(witness);
  return witness;
}

async function stop(witness: RunningWitness): Promise<void> {
  await witness.stop();
  running = running.filter((other) => other !== witness);
}

async function add(witness: RunningWitness, body: string | Buffer) {
  const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

describe('a witness over HTTP', () => {
  it('cosigns for a log that asks it as logs do', async () => {
    const witness = await start();
    const verifier = cosignatureVerifier(witness.verifierKey);
    const asked = async (of: ReturnType<typeof madeUpLog>, size: number) =>
      askWitnesses({
        note: await of.checkpoint(size),
        prove: of.prove,
        witnesses: [{ verifier, url: witness.url }],
        quorum: 1,
        post: postWith(fetch),
        clock,
      });
    for (const size of [3, 20, 50]) {
      const { note, isEnough } = await asked(log, size);
      expect(isEnough).toBe(true);
      const { cosignatures } = openCheckpoint(note, {
        origin: ORIGIN,
        log: logVerifier(key),
        witnesses: [verifier],
      });
      expect(cosignatures[0]?.time).toBeGreaterThan(Date.now() / 1000 - 60);
    }
    expect((await asked(log, 20)).witnesses).toMatchObject([{ kind: 'ahead', size: 50 }]);
  });

  it('refuses a history that was rewritten and signed with the log’s own key, also after a restart, and says so in its log', async () => {
    const witness = await start();
    expect((await add(witness, await log.request(0, 20))).status).toBe(200);
    const rewritten = madeUpLog(50, 3);
    expect((await add(witness, await rewritten.request(20, 50))).status).toBe(422);
    await stop(witness);
    const again = await start();
    expect(again.verifierKey).toBe(witness.verifierKey);
    expect((await add(again, await rewritten.request(20, 50))).status).toBe(422);
    expect((await add(again, await rewritten.request(20, 20))).status).toBe(409);
    expect(await add(again, await rewritten.request(0, 50))).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      text: '20\n',
    });
    const warned = lines.filter(({ level }) => level === 40).map(({ status }) => status);
    expect(warned).toEqual([422, 422, 409]);
    expect((await add(again, await log.request(20, 50))).status).toBe(200);
  });

  it('answers what is no such request with the codes of the protocol', async () => {
    const witness = await start();
    const other = generateKey(ORIGIN, Buffer.alloc(32, 9));
    const foreign = generateKey('other.example/log', Buffer.alloc(32, 1));
    const checkpoint = { size: 1, root: Buffer.alloc(32), extensions: [] };
    const of = async (origin: string, signer: typeof key) =>
      formatAddCheckpoint({
        old: 0,
        proof: [],
        checkpoint: await signCheckpoint({ ...checkpoint, origin }, [logSigner(signer)]),
      });
    expect((await add(witness, await of('other.example/log', foreign))).status).toBe(404);
    expect((await add(witness, await of(ORIGIN, other))).status).toBe(403);
    expect((await add(witness, 'old 0')).status).toBe(400);
    expect((await add(witness, Buffer.alloc(10, 0xff))).status).toBe(400);
    expect((await fetch(witness.url)).status).toBe(404);
    const got = await fetch(`${witness.url}/add-checkpoint?x`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    await stop(witness);
    expect((await readdir(join(folder, 'memory'))).filter((name) => name.startsWith('tree-'))).toEqual([]);
  });

  it('cosigns for one of many that ask at once', async () => {
    const witness = await start();
    await add(witness, await log.request(0, 4));
    const trees = [...Array(10).keys()].map((at) => madeUpLog(30, 10 + at));
    const requests = await Promise.all(trees.map((tree) => tree.request(4, 30)));
    const answers = await Promise.all(requests.map((request) => add(witness, request)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });

  it('takes the old key and the new one while a log changes keys', async () => {
    const next = generateKey(ORIGIN, Buffer.alloc(32, 9));
    const witness = await start({ logs: [logVerifier(key), logVerifier(next)] });
    expect((await add(witness, await log.request(0, 4))).status).toBe(200);
    const body = formatAddCheckpoint({
      old: 4,
      proof: await log.prove(4, 9),
      checkpoint: await log.checkpoint(9, next),
    });
    expect((await add(witness, body)).status).toBe(200);
  });
});

describe('a witness that strangers reach', () => {
  it('reads no more than a request can be', async () => {
    const witness = await start();
    expect((await add(witness, Buffer.alloc(1_100_000, 'a'))).status).toBe(413);
    // Without saying how long.
    const { port } = new URL(witness.url);
    const request = httpRequest({ port, path: '/add-checkpoint', method: 'POST' });
    const answered = once(request, 'response');
    request.on('error', () => undefined);
    for (let at = 0; at < 20; at++) request.write(Buffer.alloc(64 * 1024, 'a'));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  it('lets no one keep it waiting', async () => {
    const witness = await start({ limits: { headersMs: 200, requestMs: 400 } });
    const { port } = new URL(witness.url);
    const ended = ['', 'POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold'].map(
      async (begin) => {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined).resume();
        socket.write(begin);
        await once(socket, 'close');
      },
    );
    await Promise.all(ended);
    expect((await add(witness, await log.request(0, 4))).status).toBe(200);
  });

  it('holds no more than so many bytes of all together', async () => {
    const witness = await start({ limits: { heldBytes: 100_000 } });
    const { port } = new URL(witness.url);
    const slow = httpRequest({
      port,
      path: '/add-checkpoint',
      method: 'POST',
      headers: { 'content-length': 90_000 },
    });
    slow.on('error', () => undefined);
    slow.write(Buffer.alloc(80_000, 'a'));
    const large = Buffer.alloc(50_000, 'a');
    await expect.poll(async () => (await add(witness, large)).status).toBe(503);
    expect((await add(witness, await log.request(0, 4))).status).toBe(200);
    slow.destroy();
    await expect.poll(async () => (await add(witness, large)).status).toBe(400);
  });

  it('serves the proxies that are named, and this machine', async () => {
    const trustedProxies = readAddresses('192.0.2.7');
    if ('wrong' in trustedProxies) return expect.fail(trustedProxies.wrong);
    const witness = await start({ trustedProxies });
    expect((await add(witness, await log.request(0, 4))).status).toBe(200);
    expect(isLoopbackHost(new URL(witness.url).hostname)).toBe(true);
  });

  it('says 500 and has cosigned nothing when it can not keep it in mind', async () => {
    const witness = await start();
    expect((await add(witness, await log.request(0, 4))).status).toBe(200);
    await rm(join(folder, 'memory'), { recursive: true, maxRetries: 5 });
    const { status, text } = await add(witness, await log.request(4, 9));
    expect(status).toBe(500);
    expect(text).not.toContain(folder);
    running = [];
  });
});

describe('key and memory of a witness', () => {
  const keyFile = () => join(folder, 'keys', 'witness.json');

  it('are made at the first start, the key for its owner alone', async () => {
    const witness = await start();
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(witness.verifierKey).toMatch(/^witness\.example\/w1\+[0-9a-f]{8}\+/);
    await stop(witness);
    await chmod(keyFile(), 0o644);
    await expect(start()).rejects.toMatchObject({ code: 'permissions' });
  });

  it('are one writer’s', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'in_use' });
  });

  it('do not go without each other', async () => {
    const witness = await start();
    await add(witness, await log.request(0, 4));
    await stop(witness);
    const saved = await readFile(keyFile());
    // A key that has cosigned, and an empty directory: it would cosign anything anew.
    await expect(start({ directory: join(folder, 'empty') })).rejects.toMatchObject({ code: 'memory_lost' });
    await rm(keyFile());
    await expect(start()).rejects.toMatchObject({ code: 'key_lost' });
    const second = await start({
      keyFile: join(folder, 'keys', 'second.json'),
      directory: join(folder, 'second'),
    });
    await stop(second);
    await writeFile(keyFile(), saved, { mode: 0o600 });
    await expect(start({ directory: join(folder, 'second') })).rejects.toMatchObject({ code: 'other_key' });
    expect((await start()).verifierKey).toBe(witness.verifierKey);
  });

  it('lie apart', async () => {
    const inside = join(folder, 'memory', 'keys', 'witness.json');
    await expect(start({ keyFile: inside })).rejects.toMatchObject({ variable: '--key' });
  });

  it('wants a name that can be a key’s, and the key of a witness', async () => {
    await expect(start({ name: 'a b' })).rejects.toMatchObject({ variable: '--name' });
    const logKey = { format: 'drawbridge.witness-key/1', key: formatVerifierKey(key) };
    const witness = await start();
    await stop(witness);
    await writeFile(keyFile(), JSON.stringify(logKey));
    await expect(start()).rejects.toMatchObject({ code: 'unreadable' });
  });
});
