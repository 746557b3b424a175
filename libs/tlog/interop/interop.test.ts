import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hashesIn } from '../edge.ts';
import {
  askWitnesses,
  consistencyProof,
  cosignatureVerifier,
  openCheckpoint,
  postWith,
  type SignedTree,
  type TileFiles,
  type WitnessSizes,
} from '../index.ts';
import { grow, Machine, ORIGIN, open, signer, trust } from '../log-harness.ts';
import {
  addCheckpoint,
  bundle,
  checkpoint,
  hashTile,
  logKey,
  makeLog,
  proofFile,
  put,
  someEntries,
  TestTree,
} from './maker.ts';
import { buildGoCheck, type GoCheck, noGo, program, title } from './programs.ts';
import { verify } from './run-verify.ts';

/**
 * Programs that others wrote check logs, proofs and checkpoints: Go's packages for its checksum database, and where the
 * machine has them torchwood's checker of proofs (`spicy-torchwood`) and witness (`litewitness`). The logs here are made
 * without the library; those of its writer are checked in server/logs.
 */
const spicy = program('spicy-torchwood');
const [litewitness, witnessctl, agent] = ['litewitness', 'witnessctl', 'ssh-agent'].map((name) =>
  program(name),
);

const key = logKey('example.test/log', 1);
const tree = new TestTree(someEntries(70_000));
const rewritten = new TestTree([Buffer.from('rewritten'), ...tree.entries.slice(1)]);
const note = (size: number, of = tree, by = key): string => checkpoint(of, size, [by]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-interop-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test.runIf(process.env.CI === 'true')('Go is there: in CI its checks are not to be skipped', () => {
  expect(noGo).toBeNull();
});

describe.skipIf(noGo !== null)(title("Go's tlog and note packages", noGo), () => {
  let check: GoCheck;
  beforeAll(() => {
    check = buildGoCheck(folder);
  });

  // One log, growing; beside its tiles it keeps the partial ones of its smaller days.
  test.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_537])(
    'accept a log of %i entries, and so does verify.mjs',
    (size) => {
      const log = join(folder, 'growing');
      makeLog(log, tree, size, [key]);
      expect(check('log', log, key.vkey)).toEqual({ status: 0, said: `${size} entries\n` });
      const outcome = verify([log, '--vkey', key.vkey]);
      expect(outcome.status, outcome.said).toBe(0);
    },
  );

  test('refuse a log with any file damaged, or an entry changed together with its hash', () => {
    const log = mkdtempSync(join(folder, 'log-'));
    makeLog(log, tree, 513, [key]);
    for (const path of ['checkpoint', 'tile/entries/001', 'tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2']) {
      const whole = readFileSync(join(log, path));
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20);
      for (const harmed of [flipped, whole.subarray(0, -1), Buffer.concat([whole, Buffer.alloc(2)])]) {
        put(log, path, harmed);
        expect(check('log', log, key.vkey).status, path).toBe(1);
      }
      put(log, path, whole);
    }
    expect(check('log', log, key.vkey).status).toBe(0);
    const forged = new TestTree(tree.entries.with(256, Buffer.from('an entry that was never logged')));
    put(log, 'tile/entries/001', bundle(forged.entries.slice(256, 512)));
    put(log, 'tile/0/001', hashTile(forged, 0, 256, 512));
    expect(check('log', log, key.vkey).said).toContain('the entries have the root');
  });

  test.each([
    [0, 1],
    [2, 3],
    [255, 256],
    [256, 257],
    [0, 70_000],
    [65_535, 70_000],
    [69_999, 70_000],
  ])('accept the proof of entry %i of %i, and of no other entry', (index, size) => {
    const proof = file('one.tlog-proof', proofFile(tree, index, size, note(size)));
    const entry = file('entry', tree.entries[index] ?? '');
    expect(check('proof', proof, entry, key.vkey)).toEqual({ status: 0, said: '' });
    expect(verify(['--vkey', key.vkey, '--proof', proof, '--entry', entry]).status).toBe(0);
    expect(check('proof', proof, file('entry', 'another'), key.vkey).status).toBe(1);
  });

  test.each([
    [1, 2],
    [255, 257],
    [256, 65_537],
    [49_000, 70_000],
    [70_000, 70_000],
  ])('see that %i entries are the first of %i, and were not rewritten', (old, size) => {
    const earlier = file('earlier', note(old));
    const request = file('request', addCheckpoint(tree, old, size, note(size)));
    expect(check('extends', earlier, request, key.vkey)).toEqual({ status: 0, said: '' });
    const forged = file('request', addCheckpoint(rewritten, old, size, note(size, rewritten)));
    expect(check('extends', earlier, forged, key.vkey).status).toBe(1);
  });
});

