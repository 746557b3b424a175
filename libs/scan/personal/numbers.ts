import { isCard, mayBegin } from './card.ts';
import { BLANK, BROKEN, type Chain, DASH, DOT } from './chain.ts';
import { HEX, kindAt } from './characters.ts';
import { ABOUT } from './context.ts';
import { findDate } from './dates.ts';
import { findId, findLettered } from './id-shapes.ts';
import { findIpv4, findMacAtDash } from './network.ts';
import { findPhone } from './phone-shapes.ts';
import type { Piece } from './piece.ts';

/** No group of a value is longer. */
const LONGEST_GROUP = 19;

const CARDS = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 6, 4],
  [4, 4, 4, 4, 3],
] as const;

/** Called at the first digit of a chain; returns the index after it. */
export function findInNumbers(piece: Piece, chain: Chain, start: number, all: boolean): number {
  const { bytes } = piece;
  const end = chain.read(bytes, start);
  const last = chain.count - 1;
  if (last === 0 && chain.length(0) < 4) {
    if (chain.length(0) > 1) findLettered(piece, chain, 0);
    return end;
  }
  if ((kindAt(bytes, end) & HEX) !== 0 && bytes[end - 2] === DASH && bytes[end - 5] === DASH)
    findMacAtDash(piece, end - 2);
  for (let group = 0; group <= last; group++) {
    const length = chain.length(group);
    findLettered(piece, chain, group);
    if (length > LONGEST_GROUP) continue;
    if (all) findDate(piece, chain, group);
    if (length < 4 && chain.separator(group + 1) === DOT && chain.separator(group) !== DOT)
      findIpv4(piece, chain.start(group));
    if (length > 12) findPlainCard(piece, chain, group);
    else if (length === 4) findGroupedCard(piece, chain, group);
    findId(piece, chain, group);
    findPhone(piece, chain, group);
  }
  return end;
}

function findPlainCard(piece: Piece, chain: Chain, group: number): void {
  const length = chain.length(group);
  if (!isCard(chain.digits, chain.first(group), length)) return;
  const { bytes } = piece;
  if (!chain.opens(bytes, group) || !chain.closes(bytes, group)) return;
  const start = chain.start(group);
  const told = (piece.about(start) & ABOUT.card) !== 0;
  if (told)
    piece.report(
      'payment.card',
      'certain',
      start,
      chain.end(group),
      'personal.card',
      'Luhn, issuer range and keyword',
    );
  else if (length < 17 && length > 13) {
    piece.report('payment.card', 'likely', start, chain.end(group), 'personal.card', 'Luhn and issuer range');
  }
}

function findGroupedCard(piece: Piece, chain: Chain, group: number): void {
  const next = chain.length(group + 1);
  if ((next !== 4 && next !== 6) || chain.separator(group + 1) === BROKEN) return;
  if (!mayBegin(chain.digits, chain.first(group))) return;
  for (let index = CARDS.length - 1; index >= 0; index--) {
    const shape = CARDS[index] ?? CARDS[0];
    const separator = chain.shape(group, shape);
    if (separator !== BLANK && separator !== DASH) continue;
    const last = group + shape.length - 1;
    if (
      !isCard(chain.digits, chain.first(group), chain.first(last) + chain.length(last) - chain.first(group))
    )
      continue;
    const { bytes } = piece;
    // Groups of one more of the same kind around: a longer number, of something else.
    if (chain.separator(group) === DASH || chain.separator(last + 1) === DASH) continue;
    if (chain.separator(group) === BROKEN && !chain.opens(bytes, group)) continue;
    if (chain.separator(last + 1) === BROKEN && !chain.closes(bytes, last)) continue;
    piece.report(
      'payment.card',
      'certain',
      chain.start(group),
      chain.end(last),
      'personal.card',
      'Luhn, issuer range and groups',
    );
    return;
  }
}
