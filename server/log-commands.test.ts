import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDirectory } from '@drawbridge/gateway';
import {
  addSignatures,
  cosignatureVerifier,
  cosigner,
  DirectoryFiles,
  formatVerifierKey,
  generateKey,
  keyTypes,
  logSigner,
  logVerifier,
  openLog,
  parseNote,
  verifyProof,
} from '@drawbridge/tlog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** `drawbridge log …` as an auditor calls it: on a copied directory, without deployment or database. Made-up data. */
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const ORIGIN = 'log.example/made-up';
const key = generateKey(ORIGIN, Buffer.alloc(32, 1));
const vkey = formatVerifierKey(key);
const otherKey = formatVerifierKey(generateKey(ORIGIN, Buffer.alloc(32, 9)));
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
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

interface Done {
  code: number | null;
  out: string;
  err: string;
}

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

let copies = 0;
async function copy(): Promise<string> {
  const path = join(folder, `copy-${copies++}`);
  await fs.cp(whole, path, { recursive: true });
  return path;
}

describe('log verify', () => {
  test('ends with 0 when every byte is accounted for, and says what was checked and what it can not know', async () => {
    const [plain, json] = await Promise.all([
      run('log', 'verify', whole, '--vkey', vkey),
      run(
        'log',
        'verify',
        whole,
        '--vkey',
        vkey,
        '--witness',
        w2,
        '--witness',
        w3,
        '--quorum',
        '1',
        '--json',
      ),
    ]);
    expect(plain.code).toBe(0);
    expect(plain.out).toContain(`${whole} is in order: every byte was accounted for.`);
    expect(plain.out).toMatch(/Checked {5}300 entries in 2 bundles, 3 tiles, 6 files; \d+ bytes read/);
    expect(plain.out).toMatch(/Not known {3}Whether all that happened was logged/);
    expect(plain.out).toContain('no witness was asked for');
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

  test('ends with 1 when the key is another, a witness is missing, a bit is turned, or a file is too many', async () => {
    const [bent, more] = [await copy(), await copy()];
    const bundle = join(bent, 'tile/entries/000');
    const bytes = await fs.readFile(bundle);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await fs.writeFile(bundle, bytes);
    await fs.writeFile(join(more, 'tile', 'readme\u001b[2J.txt'), 'x');
    const [key, missing, changed, surplus] = await Promise.all([
      run('log', 'verify', whole, '--vkey', otherKey),
      run('log', 'verify', whole, '--vkey', vkey, '--witness', w2, '--witness', w3),
      run('log', 'verify', bent, '--vkey', vkey),
      run('log', 'verify', more, '--vkey', vkey),
    ]);
    expect([key.code, missing.code, changed.code, surplus.code]).toEqual([1, 1, 1, 1]);
    expect(key.out).toContain('Problem     unsigned');
    expect(missing.out).toContain('Problem     no_quorum');
    expect(changed.out).toMatch(/Problem {5}wrong_tile: tile\/0\/000 .*\n.*\n? *.*wrong_root/s);
    expect(surplus.out).toContain('Problem     unknown_file: tile/readme\\u{1b}[2J.txt');
    expect(surplus.out).toContain('does NOT verify: 1 problem.');
  });

  test('ends with 2 when it was asked wrongly, or there is nothing to look into', async () => {
    const asked = await Promise.all([
      run('log', 'verify', whole),
      run('log', 'verify', whole, '--vkey', 'x'),
      run('log', 'verify', whole, '--vkey', w2),
      run('log', 'verify', whole, '--vkey', vkey, '--witness', w2, '--quorum', '2'),
      run('log', 'verify', join(folder, 'nowhere'), '--vkey', vkey),
      run('log', 'verify', join(whole, 'checkpoint'), '--vkey', vkey),
    ]);
    expect(asked.map(({ code, out }) => [code, out])).toEqual(Array(6).fill([2, '']));
    const said = ["option '--vkey", '--vkey: ', 'one of a witness', '--quorum: ', 'ENOENT', 'ENOTDIR'];
    for (const [at, words] of said.entries()) expect(asked[at]?.err).toContain(words);
  });
});

describe('without a key', () => {
  test('log fsck says whether all fits together, and that it may be anyone’s', async () => {
    const cut = await copy();
    await fs.truncate(join(cut, 'tile/entries/001.p/44'), 20);
    const none = join(folder, 'empty');
    await fs.mkdir(none);
    const [good, bad, empty] = await Promise.all([
      run('log', 'fsck', whole),
      run('log', 'fsck', cut),
      run('log', 'fsck', none, '--json'),
    ]);
    expect([good.code, bad.code, empty.code]).toEqual([0, 1, 1]);
    expect(good.out).toMatch(/Not known {3}Whose log it is: no key was given/);
    expect(bad.out).toContain('bad_bundle');
    expect(JSON.parse(empty.out)).toMatchObject({ ok: false, problems: [{ code: 'missing' }] });
  });

  test('log checkpoint prints the note as it lies there, and says that nothing vouches for it', async () => {
    const [bare, known] = await Promise.all([
      run('log', 'checkpoint', whole),
      run('log', 'checkpoint', whole, '--vkey', vkey, '--witness', w2, '--json'),
    ]);
    expect([bare.code, known.code]).toEqual([0, 0]);
    const note = await fs.readFile(join(whole, 'checkpoint'), 'utf8');
    expect(bare.out).toBe(note);
    expect(bare.err).toContain('No signature was checked');
    expect(JSON.parse(known.out)).toMatchObject({ origin: ORIGIN, size: SIZE, isVerified: true, note });
    expect((await run('log', 'checkpoint', whole, '--vkey', otherKey)).code).toBe(1);
  });

  test('log list finds the logs below the data directory', async () => {
    const data = ['--data', join(folder, 'data')];
    const [list, json, nothing] = await Promise.all([
      run(...data, 'log', 'list'),
      run(...data, 'log', 'list', '--json'),
      run('--data', join(folder, 'nowhere'), 'log', 'list'),
    ]);
    expect([list.code, json.code, nothing.code]).toEqual([0, 0, 2]);
    expect(list.out).toMatch(/^gateway\/log\n {2}log\.example\/made-up, 300 entries, .* 2 signatures\n$/);
    expect(JSON.parse(json.out)).toMatchObject({
      logs: [{ path: whole, checkpoint: { origin: ORIGIN, size: SIZE }, problem: null }],
      unread: 0,
    });
  });
});

describe('log prove', () => {
  test('writes a proof that anyone can verify with the log’s key, and the entry it is for', async () => {
    const [proof, file] = [join(folder, 'p.tlog-proof'), join(folder, 'entry')];
    const [first, last] = await Promise.all([
      run('log', 'prove', whole, '0'),
      run('log', 'prove', whole, '299', '--vkey', vkey, '--out', proof, '--entry', file),
    ]);
    expect([first.code, last.code, last.out]).toEqual([0, 0, '']);
    const trust = {
      origin: ORIGIN,
      log: logVerifier(key),
      witnesses: [cosignatureVerifier(w2)],
    };
    expect(verifyProof(first.out, { ...trust, entry: entry(0) }).index).toBe(0);
    expect(await fs.readFile(file)).toEqual(entry(299));
    const text = await fs.readFile(proof, 'utf8');
    expect(verifyProof(text, { ...trust, entry: entry(299) }).index).toBe(299);
    expect(first.err).toContain('No signature was checked');
    expect(last.err).not.toContain('No signature was checked');
  });

  test('proves nothing that is not there, or not signed', async () => {
    const bent = await copy();
    const tile = join(bent, 'tile/0/000');
    const bytes = await fs.readFile(tile);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await fs.writeFile(tile, bytes);
    const asked = await Promise.all([
      run('log', 'prove', whole, '300'),
      run('log', 'prove', bent, '7'),
      run('log', 'prove', whole, '-- 1'),
      run('log', 'prove', whole, '1e2'),
      run('log', 'prove', whole, '0', '--witness', w2),
    ]);
    expect(asked.map(({ code, out }) => [code, out])).toEqual([1, 1, 2, 2, 2].map((code) => [code, '']));
    expect(asked[0]?.err).toContain('There is no entry 300');
    expect(asked[1]?.err).toContain('tile/0/000 is not the tile that the log has signed');
  });
});
