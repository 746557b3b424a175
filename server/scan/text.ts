import { createHmac } from 'node:crypto';
import { ScanBudgetError } from '@drawbridge/scan';
import { Decoder, encodingOf, type Stretch } from './decode.ts';
import type { ScanContext } from './found.ts';
import { pairFindings, type ValueFinding } from './pairs.ts';
import { type Place, Positions } from './positions.ts';

/** Texts up to this size are scanned in one go; longer ones in pieces. */
export const WHOLE = 8 * 1024 * 1024;

/** Classes whose values can't be guessed, so that a keyed hash of one tells nothing. */
const printed: ReadonlySet<string> = new Set(['secret.api_key', 'secret.token', 'secret.private_key']);

/** Scans a text that is at hand. */
export function scanText(path: string, bytes: Buffer, context: ScanContext): void {
  const known = encodingOf(bytes);
  if (known === null) {
    context.skipped({ path, reason: 'binary', trouble: false });
    return;
  }
  const decoder = new Decoder(known.encoding);
  const stretches = [decoder.push(bytes.subarray(known.mark)), decoder.end()];
  const text =
    stretches[1]?.text === '' ? (stretches[0]?.text ?? '') : stretches.map((one) => one.text).join('');
  const positions = new Positions(known.mark);
  for (const { width, text: part } of stretches) positions.expect(width, part.length);
  context.read(bytes.length);
  within(path, context, () => {
    const findings = context.scanner.scan(text);
    const pairs = pairFindings(path, text, context.scanner);
    report(path, text, 0, pairs.length === 0 ? findings : merge(findings, pairs), positions, context);
  });
}

/** Scans a text piece by piece, in bounded memory, with the same findings. The first piece tells the encoding. */
export async function scanPieces(
  path: string,
  pieces: AsyncIterable<Buffer>,
  context: ScanContext,
): Promise<void> {
  let decoder: Decoder | null = null;
  let positions = new Positions(0);
  const stream = context.scanner.stream();
  let passed = 0;
  const give = ({ text, width }: Stretch): void => {
    positions.expect(width, text.length);
    const decided = stream.push(text);
    report(path, decided.text, passed, decided.findings, positions, context);
    passed += decided.text.length;
  };
  for await (const piece of pieces) {
    let part = piece;
    if (decoder === null) {
      const known = encodingOf(piece);
      if (known === null) return context.skipped({ path, reason: 'binary', trouble: false });
      decoder = new Decoder(known.encoding);
      positions = new Positions(known.mark);
      part = piece.subarray(known.mark);
    }
    context.read(piece.length);
    const stretch = decoder.push(part);
    if (!within(path, context, () => give(stretch))) return;
  }
  const last = decoder?.end();
  within(path, context, () => {
    if (last !== undefined) give(last);
    const decided = stream.end();
    report(path, decided.text, passed, decided.findings, positions, context);
  });
}

/** Whether it went well. A text that takes too much work is told, and the rest goes on. */
function within(path: string, context: ScanContext, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof ScanBudgetError)) throw error;
    context.skipped({ path, reason: 'takes more work to scan than is allowed', trouble: true });
    return false;
  }
}

/** Hands over findings of `text`, which begins at the offset `base` of the whole, and passes all of it. */
function report(
  path: string,
  text: string,
  base: number,
  findings: readonly ValueFinding[],
  positions: Positions,
  context: ScanContext,
): void {
  let at = 0;
  const placeAt = (offset: number): Place => {
    const to = Math.min(Math.max(offset - base, at), text.length);
    positions.pass(text, at, to);
    at = to;
    return positions.place;
  };
  for (const finding of findings) {
    const start = placeAt(finding.start);
    const end = placeAt(finding.end);
    const { class: cls, confidence, detector, why } = finding;
    const { printKey, marksOf } = context;
    const isMarked = marksOf !== null && cls.startsWith('secret.');
    const isPrinted = printed.has(cls);
    const value =
      isMarked || (printKey !== null && isPrinted)
        ? (finding.value ?? text.slice(finding.start - base, finding.end - base))
        : '';
    const print = printKey !== null && isPrinted ? fingerprint(printKey, value) : null;
    const marks = isMarked ? marksOf(value, !isPrinted) : null;
    context.found({ path, start, end, class: cls, confidence, detector, why, print, marks, object: null });
  }
  positions.pass(text, at, text.length);
}

/** 96 bits of HMAC-SHA-256: names a value to who has the value and the key. */
function fingerprint(key: Buffer, value: string): string {
  return createHmac('sha256', key).update(value, 'utf8').digest('base64url').slice(0, 16);
}

/** Both, in order; where two overlap, what a scan found counts. */
function merge(findings: readonly ValueFinding[], more: readonly ValueFinding[]): ValueFinding[] {
  const taken = [...findings];
  for (const one of more) {
    if (!taken.some((other) => other.start < one.end && one.start < other.end)) taken.push(one);
  }
  return taken.sort((a, b) => a.start - b.start);
}
