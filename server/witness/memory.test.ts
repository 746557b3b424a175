import { type Fault, ForgetfulStorage, type Operation } from '@drawbridge/journal/forgetful';
import {
  consistencyProof,
  cosigner,
  Frontier,
  formatAddCheckpoint,
  generateKey,
  keyTypes,
  leafHash,
  logSigner,
  logVerifier,
  type Node,
  signCheckpoint,
  Witness,
} from '@drawbridge/tlog';
import { describe, expect, it } from 'vitest';
import { WitnessMemory } from './memory.ts';

/** Two histories of one made-up log, both signed with its key, that part after 4 entries. */
const ORIGIN = 'log.example/made-up';
const logKey = generateKey(ORIGIN, Buffer.alloc(32, 1));
const witnessKey = generateKey('witness.example/w1', Buffer.alloc(32, 2), keyTypes.cosignature);
const histories = ['one', 'other'].map((name) => {
  const hashes = new Map<string, Buffer>();
  const roots = [Frontier.empty().root()];
  const tree = Frontier.empty();
  for (let at = 0; at < 40; at++) {
    const entry = Buffer.from(`made-up entry ${at}${at < 4 ? '' : ` of ${name}`}`);
    tree.append(leafHash(entry), (level, index, hash) => hashes.set(`${level}/${index}`, hash));
    roots.push(tree.root());
  }
  const read = async (wanted: readonly Node[]) =>
    wanted.map(({ level, index }) => hashes.get(`${level}/${index}`) ?? expect.fail('no such subtree'));
  const root = (size: number) => roots[size] ?? expect.fail('no such tree');
  const asked = new Map<string, Promise<string>>();
  return {
    root,
    request: (old: number, size: number): Promise<string> => {
      const request = asked.get(`${old} ${size}`) ?? make(old, size);
      asked.set(`${old} ${size}`, request);
      return request;
    },
  };
  async function make(old: number, size: number): Promise<string> {
    const checkpoint = { origin: ORIGIN, size, root: root(size), extensions: [] };
    return formatAddCheckpoint({
      old,
      proof: await consistencyProof(read, old, size),
      checkpoint: await signCheckpoint(checkpoint, [logSigner(logKey)]),
    });
  }
});
const [one, other] = histories;
if (one === undefined || other === undefined) throw new Error('no histories');

async function witnessOn(storage: ForgetfulStorage): Promise<Witness> {
  return new Witness({
    keysOf: () => [logVerifier(logKey)],
    store: await WitnessMemory.open(storage),
    cosigner: cosigner(witnessKey),
    now: () => 1_700_000_000_000,
  });
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

/** Answers that are a cosignature; a crash is none. */
async function cosigned(witness: Witness, request: string): Promise<boolean> {
  try {
    return (await witness.addCheckpoint(request)).status === 200;
  } catch {
    return false;
  }
}

const deaths = ['powerCut', 'kill'] as const;

describe('what a witness has cosigned', () => {
  it.each(deaths)(
    'is known after a %s at any step, and never is another tree cosigned for it',
    async (death) => {
      for (let step = 1; step <= 22; step++) {
        const random = seeded(step);
        const fault = ({ number }: Operation): Fault | null => (number === step ? 'crash' : null);
        let storage = new ForgetfulStorage({ random, fault });
        const vouched: { history: number | null; size: number } = { history: null, size: 0 };
        const vouch = (history: number, size: number) => {
          expect(size, 'went back').toBeGreaterThanOrEqual(vouched.size);
          expect(vouched.history ?? history, 'vouched for two histories').toBe(history);
          Object.assign(vouched, { history, size });
        };
        for (let size = 5; size < 13; size += 2) {
          const witness = await witnessOn(storage).catch(() => null);
          const old = size === 5 ? 0 : size - 2;
          if (witness === null || !(await cosigned(witness, await one.request(old, size)))) break;
          vouch(0, size);
        }
        storage = death === 'kill' ? storage.afterKill({ random }) : storage.afterPowerCut({ random });
        const witness = await witnessOn(storage);
        // Whatever it may be asked now, from whatever it may be thought to have.
        for (const [history, request] of [
          [1, other.request],
          [0, one.request],
        ] as const) {
          for (const old of [0, 5, 7, 9, 11]) {
            for (const size of [5, 7, 9, 11, 12])
              if (old <= size && (await cosigned(witness, await request(old, size)))) vouch(history, size);
          }
        }
      }
    },
  );

  it('goes to one of two that ask at once, and to the other not', async () => {
    const memory = await WitnessMemory.open(new ForgetfulStorage({ random: Math.random }));
    const first = { size: 4, root: one.root(4) };
    await memory.replace(ORIGIN, null, first);
    const asked = [one, other, one].map((history) =>
      memory.replace(ORIGIN, first, { size: 9, root: history.root(9) }),
    );
    expect(await Promise.all(asked)).toEqual([true, false, false]);
    expect(await memory.latest(ORIGIN)).toEqual({ size: 9, root: one.root(9) });
  });

  it('stays what it was when the disk takes no more, and goes on when it does', async () => {
    let fault: Fault | null = null;
    const memory = await WitnessMemory.open(new ForgetfulStorage({ random: () => 0.5, fault: () => fault }));
    const first = { size: 4, root: one.root(4) };
    await memory.replace(ORIGIN, null, first);
    for (fault of ['enospc', 'short', 'eio'] as const) {
      const next = { size: 9, root: one.root(9) };
      await expect(memory.replace(ORIGIN, first, next)).rejects.toThrow();
      expect(await memory.latest(ORIGIN)).toEqual(first);
    }
    fault = null;
    expect(await memory.replace(ORIGIN, first, { size: 9, root: other.root(9) })).toBe(true);
  });

  it('is kept apart by log', async () => {
    const storage = new ForgetfulStorage({ random: Math.random });
    const memory = await WitnessMemory.open(storage);
    const origins = ['a.example/log', 'a.example/log\u00e9', '../../etc/passwd'];
    for (const [at, origin] of origins.entries())
      expect(await memory.replace(origin, null, { size: at, root: one.root(at) })).toBe(true);
    const again = await WitnessMemory.open(storage);
    for (const [at, origin] of origins.entries())
      expect(await again.latest(origin)).toEqual({ size: at, root: one.root(at) });
    expect((await storage.list()).every((name) => /^tree-[0-9a-f]{64}$/.test(name))).toBe(true);
  });

  it('is not guessed at when its file was damaged', async () => {
    const storage = new ForgetfulStorage({ random: Math.random });
    await (await WitnessMemory.open(storage)).replace(ORIGIN, null, { size: 10, root: one.root(10) });
    const [name = ''] = await storage.list();
    const { length } = await storage.read(name, 0, 10_000);
    for (let at = 0; at < length; at++) {
      storage.damage(name, at);
      await expect(WitnessMemory.open(storage)).rejects.toMatchObject({ code: 'damaged' });
      storage.damage(name, at);
    }
    await storage.rename(name, `tree-${'0'.repeat(64)}`);
    await expect(WitnessMemory.open(storage)).rejects.toMatchObject({ code: 'damaged' });
  });
});