describe.skipIf(spicy === null)(
  title("torchwood's spicy", spicy ? null : 'spicy-torchwood in PATH: libs/tlog/interop/fetch-torchwood'),
  () => {
    test.each([
      [0, 1],
      [300, 513],
      [65_536, 70_000],
    ])('accepts the proof of entry %i of %i, and of no other entry', (index, size) => {
      const entry = file('entry', tree.entries[index] ?? '');
      file('entry.spicy', proofFile(tree, index, size, note(size), ''));
      const judge = (): number | null => spawnSync(spicy ?? '', ['-verify', key.vkey, entry]).status;
      expect(judge()).toBe(0);
      writeFileSync(entry, 'another');
      expect(judge()).not.toBe(0);
    });
  },
);

const noWitness = litewitness && witnessctl && agent ? null : 'litewitness, witnessctl and ssh-agent in PATH';
describe.skipIf(noWitness !== null)(title("torchwood's witness", noWitness), () => {
  const started: ChildProcess[] = [];
  let address: string;
  let vkey: string;

  beforeAll(async () => {
    const env = { PATH: process.env.PATH, HOME: folder, SSH_AUTH_SOCK: join(folder, 'agent') };
    const run = (name: string, ...args: string[]): string => {
      const done = spawnSync(name, args, { cwd: folder, encoding: 'utf8', env });
      expect(done.status, `${name}: ${done.stderr}`).toBe(0);
      return done.stdout;
    };
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'made up', '-f', 'key');
    started.push(spawn(agent ?? '', ['-D', '-a', env.SSH_AUTH_SOCK], { stdio: 'ignore', env }));
    await vi.waitUntil(() => existsSync(env.SSH_AUTH_SOCK), { timeout: 15_000 });
    run('ssh-add', '-q', 'key');
    const fingerprint = run('ssh-keygen', '-lf', 'key.pub').split(' ')[1] ?? '';
    const known = [key, { name: ORIGIN, vkey: signer.verifierKey }];
    for (const { name, vkey } of known) {
      run(witnessctl ?? '', 'add-log', '-db', 'witness.db', '-origin', name);
      run(witnessctl ?? '', 'add-key', '-db', 'witness.db', '-origin', name, '-key', vkey);
    }

    address = await new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const at = server.address();
        server.close(() => resolve(`127.0.0.1:${typeof at === 'object' ? at?.port : ''}`));
      });
    });
    const given = ['-db', 'witness.db', '-name', 'example.test/witness', '-key', fingerprint];
    const witness = spawn(
      litewitness ?? '',
      [...given, '-ssh-agent', env.SSH_AUTH_SOCK, '-listen', address],
      {
        cwd: folder,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    started.push(witness);
    let said = '';
    witness.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const answers = async (): Promise<boolean> => (await ask('').catch(() => null))?.status === 400;
    await vi.waitUntil(answers, { timeout: 15_000 });
    vkey = /vkey=(\S+)/.exec(said)?.[1] ?? '';
  });
  afterAll(() => {
    for (const child of started) child.kill();
  });
  const ask = async (body: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`http://${address}/add-checkpoint`, { method: 'POST', body });
    return { status: answer.status, text: await answer.text() };
  };

  test('cosigns what grows, and refuses what does not follow, even under the right key', async () => {
    const signed = await ask(addCheckpoint(tree, 0, 300, note(300)));
    expect(signed.status).toBe(200);
    const log = mkdtempSync(join(folder, 'log-'));
    makeLog(log, tree, 300, [key]);
    put(log, 'checkpoint', note(300) + signed.text);
    const outcome = verify([log, '--vkey', key.vkey, '--witness', vkey]);
    expect(outcome.said).toContain('seen by example.test/witness at 20');
    expect(outcome.status).toBe(0);

    expect((await ask(addCheckpoint(tree, 300, 69_999, note(69_999)))).status).toBe(200);
    const late = addCheckpoint(tree, 300, 513, note(513));
    expect(await ask(late)).toEqual({ status: 409, text: '69999\n' });
    const right = addCheckpoint(tree, 69_999, 70_000, note(70_000));
    const wrongProof = right.replace(/\n.+\n/, `\n${Buffer.alloc(32).toString('base64')}\n`);
    expect((await ask(wrongProof)).status).toBe(422);
    const forged = addCheckpoint(rewritten, 69_999, 70_000, note(70_000, rewritten));
    expect((await ask(forged)).status).toBe(422);
    const thief = note(70_000, tree, logKey(key.name, 9));
    expect((await ask(addCheckpoint(tree, 69_999, 70_000, thief))).status).toBe(403);
    const stranger = note(3, tree, logKey('example.test/stranger', 9));
    expect((await ask(addCheckpoint(tree, 0, 3, stranger))).status).toBe(404);
    expect((await ask(right)).status).toBe(200);
  });

  test('cosigns what a log asks it to, which publishes only that; and nothing of a log that was set back', async () => {
    const verifier = cosignatureVerifier(vkey);
    const witnesses = [{ verifier, url: `http://${address}/` }];
    let sizes: WitnessSizes = {};
    let outcome: string[] = [];
    const cosignIn =
      (files: TileFiles) =>
      async ({ note }: SignedTree): Promise<string> => {
        const prove = (old: number, size: number) => consistencyProof(hashesIn(files, size), old, size);
        const asked = await askWitnesses({
          ...{ note, prove, witnesses, sizes, quorum: 1, post: postWith(fetch) },
          clock: { now: Date.now, after: () => () => undefined },
        });
        sizes = asked.sizes;
        outcome = asked.witnesses.map((each) => (each.kind === 'refused' ? `${each.status}` : each.kind));
        if (!asked.isEnough) throw new Error('not enough witnesses');
        return asked.note;
      };
    const machine = new Machine();
    const log = await open(machine, { cosign: cosignIn(machine.files) });
    for (const count of [3, 253, 1]) {
      const { size, note } = await grow(log, count);
      expect(outcome).toEqual(['cosigned']);
      const { cosignatures } = openCheckpoint(note, { ...trust, witnesses: [verifier] });
      expect(cosignatures).toHaveLength(1);
      expect(Math.abs((cosignatures[0]?.time ?? 0) - Date.now() / 1000)).toBeLessThan(60);
      // It is asked what it was told last: with the right size, with none, with a size that it never had.
      sizes = size === 256 ? {} : { [Object.keys(sizes)[0] ?? '']: size === 3 ? 2 : size };
    }
    await log.close();

    // Set back, it is begun anew under the same key: nothing of it is published.
    const [cut, other] = [new Machine(), new Machine()];
    const shorter = await open(cut, { cosign: cosignIn(cut.files) });
    await expect(grow(shorter, 5)).rejects.toThrow('not enough witnesses');
    expect(outcome).toEqual(['ahead']);
    const longer = await open(other, { cosign: cosignIn(other.files) });
    await longer.append(Buffer.from('a rewritten entry'));
    await expect(grow(longer, 300)).rejects.toThrow('not enough witnesses');
    expect(outcome).toEqual(['422']);
    for (const { published } of [shorter, longer]) expect(published).toBeNull();
  });
});
