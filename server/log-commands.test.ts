import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDirectory } from '@drawbridge/gateway';
import {
  addSignatures,
  cosignatureVerifier,
  cosigner,
  DirectoryFiles,
  emptyRoot,
  formatVerifierKey,
  generateKey,
  keyTypes,
  logSigner,
  logVerifier,
  openLog,
  type ProblemCode,
  parseNote,
  signCheckpoint,
  verifyProof,
} from '@drawbridge/tlog';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listLogsCommand } from './commands/list-logs.ts';
import { type ProveFlags, proveEntryCommand } from './commands/prove-entry.ts';
import { showCheckpointCommand } from './commands/show-checkpoint.ts';
import { type VerifyFlags, verifyLogCommand } from './commands/verify-log.ts';
import { exitCodeOf } from './logs/report.ts';
import type { TrustFlags } from './logs/trust.ts';

/** `drawbridge log …` as an auditor calls it: on a copied directory, without deployment or database. Made-up data. */
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const ORIGIN = 'log.example/made-up';
const key = generateKey(ORIGIN, Buffer.alloc(32, 1));
const vkey = formatVerifierKey(key);
const other = generateKey(ORIGIN, Buffer.alloc(32, 9));
const otherKey = formatVerifierKey(other);
const witnesses = [2, 3].map((fill) =>
  generateKey(`witness.example/w${fill}`, Buffer.alloc(32, fill), keyTypes.cosignature),
);
const [w2, w3] = witnesses.map(formatVerifierKey);
if (w2 === undefined || w3 === undefined) throw new Error('no witnesses');
const entry = (index: number) => Buffer.from(`made-up entry ${index}`);
const SIZE = 300;

let folder = '';
let whole = '';
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'drawbridge-log-'));
  whole = join(folder, 'data', 'gateway', 'log');
  await fs.mkdir(whole, { recursive: true });
  const log = await openLog({
    storage: await openDirectory(join(folder, 'data', 'gateway', 'journal')),
    files: new DirectoryFiles(fs, whole),
    origin: ORIGIN,
    signer: logSigner(key),
    clock: { now: Date.now, after: () => () => undefined },
    report: (event) => expect.fail(event.kind),
    // One of the two.
    async cosign({ note }) {
      const { name, keyId, cosign } = cosigner(witnesses[0] ?? expect.fail());
      const signature = await cosign(parseNote(note).text, 1_700_000_000);
      return addSignatures(note, [{ name, keyId, signature }]);
    },
  });
  await Promise.all([...Array(SIZE).keys()].map((index) => log.append(entry(index))));
  await log.close();
});
afterAll(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }));

interface Done {
  code: number | null;
  out: string;
  err: string;
}

/** In a process of its own, as people and scripts call it. */
function run(...args: string[]): Promise<Done> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)),
    },
  });
  const done: Done = { code: null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    done.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    done.err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...done, code })));
}

/** Here. What it rejects with is told as `err`, with `code` null. */
async function call(command: () => Promise<void>): Promise<Done> {
  const done: Done = { code: 0, out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    done.out += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    done.err += String(text);
    return true;
  });
  try {
    await command();
    done.code = Number(process.exitCode ?? 0);
  } catch (cause) {
    done.code = null;
    done.err += cause instanceof Error ? cause.message : String(cause);
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = undefined;
  }
  return done;
}

const verify = (path: string, flags: VerifyFlags) => call(() => verifyLogCommand(path, flags));
const prove = (path: string, index: string, flags: ProveFlags = {}) =>
  call(() => proveEntryCommand(path, index, flags));

let copies = 0;
async function copy(): Promise<string> {
  const path = join(folder, `copy-${copies++}`);
  await fs.cp(whole, path, { recursive: true });
  return path;
}

