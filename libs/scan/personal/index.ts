import type { Emit } from '../types.ts';
import { Chain } from './chain.ts';
import { detect } from './detect.ts';
import { findByName } from './members.ts';
import { Piece } from './piece.ts';

/** How far before and after a value its detectors look, in UTF-16 units. */
export const PERSONAL_CONTEXT = 80;
/** No value is longer. */
export const PERSONAL_LENGTH = 254;

/** Texts are looked at in stretches of so many characters, so that what a scan needs beside them is bounded. */
const STRETCH = 32_768;
const CAPACITY = STRETCH + PERSONAL_LENGTH + 2 * PERSONAL_CONTEXT;

interface Work {
  piece: Piece;
  chain: Chain;
}
/** Kept between scans: filling 300 KB anew would cost more than a scan. */
let idle: Work | null = { piece: new Piece(CAPACITY), chain: new Chain(CAPACITY) };

/**
 * Personal data whose first character stands at `from` or after it and before `to`. Whether a value is found depends on
 * nothing but its characters and `PERSONAL_CONTEXT` around it; finds may overlap. Work is linear in the text.
 *
 * `structured`: what its own form tells (addresses of mail and networks, telephone numbers, accounts, ids). `all`: also
 * names, postal addresses and dates of birth, by what stands around them.
 */
export function personalScan(
  text: string,
  from: number,
  to: number,
  out: Emit,
  level: 'structured' | 'all',
): void {
  // `out` may scan, too.
  const work = idle ?? { piece: new Piece(CAPACITY), chain: new Chain(CAPACITY) };
  idle = null;
  try {
    const stop = Math.min(to, text.length);
    for (let start = Math.max(0, from); start < stop; start += STRETCH) {
      const last = Math.min(stop, start + STRETCH);
      const low = Math.max(0, start - PERSONAL_CONTEXT);
      const high = Math.min(text.length, last + PERSONAL_LENGTH + PERSONAL_CONTEXT);
      work.piece.load(text, low, high, start, last, out);
      detect(work.piece, work.chain, level === 'all');
    }
  } finally {
    idle = work;
  }
}

/** The same for one value, whose member name is its context: at most one find, of the whole value. */
export function personalValue(name: string, value: string, out: Emit): void {
  findByName(name, value, out);
}
