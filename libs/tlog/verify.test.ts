import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  bundle,
  checkpoint,
  hashTile,
  leafHash,
  logKey,
  makeLog,
  proofFile,
  put,
  someEntries,
  TestTree,
  tilesOf,
  witnessKey,
} from './interop/maker.ts';
import { type Outcome, spawnVerify, verify } from './interop/run-verify.ts';

const key = logKey('example.test/log', 1);
const auditor = witnessKey('example.test/auditor', 2, 1_700_000_000n);
const partner = witnessKey('example.test/partner', 3, 1_700_000_001n);
const tree = new TestTree(someEntries(600));
const forged = Buffer.from('an entry that was never logged');
/** The tree with one entry replaced. */
const treeWith = (index: number, entry: Buffer): TestTree => new TestTree(tree.entries.with(index, entry));
const entryOf = (index: number): Buffer => tree.entries[index] ?? Buffer.alloc(0);

let folder: string;
let log: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  log = mkdtempSync(join(folder, 'log-'));
});

const check = (...more: string[]): Outcome => verify([log, '--vkey', key.vkey, ...more]);
const wrong = (finding: string): Outcome => ({ status: 1, said: expect.stringContaining(`BAD ${finding}`) });

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('verify.mjs, on a log', () => {
  test.each([0, 1, 2, 255, 256, 257, 512, 600])('of %i entries accounts for every byte', (size) => {
    makeLog(log, tree, size, [key]);
    const { status, said } = spawnVerify([log, '--vkey', key.vkey]);
    expect(status, said).toBe(0);
    expect(said).toContain(`${size} entries with root ${tree.hash(0, size).toString('base64')}`);
    expect(said).toMatch(/\nVERIFIED\n$/);
  });

  test('takes the partial tiles of earlier sizes for what they are', () => {
    for (const size of [5, 255, 257, 300]) {
      for (const [path, bytes] of tilesOf(tree, size)) put(log, path, bytes);
    }
    makeLog(log, tree, 400, [key]);
    expect(check().status).toBe(0);
    put(log, 'tile/entries/001.p/44', bundle(tree.entries.slice(256, 299)));
    expect(check()).toEqual(wrong('tile/entries/001.p/44 is not made of exactly 44 entries'));
    put(log, 'tile/entries/001.p/44', bundle(tree.entries.slice(257, 301)));
    expect(check()).toEqual(wrong('tile/entries/001.p/44 is not how the tile begins'));
    put(log, 'tile/entries/001.p/44', bundle(tree.entries.slice(256, 300)));
    put(log, 'tile/0/001.p/44', hashTile(tree, 0, 256, 299));
    expect(check()).toEqual(wrong('tile/0/001.p/44 is not how the tile begins'));
  });

  test('refuses every flipped bit and every shorter length of every file of a small one', () => {
    const short = logKey('a.test', 1);
    makeLog(log, new TestTree([Buffer.from('one'), Buffer.alloc(0)]), 2, [short]);
    const missed: string[] = [];
    for (const path of ['checkpoint', 'tile/entries/000.p/2', 'tile/0/000.p/2']) {
      const whole = readFileSync(join(log, path));
      const opened = openSync(join(log, path), 'r+');
      const attempt = (bytes: Buffer, harm: string): void => {
        ftruncateSync(opened, bytes.length);
        writeSync(opened, bytes, 0, bytes.length, 0);
        if (verify([log, '--vkey', short.vkey]).status !== 1) missed.push(`${path}, ${harm}`);
      };
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        attempt(bytes, `bit ${bit}`);
      }
      for (let length = 0; length < whole.length; length++)
        attempt(whole.subarray(0, length), `cut at ${length}`);
      attempt(Buffer.concat([whole, Buffer.from([0])]), 'a byte more');
      attempt(whole, 'none');
      expect(missed.splice(0)).toEqual([`${path}, none`]);
      closeSync(opened);
    }
  });

  test('refuses a larger one when any of its files is missing, damaged or another one', () => {
    makeLog(log, tree, 600, [key]);
    const paths = ['checkpoint', ...[...tilesOf(tree, 600)].map(([path]) => path)];
    expect(paths).toHaveLength(8);
    for (const [index, path] of paths.entries()) {
      const place = join(log, path);
      const whole = readFileSync(place);
      const bytes = Buffer.from(whole);
      bytes[bytes.length - 1 - index] = (bytes[bytes.length - 1 - index] ?? 0) ^ 4;
      writeFileSync(place, bytes);
      expect(check().status, `a bit of ${path}`).toBe(1);
      renameSync(place, `${place}-`);
      expect(check(), `no ${path}`).toEqual(wrong(''));
      renameSync(`${place}-`, place);
      writeFileSync(place, whole);
    }
    renameSync(join(log, 'tile/0/000'), join(log, 'tile/0/swap'));
    renameSync(join(log, 'tile/0/001'), join(log, 'tile/0/000'));
    renameSync(join(log, 'tile/0/swap'), join(log, 'tile/0/001'));
    expect(check()).toEqual(wrong('tile/0/000 does not hold the hashes of the entries'));
  });

  test('refuses an entry that was changed together with its hash in the lowest tile', () => {
    makeLog(log, tree, 600, [key]);
    const other = treeWith(256, forged);
    put(log, 'tile/entries/001', bundle(other.entries.slice(256, 512)));
    put(log, 'tile/0/001', hashTile(other, 0, 256, 512));
    const { status, said } = check();
    expect(status).toBe(1);
    expect(said).toContain('BAD checkpoint: the first 600 entries have another root');
    expect(said).toContain('BAD tile/1/000.p/2 does not hold the hashes of the entries');
  });

  test('refuses the checkpoint of another log, key, size or form', () => {
    makeLog(log, tree, 3, [key]);
    const other = logKey('example.test/other', 4);
    const root = tree.hash(0, 3).toString('base64');
    const note = (text: string): string => `${text}\n${key.line(text)}`;
    const refused: [string | Buffer, string][] = [
      [checkpoint(tree, 3, [other]), 'checkpoint is not signed by example.test/log'],
      [checkpoint(tree, 3, [logKey(key.name, 9)]), 'checkpoint is not signed by example.test/log'],
      [note(`${other.name}\n3\n${root}\n`), 'checkpoint is of the log "example.test/other"'],
      [checkpoint(tree, 2, [key]), 'tile/entries/000.p/2 is missing'],
      [checkpoint(tree, 4, [key]), 'tile/entries/000.p/4 is missing'],
      [note(`${key.name}\n3\n${root.slice(0, -2)}1=\n`), 'checkpoint is no checkpoint'],
      [note(`${key.name}\n03\n${root}\n`), 'checkpoint is no checkpoint'],
      [note(`${key.name}\n9007199254740993\n${root}\n`), 'checkpoint is no checkpoint'],
      [note(`${key.name}\n3\n${root}\nmore\n`), 'checkpoint is no checkpoint'],
      [note(`${key.name}\n3\n`), 'checkpoint is no checkpoint'],
      [`${key.name}\n3\n${root}\n`, 'checkpoint is no signed note'],
      [checkpoint(tree, 3, [key]).replaceAll('\n', '\r\n'), 'checkpoint is no signed note'],
      [Buffer.from(checkpoint(tree, 3, [key]), 'latin1'), 'checkpoint'],
      [note(`${key.name}\n3\n${root}\n`) + key.line('x').repeat(100), 'checkpoint is no signed note'],
      [note(`${key.name}\n3\n${root}\n`) + key.line('x'), 'checkpoint: example.test/log did not sign this'],
      ['', 'checkpoint is no signed note'],
    ];
    for (const [content, finding] of refused) {
      put(log, 'checkpoint', content);
      const { status, said } = check();
      expect({ status, said }, said).toEqual({ status: 1, said: expect.stringContaining(finding) });
    }
  });

  test('reports every file that no signature covers', () => {
    const strangers: [string, string][] = [
      ['notes.txt', '"notes.txt" is no file of a log'],
      ['tile/0/1', '"tile/0/1" is no file of a log'],
      ['tile/0/x000/000', '"tile/0/x000/000" is no file of a log'],
      ['tile/0/000.p/256', '"tile/0/000.p/256" is no file of a log'],
      ['tile/00/000', '"tile/00/000" is no file of a log'],
      ['tile/9/000', 'tile/9/000 goes beyond the 257 entries of the checkpoint'],
      ['tile/0/001.p/2', 'tile/0/001.p/2 goes beyond the 257 entries'],
      ['tile/0/001', 'tile/0/001 goes beyond the 257 entries'],
      ['tile/1/000', 'tile/1/000 goes beyond the 257 entries'],
      ['tile/entries/001', 'tile/entries/001 goes beyond the 257 entries'],
      ['tile/entries/.hidden/more', '"tile/entries/.hidden/more" is no file of a log'],
      ['odd\u001b[2J\u009b', '"odd\\u001b[2J?" is no file of a log'],
    ];
    makeLog(log, tree, 257, [key]);
    for (const [path] of strangers) put(log, path, 'x');
    const { status, said } = check();
    expect(status).toBe(1);
    for (const [, finding] of strangers) expect(said).toContain(`BAD ${finding}`);
    expect(said).toContain(`DOES NOT VERIFY: ${strangers.length} found wrong`);
  });
});