describe('log verify', () => {
  test('says what was checked, and what it can not know', async () => {
    const plain = await verify(whole, { vkey });
    expect(plain.code).toBe(0);
    expect(plain.out).toContain(`${whole} is in order: every byte was accounted for.`);
    expect(plain.out).toMatch(/Checked {5}300 entries in 2 bundles, 3 tiles, 6 files; \d+ bytes read/);
    expect(plain.out).toMatch(/Not known {3}Whether all that happened was logged/);
    expect(plain.out).toContain('no witness was asked for');
    const json = await verify(whole, { vkey, witness: [w2, w3], quorum: '1', json: true });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({
      ok: true,
      checkpoint: {
        origin: ORIGIN,
        size: SIZE,
        cosignatures: [{ name: 'witness.example/w2', time: '2023-11-14T22:13:20Z' }],
      },
      checked: { entries: SIZE, files: 6 },
    });
  });

  test('refuses another key, a missing witness, a turned bit, a file too many', async () => {
    const [bent, more] = [await copy(), await copy()];
    const bundle = join(bent, 'tile/entries/000');
    const bytes = await fs.readFile(bundle);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await fs.writeFile(bundle, bytes);
    await fs.writeFile(join(more, 'tile', 'readme\u001b[2J.txt'), 'x');
    const other = await verify(whole, { vkey: otherKey });
    const missing = await verify(whole, { vkey, witness: [w2, w3] });
    const changed = await verify(bent, { vkey });
    const surplus = await verify(more, { vkey });
    expect([other.code, missing.code, changed.code, surplus.code]).toEqual([1, 1, 1, 1]);
    expect(other.out).toContain('Problem     unsigned');
    expect(missing.out).toContain('Problem     no_quorum');
    expect(changed.out).toMatch(/Problem {5}wrong_tile: tile\/0\/000 .*wrong_root/s);
    expect(surplus.out).toContain('Problem     unknown_file: tile/readme\\u{1b}[2J.txt');
    expect(surplus.out).toContain('does NOT verify: 1 problem.');
  });

  test('lets entries be gone that the stated policy lets go, and says how many', async () => {
    const pruned = await copy();
    await fs.rm(join(pruned, 'tile/entries/000'));
    await fs.writeFile(join(pruned, 'pruned'), 'minimum index 256\nMade up: kept for 183 days.\n');
    expect((await verify(pruned, { vkey })).out).toContain(
      'Problem     missing: tile/entries/000 is not there',
    );
    const told = await verify(pruned, { vkey, minimumIndex: '256' });
    expect(told.code).toBe(0);
    expect(told.out).toContain('unsigned: below 256: Made up: kept for 183 days.');
    expect(told.out).toMatch(
      /Not known {3}What 256 entries below 256 said: they are pruned and were not looked at/,
    );
  });

  test.each<[string, VerifyFlags]>([
    ['--minimum-index: "-1" is no number of entries', { vkey, minimumIndex: '-1' }],
    ['--vkey: ', { vkey: 'x' }],
    ['one of a witness', { vkey: w2 }],
    ['--quorum: ', { vkey, witness: [w2], quorum: '2' }],
    ['--quorum: ', { vkey, witness: [w2], quorum: '-1' }],
    ['--witness: one key is given twice', { vkey, witness: [w2, w2] }],
    ['--vkey: --witness is given', { witness: [w2] }],
  ])('names the flag that is wrong: %s', async (words, flags) => {
    const { code, out, err } = await verify(whole, flags);
    expect([code, out]).toEqual([null, '']);
    expect(err).toContain(words);
  });

  test('with checkpoints of before, says of each whether the log still begins with it', async () => {
    const [theirs, none, long] = ['theirs', 'none', 'long'].map((name) => join(folder, name));
    const tree = { origin: ORIGIN, size: 0, root: emptyRoot, extensions: [] };
    await fs.writeFile(theirs ?? '', await signCheckpoint(tree, [logSigner(other)]));
    await fs.writeFile(none ?? '', 'no note');
    await fs.writeFile(long ?? '', Buffer.alloc(1_000_001, 'x'));
    const own = join(whole, 'checkpoint');
    const good = await verify(whole, { vkey, witness: [w3], quorum: '0', earlier: [own, own], json: true });
    expect(good.code).toBe(0);
    const compared = { file: own, size: SIZE, isBeginning: true };
    expect(JSON.parse(good.out)).toMatchObject({ ok: true, earlier: [compared, compared] });
    const bad = await verify(whole, { vkey, earlier: [theirs ?? '', own, none ?? ''] });
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/Earlier {5}.*checkpoint: still begins with its 300 entries/);
    expect(bad.out).toMatch(/unsigned: .*theirs: .*bad_note: .*none: /s);
    for (const file of [long ?? '', join(folder, 'nowhere')])
      expect(await verify(whole, { vkey, earlier: [file] })).toMatchObject({ code: null, out: '' });
  });

  test('also over HTTP, where files that no checkpoint speaks of can not be seen; 2 when nothing answers', async () => {
    const server = createServer((request, response) => {
      fs.readFile(join(whole, request.url?.replace('/log/', '') ?? '')).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/log`;
    const served = await verify(url, { vkey });
    expect(served.code).toBe(0);
    expect(served.out).toMatch(/Checked {5}300 entries in 2 bundles, 3 tiles, unknown files/);
    expect(served.out).toContain('Not known   Whether there are other files');
    expect((await prove(url, '7', { vkey })).out).toBe((await prove(whole, '7', { vkey })).out);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const gone = await verify(url, { vkey });
    expect(gone.code).toBe(2);
    expect(gone.out).toContain('could not be checked: 1 problem.');
    expect(gone.out).toContain('unreadable: checkpoint could not be fetched: ');
  });

  test.each<[0 | 1 | 2, ProblemCode[], number]>([
    [0, [], 0],
    [1, ['wrong_root'], 0],
    [1, ['unreadable', 'missing'], 0],
    [1, ['unreadable'], 1],
    [2, ['unreadable', 'gave_up'], 0],
  ])('ends with %i for %j and %i more', (code, codes, more) => {
    const problems = codes.map((each) => ({ code: each, path: null, message: '' }));
    const checked = { entries: 0, bundles: 0, tiles: 0, bytes: 0, files: null };
    const ok = codes.length === 0;
    expect(
      exitCodeOf({ ok, problems, more, checked, checkpoint: null, pruned: 0, stated: null, unknown: [] }),
    ).toBe(code);
  });

  test('as a command ends with 0, with 1 when it does not verify, with 2 when it was asked wrongly', async () => {
    const done = await Promise.all([
      run(
        'log',
        'verify',
        whole,
        '--vkey',
        vkey,
        '--minimum-index',
        '256',
        '--witness',
        w2,
        '--witness',
        w3,
        '--quorum',
        '1',
      ),
      run('log', 'verify', whole, '--vkey', otherKey),
      run('log', 'verify', join(folder, 'nowhere'), '--vkey', vkey),
      run('log', 'verify', whole),
      run('log', 'verify', whole, '--vkey', vkey, '--earlier', join(folder, 'nowhere')),
    ]);
    expect(done.map(({ code }) => code)).toEqual([0, 1, 2, 2, 2]);
    expect(done[4]?.err).toMatch(/--earlier: .*nowhere can't be read/);
    expect(done[2]?.err).toContain("nowhere can't be read as a directory (ENOENT)");
    expect(done[3]?.err).toContain("option '--vkey");
  });
});

describe('without a key', () => {
  test('log fsck says whether all fits together, and that it may be anyone’s', async () => {
    const cut = await copy();
    await fs.truncate(join(cut, 'tile/entries/001.p/44'), 20);
    const none = join(folder, 'empty');
    await fs.mkdir(none);
    const good = await verify(whole, {});
    const bad = await verify(cut, {});
    const empty = await verify(none, { json: true });
    expect([good.code, bad.code, empty.code]).toEqual([0, 1, 1]);
    expect(good.out).toMatch(/Not known {3}Whose log it is: no key was given/);
    expect(bad.out).toContain('bad_bundle');
    expect(JSON.parse(empty.out)).toMatchObject({ ok: false, problems: [{ code: 'missing' }] });
    expect((await verify(join(whole, 'checkpoint'), {})).err).toContain('ENOTDIR');
  });

  test('log checkpoint prints the note as it lies there, and says that nothing vouches for it', async () => {
    const show = (flags: TrustFlags & { json?: boolean }) => call(() => showCheckpointCommand(whole, flags));
    const bare = await show({});
    const note = await fs.readFile(join(whole, 'checkpoint'), 'utf8');
    expect([bare.code, bare.out]).toEqual([0, note]);
    expect(bare.err).toContain('No signature was checked');
    const known = await show({ vkey, witness: [w2], json: true });
    expect(known.code).toBe(0);
    expect(JSON.parse(known.out)).toMatchObject({ origin: ORIGIN, size: SIZE, isVerified: true, note });
    expect(await show({ vkey: otherKey })).toMatchObject({ code: null, out: '' });
  });

  test('log list finds the logs below the data directory', async () => {
    const list = (data: string, json = false) =>
      call(() => listLogsCommand({ data: join(folder, data) }, { json }));
    const plain = await list('data');
    expect(plain.code).toBe(0);
    expect(plain.out).toMatch(/^gateway\/log\n {2}log\.example\/made-up, 300 entries, .* 2 signatures\n$/);
    expect(JSON.parse((await list('data', true)).out)).toMatchObject({
      logs: [{ path: whole, checkpoint: { origin: ORIGIN, size: SIZE }, problem: null }],
      unread: 0,
    });
    expect((await list('nowhere')).err).toContain('ENOENT');
  });
});

describe('log prove', () => {
  const trust = { origin: ORIGIN, log: logVerifier(key), witnesses: [cosignatureVerifier(w2)] };

  test('writes a proof that anyone can verify with the log’s key, and the entry it is for', async () => {
    const first = await prove(whole, '0');
    expect(first.code).toBe(0);
    expect(verifyProof(first.out, { ...trust, entry: entry(0) }).index).toBe(0);
    expect(first.err).toContain('No signature was checked');
    const [proof, file] = [join(folder, 'p.tlog-proof'), join(folder, 'entry')];
    const last = await prove(whole, '299', { vkey, out: proof, entry: file });
    expect([last.code, last.out]).toEqual([0, '']);
    expect(last.err).not.toContain('No signature was checked');
    expect(await fs.readFile(file)).toEqual(entry(299));
    const text = await fs.readFile(proof, 'utf8');
    expect(verifyProof(text, { ...trust, entry: entry(299) }).index).toBe(299);
  });

  test('proves nothing that is not there, or not signed', async () => {
    const bent = await copy();
    const tile = join(bent, 'tile/0/000');
    const bytes = await fs.readFile(tile);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await fs.writeFile(tile, bytes);
    for (const [path, index, flags, words] of [
      [whole, '300', {}, 'There is no entry 300'],
      [bent, '7', {}, 'tile/0/000 is not the tile that the log has signed'],
      [whole, '-1', {}, '<index>: '],
      [whole, '1e2', {}, '<index>: '],
      [whole, '0', { vkey: otherKey }, 'not signed by the log’s key'],
    ] as const) {
      const { code, out, err } = await prove(path, index, flags);
      expect([code, out]).toEqual([null, '']);
      expect(err).toContain(words);
    }
  });
});
