import { ALNUM, DIGIT, kindAt, LETTER, LINE, SPACE, WORD } from './characters.ts';
import { ABOUT } from './context.ts';
import type { Piece } from './piece.ts';
import { hashStep, NO_WORD, WordTable } from './words.ts';

const LOCAL = 64;
/** RFC 5321 4.5.3.1.3 gives 256 for a path, which has two angle brackets around. */
const LONGEST_ADDRESS = 254;

/** Top-level domains beside those of two letters that mail is usual under; RFC 2606's reserved ones too. */
const KNOWN = 1;
/** Ends of file names that are no top-level domains. */
const FILE = 2;
const ENDS = new WordTable([
  [
    KNOWN,
    `com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel app dev page online site shop store
    tech cloud digital agency email mail solutions company group team work world life live news media design studio xyz
    club space website software systems consulting academy school university health care clinic legal law bank finance
    energy network blog art berlin hamburg koeln bayern wien paris london nyc amsterdam swiss brussels madrid barcelona
    stockholm cat eus gal bzh scot wales test example invalid localhost local internal corp lan home arpa`,
  ],
  [
    FILE,
    `png jpg jpeg gif svg webp css scss js mjs cjs ts tsx jsx json html htm txt md yaml yml lock log ico woff woff2 service timer socket target mount slice
    csv tsv jsonl ndjson pdf doc docx xls xlsx ppt pptx odt ods odp rtf xml eml msg ics vcf zip gz tgz tar sql ini conf cfg toml env ipynb bak tmp tex epub
    bmp tif tiff heic avif mp3 mp4 m4a wav ogg webm mpeg flac`,
  ],
]);

const isLocal = (bytes: Uint8Array, at: number): boolean => {
  const code = bytes[at];
  return (
    (kindAt(bytes, at) & WORD) !== 0 ||
    code === 46 ||
    code === 45 ||
    code === 43 ||
    code === 39 ||
    code === 37 ||
    code === 126
  );
};

/** Where the domain from `at` on ends and how far its top level may be trusted; `end` 0 when it is none. */
const domain = { end: 0, known: false };

function readDomain(bytes: Uint8Array, start: number, longest: number): boolean {
  domain.end = 0;
  domain.known = false;
  let labels = 0;
  let at = start;
  /** Where the last label ends that may be a top level for sure: what follows may be a file's ending. */
  let sure = 0;
  for (;;) {
    const from = at;
    let letters = true;
    let hash = NO_WORD;
    let kind = kindAt(bytes, at);
    if ((kind & ALNUM) === 0) break;
    while ((kind & ALNUM) !== 0 || bytes[at] === 45) {
      if ((kind & LETTER) === 0) letters = false;
      hash = hashStep(hash, bytes[at] ?? 0);
      if (++at - start > longest) {
        domain.end = 0;
        return false;
      }
      kind = kindAt(bytes, at);
    }
    if (bytes[at - 1] === 45) break;
    labels++;
    const length = at - from;
    const punycode = bytes[from + 2] === 45 && bytes[from + 3] === 45 && ((bytes[from] ?? 0) | 32) === 120;
    domain.end = 0;
    if (labels > 1 && length > 1 && length < 64 && (letters || punycode)) {
      const ending = ENDS.get(hash);
      if (ending !== FILE) {
        domain.end = at;
        domain.known = length === 2 || ending === KNOWN || punycode || (bytes[from] ?? 0) > 127;
        if (domain.known) sure = at;
      }
    }
    if (bytes[at] !== 46 || (kindAt(bytes, at + 1) & ALNUM) === 0) break;
    at++;
  }
  if (domain.end !== 0 && (kindAt(bytes, domain.end) & WORD) === 0) return true;
  // `anna@example.com.txt`, `anna@example.com_2.pdf`: a file that is named after somebody.
  domain.end = sure;
  domain.known = true;
  return sure !== 0;
}

/** The index at which the local part that ends before `end` begins; `end` when there is none. */
function localStart(bytes: Uint8Array, end: number): number {
  let start = end;
  if (bytes[end - 1] === 34) {
    for (let at = end - 2; at > end - LOCAL && (kindAt(bytes, at) & LINE) === 0 && bytes[at] !== 0; at--) {
      if (bytes[at] === 34) return at < end - 2 ? at : end;
    }
    return end;
  }
  while (end - start < LOCAL && isLocal(bytes, start - 1)) start--;
  while (start < end && (kindAt(bytes, start) & WORD) === 0 && bytes[start] !== 43) start++;
  return bytes[end - 1] === 46 || bytes[end - 1] === 39 ? end : start;
}

/** Whether `//name` stands before this colon: a password and a host follow (`https://name:password@host`). */
function isUserOfUrl(bytes: Uint8Array, colon: number): boolean {
  let at = colon;
  while (colon - at < LOCAL && isLocal(bytes, at - 1)) at--;
  return bytes[at - 1] === 47 && bytes[at - 2] === 47;
}