describe('verify.mjs, on what means it harm', () => {
  beforeEach(() => {
    makeLog(log, tree, 300, [key]);
  });

  test('reads no link, pipe or folder in place of a file', () => {
    const moved = join(log, 'tile/entries/000');
    cpSync(moved, join(folder, 'elsewhere'));
    for (const replace of [
      () => symlinkSync(join(folder, 'elsewhere'), moved),
      () => symlinkSync('/dev/zero', moved),
      () => expect(spawnSync('mkfifo', [moved]).status).toBe(0),
      () => mkdirSync(moved),
    ]) {
      rmSync(moved, { recursive: true });
      replace();
      const outcome = spawnVerify([log, '--vkey', key.vkey]);
      expect(outcome).toEqual({ status: 1, said: expect.stringContaining('entries/000 is no regular file') });
    }
  });

  test('does not follow a folder that is a link', () => {
    renameSync(join(log, 'tile/0'), join(folder, 'tiles'));
    symlinkSync(join(folder, 'tiles'), join(log, 'tile/0'));
    expect(check()).toEqual(wrong('"tile/0" is no file of a log'));
  });

  test('refuses by their size alone files that are far too large', () => {
    for (const path of ['checkpoint', 'tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']) {
      const place = join(log, path);
      const whole = readFileSync(place);
      truncateSync(place, 2 ** 40);
      const outcome = spawnVerify([log, '--vkey', key.vkey]);
      expect(outcome, path).toEqual({ status: 1, said: expect.stringContaining('at most') });
      writeFileSync(place, whole);
    }
  });

  test('stops where the entries end, whatever size is signed', () => {
    const text = `${key.name}\n${2 ** 52}\n${Buffer.alloc(32).toString('base64')}\n`;
    put(log, 'checkpoint', `${text}\n${key.line(text)}`);
    expect(check()).toEqual({ status: 1, said: expect.stringContaining('tile/entries/001 is missing') });
  });

  test('gives up on a directory that never ends', () => {
    let read = 0;
    const endless = {
      readSync: () => ({ name: `${read++}`, isDirectory: () => read % 2 === 0 }),
      closeSync: () => undefined,
    };
    const opendirSync = (() => endless) as unknown as typeof import('node:fs').opendirSync;
    const { status, said } = verify([log, '--vkey', key.vkey], { opendirSync });
    expect(status).toBe(1);
    expect(read).toBeLessThan(12_000);
    expect(said.length).toBeLessThan(4000);
  });
});

