import { IS_DIGIT, IS_LOWER, IS_SPACE, IS_UPPER, kinds } from './alphabets.ts';
import type { Place } from './place.ts';

const BEGIN = '-----BEGIN ';
/** Short enough that engines look for its first character alone. */
const MARK = '-----B';
const END = '-----END ';
/** From `-----BEGIN ` to the dashes after the label. */
const MAX_LABEL = 64;
const LABEL = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/y;
/** Less is no key. */
const MIN_BODY = 40;
/** An escape (`\u0041`) that is not whole yet may turn out to be a character of a body. */
const ESCAPE = 6;
const OTHERS = new Set([...'+/=\\:,-"'].map((one) => one.charCodeAt(0)));

/** Private keys between lines of dashes, also within strings of programs (`\n`), and without their end. */
export function privateKeys(place: Place): void {
  const { text } = place;
  let begin = nextBegin(text, place.from);
  while (begin !== -1 && begin < place.to) {
    const next = nextBegin(text, begin + BEGIN.length);
    place.work.spend(4);
    LABEL.lastIndex = begin;
    const label = LABEL.exec(text)?.[1];
    if (label !== undefined)
      privateKey(place, begin, LABEL.lastIndex, label, next === -1 ? text.length : next);
    begin = next;
  }
}

function nextBegin(text: string, from: number): number {
  let at = text.indexOf(MARK, from);
  while (at !== -1 && !text.startsWith(BEGIN, at)) at = text.indexOf(MARK, at + 1);
  return at;
}

function privateKey(place: Place, begin: number, body: number, label: string, next: number): void {
  const { text } = place;
  const limit = Math.min(place.limit(begin), next);
  const close = `${END}${label}-----`;
  const end = bodyEnd(text, body, limit);
  place.work.spend(end - begin);
  if (end - body < MIN_BODY) return;
  const isClosed = text.startsWith(close, end) && end + close.length <= limit;
  const stop = isClosed ? end + close.length : end;
  const why = isClosed ? 'private key between its lines' : 'private key without its end';
  place.add('secret.private_key', isClosed ? 'certain' : 'likely', begin, stop, 'secret.pem', why);
}

/**
 * Where in `text` a private key begins that may go on behind its end, at or after `from`; `text.length` when none does.
 * What comes later can only change finds from there on.
 */
export function openKey(text: string, from: number): number {
  const begin = text.lastIndexOf(BEGIN);
  if (begin < from) return text.length;
  const rest = text.slice(begin + BEGIN.length);
  const dashes = rest.indexOf('-----');
  if (dashes === -1) return rest.length <= MAX_LABEL ? begin : text.length;
  LABEL.lastIndex = begin;
  if (!LABEL.test(text)) return text.length;
  const body = LABEL.lastIndex;
  const end = bodyEnd(text, body, text.length);
  if (end > text.length - ESCAPE) return begin;
  return text.startsWith(END, end) && text.indexOf('-----', end + END.length) === -1 ? begin : text.length;
}

/** Where what can be a key's body ends: before its last line, or before a character that no key holds. */
function bodyEnd(text: string, body: number, limit: number): number {
  let end = body;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code === 45 && text.startsWith(END, end)) break;
    if (((kinds[code] ?? 0) & (IS_DIGIT | IS_LOWER | IS_UPPER | IS_SPACE)) === 0 && !OTHERS.has(code)) break;
  }
  return end;
}