/** Called at '@'. Returns where the address begins; 0 when there is none. */
export function findEmail(piece: Piece, at: number): number {
  const { bytes } = piece;
  if ((kindAt(bytes, at + 1) & ALNUM) === 0) return 0;
  const start = localStart(bytes, at);
  if (start === at || !readDomain(bytes, at + 1, LONGEST_ADDRESS - 1 - (at - start))) return 0;
  // `icon@2x.png` has gone; `git@host.tld:path` is a place, and `a@b.method(` is code.
  if (at - start === 3 && bytes[start] === 103 && bytes[start + 1] === 105 && bytes[start + 2] === 116)
    return 0;
  if (bytes[domain.end] === 40 && !domain.known) return 0;
  if (bytes[start - 1] === 58 && isUserOfUrl(bytes, start - 1)) return 0;
  const sure = domain.known ? 'certain' : 'likely';
  piece.report('person.email', sure, start, domain.end, 'personal.email', 'form of an e-mail address');
  return start;
}

/** Called at '[', '(' or '{': `anna [at] example.org`, `anna(at)example(dot)org`. */
export function findSpelled(piece: Piece, open: number): void {
  const { bytes } = piece;
  if (!isBracketed(bytes, open, 97, 116)) return;
  const end = (kindAt(bytes, open - 1) & SPACE) !== 0 ? open - 1 : open;
  const start = localStart(bytes, end);
  if (start === end) return;
  const from = open + ((kindAt(bytes, open + 4) & SPACE) !== 0 ? 5 : 4);
  const stop = spelledDomain(bytes, from, LONGEST_ADDRESS - (from - start));
  if (stop > 0)
    piece.report(
      'person.email',
      'likely',
      start,
      stop,
      'personal.email',
      'e-mail address with its @ spelled',
    );
}

/** `[xy]` in any of three brackets and any case. */
function isBracketed(bytes: Uint8Array, open: number, first: number, second: number): boolean {
  const close = bytes[open + 3];
  return (
    ((bytes[open + 1] ?? 0) | 32) === first &&
    ((bytes[open + 2] ?? 0) | 32) === second &&
    (close === 93 || close === 41 || close === 125)
  );
}

function spelledDomain(bytes: Uint8Array, start: number, longest: number): number {
  let at = start;
  let labels = 0;
  for (;;) {
    const from = at;
    while ((kindAt(bytes, at) & ALNUM) !== 0 || bytes[at] === 45) if (++at - start > longest) return 0;
    if (at === from) return 0;
    labels++;
    const next = afterDot(bytes, at);
    if (next === 0) return labels > 1 && at - from > 1 && (kindAt(bytes, at - 1) & DIGIT) === 0 ? at : 0;
    at = next;
  }
}

/** Where the next label begins after '.', `[dot]`, `(dot)` or ` dot `; 0 when none follows. */
function afterDot(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 46) return (kindAt(bytes, at + 1) & ALNUM) !== 0 ? at + 1 : 0;
  let next = at;
  if ((kindAt(bytes, next) & SPACE) !== 0) next++;
  const open = bytes[next];
  const bracket = open === 91 || open === 40 || open === 123;
  if (bracket) next++;
  else if (next === at) return 0;
  const dot =
    ((bytes[next] ?? 0) | 32) === 100 &&
    ((bytes[next + 1] ?? 0) | 32) === 111 &&
    ((bytes[next + 2] ?? 0) | 32) === 116;
  if (!dot) return 0;
  next += 3;
  if (bracket) next++;
  else if ((kindAt(bytes, next) & SPACE) === 0) return 0;
  if ((kindAt(bytes, next) & SPACE) !== 0) next++;
  return (kindAt(bytes, next) & ALNUM) !== 0 ? next : 0;
}

/** Called at a '.' inside a name of a host: `write to anna at example.org`, only where the words before speak of mail. */
export function findSpoken(piece: Piece, dot: number): void {
  const { bytes } = piece;
  let host = dot;
  while (dot - host < 32 && ((kindAt(bytes, host - 1) & ALNUM) !== 0 || bytes[host - 1] === 45)) host--;
  if (bytes[host - 1] !== 32 || bytes[host - 2] !== 116 || bytes[host - 3] !== 97 || bytes[host - 4] !== 32)
    return;
  const end = host - 4;
  const start = localStart(bytes, end);
  if (start === end || !readDomain(bytes, host, LONGEST_ADDRESS - (host - start))) return;
  if (domain.known && (piece.about(start) & ABOUT.email) !== 0) {
    piece.report(
      'person.email',
      'likely',
      start,
      domain.end,
      'personal.email',
      'e-mail address with its @ spelled',
    );
  }
}