describe('verify.mjs, with witnesses', () => {
  const both = ['--witness', auditor.vkey, '--witness', partner.vkey];

  test('wants all of them, or as many as were asked for', () => {
    makeLog(log, tree, 3, [key, auditor]);
    expect(check('--witness', auditor.vkey)).toEqual({
      status: 0,
      said: expect.stringContaining('seen by example.test/auditor at 2023-11-14T22:13:20.000Z'),
    });
    expect(check(...both)).toEqual(wrong('checkpoint is signed by 1 of the witnesses; 2 needed'));
    expect(check(...both, '--quorum', '1').status).toBe(0);
    expect(check('--witness', auditor.vkey, '--witness', auditor.vkey).status).toBe(1);
  });

  test('passes over unknown signatures and says so, but not over a wrong one of a known witness', () => {
    makeLog(log, tree, 3, [key, auditor]);
    expect(check().said).toContain('1 of 2 signatures are of known keys');
    const text = `${checkpoint(tree, 3, [key]).split('\n\n')[0]}\n`;
    put(log, 'checkpoint', `${text}\n${key.line(text)}${auditor.line(`${text}x`)}`);
    expect(check().status).toBe(0);
    expect(check('--witness', auditor.vkey, '--quorum', '0')).toEqual(
      wrong('checkpoint: example.test/auditor did not sign this'),
    );
  });
});

describe('verify.mjs, with a checkpoint kept from before', () => {
  test.each([0, 1, 255, 256, 299, 300])('of %i entries, sees that the log begins with it', (size) => {
    makeLog(log, tree, 300, [key]);
    expect(check('--earlier', file('kept', checkpoint(tree, size, [key]))).status).toBe(0);
  });

  test('sees a past that was rewritten, and a log that was cut', () => {
    makeLog(log, treeWith(100, forged), 300, [key]);
    expect(check().status).toBe(0);
    const kept = file('kept', checkpoint(tree, 200, [key]));
    expect(check('--earlier', kept)).toEqual(wrong(`${kept}: the first 200 entries have another root`));
    const later = file('later', checkpoint(tree, 301, [key]));
    expect(check('--earlier', later)).toEqual(
      wrong(`${later}: signed for 301 entries, and here are only 300`),
    );
    expect(check('--earlier', file('other', checkpoint(tree, 5, [auditor])))).toEqual(wrong(''));
  });
});

