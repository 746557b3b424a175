import fc from 'fast-check';
import { expect } from 'vitest';
import { formatCheckpoint } from './checkpoint.ts';
import { TlogError, type TlogErrorCode } from './errors.ts';
import { leafHash } from './hash.ts';
import { cosignatureVerifier, cosigner, generateKey, keyTypes, logSigner, logVerifier } from './keys.ts';
import { signNote } from './note.ts';
import { Frontier, type HashReader, type Node, rootOf } from './tree.ts';

/** For the tests: made-up entries, and keys from seeds that everyone knows. */
export const ORIGIN = 'log.example/made-up';

const seed = (fill: number) => Buffer.alloc(32, fill);
const logKey = generateKey(ORIGIN, seed(1));
export const log = { key: logKey, signer: logSigner(logKey), verifier: logVerifier(logKey) };
export const witnesses = [11, 12, 13].map((fill, at) => {
  const key = generateKey(`witness.example/w${at + 1}`, seed(fill), keyTypes.cosignature);
  return { key, cosigner: cosigner(key), verifier: cosignatureVerifier(key) };
});

export interface MadeUpLog {
  entry(index: number): Buffer;
  read: HashReader;
  root(size: number): Promise<Buffer>;
  /** A checkpoint signed by the log. */
  checkpoint(size: number, change?: { root?: Buffer; origin?: string }): Promise<string>;
}

/** A log of `size` entries; with `rewritten`, that entry is another one. */
export function madeUpLog(size: number, rewritten?: number): MadeUpLog {
  const name = ({ level, index }: Node) => `${level}/${index}`;
  const entry = (index: number) =>
    Buffer.from(`made-up entry ${index}${index === rewritten ? ', rewritten' : ''}`);
  const hashes = new Map<string, Buffer>();
  const tree = Frontier.empty();
  for (let at = 0; at < size; at++)
    tree.append(leafHash(entry(at)), (level, index, hash) => hashes.set(name({ level, index }), hash));
  const read: HashReader = async (wanted) =>
    wanted.map((node) => {
      const hash = hashes.get(name(node));
      if (hash === undefined) throw new Error(`the made-up log has no subtree ${name(node)}`);
      return hash;
    });
  const root = (of: number) => rootOf(read, of);
  return {
    entry,
    read,
    root,
    async checkpoint(of, change = {}) {
      const text = formatCheckpoint({
        origin: ORIGIN,
        size: of,
        root: await root(of),
        extensions: [],
        ...change,
      });
      return signNote(text, [log.signer]);
    },
  };
}

/** What a refusal looks like. */
export const refused = (code: TlogErrorCode) => expect.objectContaining({ name: 'TlogError', code });

/** What it throws, or else what it returns. */
export function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** A text with some of its characters replaced by others, by none or by several. */
export function bent(text: string, by: readonly string[]): fc.Arbitrary<string> {
  const place = fc.tuple(fc.nat({ max: text.length }), fc.constantFrom(...by));
  return fc
    .array(place, { maxLength: 4 })
    .map((places) => places.reduce((bent, [at, put]) => bent.slice(0, at) + put + bent.slice(at + 1), text));
}

/** What can be read is the only writing of what is in it; nothing but a TlogError is thrown. */
export function expectOneSpelling<Read>(
  input: string,
  parse: (text: string) => Read,
  format: (read: Read) => string,
): void {
  let read: Read;
  try {
    read = parse(input);
  } catch (error) {
    expect(error).toBeInstanceOf(TlogError);
    return;
  }
  expect(format(read)).toBe(input);
}
