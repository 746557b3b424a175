import {
  type FieldClass,
  foundClasses,
  type HashedPhrase,
  hashPhrase,
  type PhraseHasher,
} from '@drawbridge/protocol';
import type { Form } from './entry.ts';

/** Class, count of words, prints of the first word and of all, proof: as a row keeps a form. */
const BYTES = 22;

/** The forms of one entry as its row keeps them. */
export function storeForms(hasher: PhraseHasher, forms: readonly Form[]): Buffer {
  const stored = Buffer.alloc(forms.length * BYTES);
  for (const [index, form] of forms.entries()) {
    const { first, count, print, proof } = hashPhrase(hasher, form.words);
    const at = index * BYTES;
    stored.writeUInt8(
      foundClasses.findIndex((name) => name === form.class),
      at,
    );
    stored.writeUInt8(count, at + 1);
    stored.writeUInt32BE(first, at + 2);
    stored.writeUInt32BE(print, at + 6);
    proof.copy(stored, at + 10);
  }
  return stored;
}

/** How many forms rows keep. */
export const countForms = (stored: Uint8Array): number => stored.length / BYTES;

/** Forms of many entries, by class. */
export function readForms(stored: Buffer): Map<FieldClass, HashedPhrase[]> {
  const found = new Map<FieldClass, HashedPhrase[]>();
  for (let at = 0; at < stored.length; at += BYTES) {
    const name = foundClasses[stored.readUInt8(at)];
    if (name === undefined) continue;
    const phrases = found.get(name) ?? [];
    phrases.push({
      count: stored.readUInt8(at + 1),
      first: stored.readUInt32BE(at + 2),
      print: stored.readUInt32BE(at + 6),
      proof: stored.subarray(at + 10, at + BYTES),
    });
    found.set(name, phrases);
  }
  return found;
}