describe('verify.mjs, with a proof', () => {
  const proof = (index: number, size: number): string =>
    proofFile(tree, index, size, checkpoint(tree, size, [key, auditor]));
  const checkProof = (text: string, entry: Uint8Array, ...more: string[]): Outcome => {
    const [path, bytes] = [file('one.tlog-proof', text), file('entry', Buffer.from(entry))];
    return verify(['--vkey', key.vkey, '--proof', path, '--entry', bytes, ...more]);
  };

  test.each([
    [0, 1],
    [1, 2],
    [2, 3],
    [6, 7],
    [255, 257],
    [256, 257],
    [299, 300],
  ])('sees that entry %i is one of %i, without the log', (index, size) => {
    const entry = entryOf(index);
    const { status, said } = checkProof(proof(index, size), entry, '--witness', auditor.vkey);
    expect(status, said).toBe(0);
    expect(said).toContain(`the entry is number ${index} (from 0) of ${size}`);
  });

  test('passes over what is called extra', () => {
    const text = proof(2, 3).replace('\n', '\nextra bWFkZSB1cA==\n');
    expect(checkProof(text, entryOf(2)).status).toBe(0);
  });

  test('refuses another entry, another place, and a proof that was changed', () => {
    const entry = entryOf(3);
    const good = proof(3, 7);
    const [hash = ''] = tree.inclusionPath(3, 7).map((one) => one.toString('base64'));
    expect(checkProof(good, entry).status).toBe(0);
    const leads = (text: string, bytes: Uint8Array): Outcome =>
      checkProof(text, bytes, '--witness', auditor.vkey);
    for (const [text, bytes] of [
      [good, Buffer.concat([entry, Buffer.from(' ')])],
      [good.replace('index 3', 'index 2'), entry],
      [good.replace('index 3', 'index 7'), entry],
      [proof(6, 7).replace('index 6', 'index 7'), entryOf(6)],
      [good.replace('index 3', 'index 03'), entry],
      [good.replace('index 3', 'index -1'), entry],
      [good.replace(`${hash}\n`, ''), entry],
      [good.replace(`${hash}\n`, `${hash}\n${hash}\n`), entry],
      [good.replace(`${hash}\n`, `${hash}\n`.repeat(100_000 / 45)), entry],
      [good.replace(`${hash}\n`, `${leafHash(entry).toString('base64')}\n`), entry],
      [good.replace('@v1', '@v2'), entry],
      [good.replace('\n7\n', '\n8\n'), entry],
      [good.slice(0, -20), entry],
      ['', entry],
      [proofFile(tree, 3, 7, checkpoint(tree, 8, [key, auditor])), entry],
      [proofFile(tree, 3, 7, checkpoint(tree, 7, [key])), entry],
    ] as const) {
      expect(leads(text, bytes), text.slice(0, 300)).toEqual(wrong(''));
    }
    expect(checkProof(good, Buffer.alloc(65_536)).status).toBe(1);
  });

  test('sees that a proof is of another history than the log', () => {
    makeLog(log, treeWith(6, forged), 7, [key]);
    const outcome = checkProof(proof(3, 7), entryOf(3), log);
    expect(outcome.status).toBe(1);
    expect(outcome.said).toContain('the first 7 entries have another root');
    expect(checkProof(proof(3, 6), entryOf(3), log).status).toBe(0);
  });
});

describe('verify.mjs, used wrongly', () => {
  test('exits with 2 and says what to do', () => {
    makeLog(log, tree, 3, [key]);
    const entry = file('entry', 'x');
    for (const [args, answer] of [
      [[], 'usage:'],
      [[log], 'usage:'],
      [['--vkey', key.vkey], 'usage:'],
      [[log, log, '--vkey', key.vkey], 'usage:'],
      [[log, '--vkey', key.vkey, '--proof', entry], 'usage:'],
      [[log, '--vkey', key.vkey, '--color'], '--color'],
      [[log, '--vkey', key.vkey.replace(/.$/, 'A')], 'mistyped'],
      [[log, '--vkey', auditor.vkey], 'no key of a log'],
      [[log, '--vkey', key.vkey, '--witness', key.vkey], 'no key of a witness'],
      [[log, '--vkey', key.vkey, '--quorum', '1'], '--quorum: 0 to 0'],
      [[log, '--vkey', key.vkey, '--quorum', 'all'], '--quorum: 0 to 0'],
      [[join(log, 'nowhere'), '--vkey', key.vkey], 'nowhere'],
      [[log, '--vkey', key.vkey, '--earlier', join(log, 'nowhere')], 'nowhere'],
    ] as [string[], string][]) {
      const { status, said } = verify(args);
      expect(status, said).toBe(2);
      expect(said).toContain(answer);
    }
  });

  test('says of an empty directory that there is no checkpoint', () => {
    appendFileSync(join(log, 'other'), '');
    expect(check()).toEqual({ status: 1, said: expect.stringContaining('checkpoint is missing') });
  });
});
