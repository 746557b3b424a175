import { fileURLToPath } from 'node:url';
import {
  compileScanner,
  type Finding,
  fingerprint,
  type KnownValues,
  knownRun,
  ScanBudgetError,
  type Scanner,
  STREAM_HOLD,
} from '@drawbridge/scan';
import { crafted, exampleOf, seeded } from '@drawbridge/scan/testing';
import { cleanText } from '../../libs/scan/personal/testing/clean.ts';
import * as madeUp from '../../libs/scan/personal/testing/made-up.ts';
import { packRules } from '../scan/rules.ts';
import { type Area, type Case, cutAt, type Draw } from './case.ts';

const { rules } = packRules(fileURLToPath(new URL('../../packs/detectors', import.meta.url)));

const fixed = seeded(1);
const registered = [
  ...Array.from({ length: 40 }, (_, at) => exampleOf(`{base62:${10 + at}}`, fixed)),
  'pässwort-mit-laenge',
  'abcdefgh_1234-xyzq+/pp',
];
/** `filter`: with the quick look before a lookup. */
function knownOf(values: readonly string[], filter: boolean): KnownValues {
  const runs = values.flatMap((value) => {
    const run = knownRun(value);
    return run === null ? [] : [{ ...run, value }];
  });
  const prints = new Set(runs.map(({ run }) => fingerprint(run, 31)));
  return {
    lengths: new Set(runs.map(({ run }) => run.length)),
    lookup(asked) {
      const found = runs.find(({ run, value }) => run === asked || value === asked);
      if (found === undefined) return null;
      const { before, after } = found;
      const known = { id: found.value.slice(0, 3), class: 'secret.api_key' };
      return before + after > 0 ? { ...known, around: { before, after } } : known;
    },
    ...(filter ? { filter: { seed: 31, has: (print: number) => prints.has(print) } } : {}),
  };
}
const phrases = {
  begins: (word: string) => (word === 'ann' || word === 'grosse' ? [1, 2, 3] : null),
  lookup: (words: string) =>
    words === 'ann lee' || words === 'grosse firma ag' ? { id: words, class: 'person.name' } : null,
};
const runsOnly = { ...knownOf(registered.slice(0, 40), true), around: false as const };
const custom = [
  { id: 'c1', class: 'x.y', pattern: 'PRJ-[0-9]{4}', confidence: 'likely' as const },
  { id: 'c2', class: 'x.y', pattern: '^internal:.*$', confidence: 'possible' as const },
];

const settings: readonly (readonly [name: string, scanner: Scanner])[] = [
  ['secrets', compileScanner({ rules })],
  ['secrets without context', compileScanner({ rules, contextual: false })],
  ['secrets and structured', compileScanner({ rules, personal: 'structured' })],
  ['secrets and all', compileScanner({ rules, personal: 'all' })],
  [
    'everything',
    compileScanner({ rules, personal: 'all', known: knownOf(registered, true), phrases, custom }),
  ],
  ['registered values, no filter', compileScanner({ rules: [], known: knownOf(registered, false) })],
  ['registered runs alone', compileScanner({ rules, known: runsOnly })],
  ['phrases', compileScanner({ rules: [], phrases, contextual: false })],
];

const makers = [
  madeUp.email,
  madeUp.phone,
  madeUp.nationalPhone,
  madeUp.card,
  madeUp.iban,
  madeUp.steuerId,
  madeUp.nir,
  madeUp.dni,
  madeUp.bsn,
  madeUp.pesel,
  madeUp.belgian,
  madeUp.personnummer,
  madeUp.ahv,
  madeUp.ssn,
  madeUp.nino,
  madeUp.ipv4,
  madeUp.ipv6,
  madeUp.mac,
  madeUp.birthDate,
  madeUp.address,
  madeUp.name,
];
const dashes = '-'.repeat(5);
const WORDS =
  'password passwd Passwort token Bearer Authorization: api_key apiKey API\u0020KEY secret client_secret key KEY credential datadog twilio mistral pinecone sentry cloudflare = : => http:// https://x.example/?q= postgres://user: user:pw@host %41 %2 \\u0041 \\n \\" eyJ eyJhbGciOiJIUzI1NiJ9 .eyJleHAiOjE3MDAwMDAwMDB9 sk- sk-proj- ghp_ xoxb- AKIA glpat- SG. hvb. Basic example changeme your xxxx sha256- process.env. Mr. Dear From: To: Tel IBAN card born ssn phone DOB +49 0 1 7 42 2031-03-10 12:03:45 1.2.3.4 ::1 fe80::1 ab:cd:ef:01:23:45 PRJ-1234 internal: Ann Lee Große Firma AG Street straße rue Via'.split(
    ' ',
  );
const BITS = [
  ...WORDS,
  ...`{}()[]<>$#|"'\`,;.-_/?&%\\@+=:~^*!`,
  ...' \n\t\r\n',
  '  ',
  'é',
  'ß',
  'а',
  '中文',
  'password="k3ll中文',
  'https://me:k3ll中文',
  'id=中文',
  '０１',
  'ｓｋ',
  '\u200b',
  '\u200d',
  '\u00ad',
  '\u3000',
  '\u202e',
  '\u0301',
  '\ud83d',
  '\ude00',
  '😀',
  '\ud835\udfd1',
  '٣',
  'the password is ',
  'Password is',
  'my name is ',
  `${dashes}BEGIN RSA PRIVATE${` KEY${dashes}`}`,
  `${dashes}END RSA PRIVATE${` KEY${dashes}`}`,
  `${dashes}BEGIN `,
];
const ALPHABETS = ['base62', 'hex', 'base64', 'base64url', 'alnum_lower', 'digit', 'unreserved'];
const hostile = crafted(64).map(({ text }) => text);

function pieces(random: Draw): string {
  const kind = random.below(100);
  const after = random.below(4) === 0 ? ' ' : '';
  if (kind < 10) {
    const rule = random.one(rules);
    const value = exampleOf(random.one(rule.forms), random.next, rule.checksum);
    const whole = random.below(3) === 0 ? value.slice(0, random.below(value.length)) : value;
    return (rule.keywords !== undefined && random.below(3) > 0 ? `${rule.keywords[0]} ` : '') + whole + after;
  }
  if (kind < 18) return random.one(makers)((below) => random.below(below)) + after;
  if (kind < 22) return random.one(registered) + after;
  if (kind < 30) {
    const most = random.below(30) === 0 ? 2200 : 60;
    return exampleOf(`{${random.one(ALPHABETS)}:${1 + random.below(most)}}`, random.next) + after;
  }
  if (kind < 32) {
    const inner = `password = "${exampleOf('{base62:20}', random.next)}" ${exampleOf('ghp_{base62:36}', random.next)}`;
    return Buffer.from(inner).toString(random.one(['base64', 'base64url'] as const)) + after;
  }
  if (kind < 38) return cleanText(60, random.below(1000)) + after;
  if (kind < 40) return random.one(hostile);
  if (kind < 42) return String.fromCharCode(random.below(0x10000)) + after;
  return random.one(BITS) + after;
}

const CONFIDENCES: ReadonlySet<string> = new Set(['certain', 'likely', 'possible']);

function disorder(findings: readonly Finding[], length: number): string | null {
  let before = 0;
  for (const { start, end, confidence, detector, why } of findings) {
    if (!Number.isInteger(start) || !Number.isInteger(end))
      return `${detector}: offsets are no whole numbers`;
    if (start < before) return `${detector}: [${start},${end}) begins before ${before}`;
    if (end <= start || end > length) return `${detector}: [${start},${end}) of ${length} characters`;
    if (!CONFIDENCES.has(confidence) || why === '') return `${detector}: confidence or reason is missing`;
    before = end;
  }
  return null;
}

const said = (findings: readonly Finding[]): string => JSON.stringify(findings);

/** Milliseconds that a text may take: a hundred times what is measured for 16 KB, on a machine that does other things. */
const longest = (length: number): number => 25 + length / 250;

function checkTime(scanner: Scanner, text: string): string | null {
  let quickest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5 && quickest > longest(text.length); round++) {
    const begun = performance.now();
    scanner.scan(text);
    quickest = Math.min(quickest, performance.now() - begun);
  }
  return quickest > longest(text.length) ? `${text.length} characters took ${quickest} ms` : null;
}

function checkStream(scanner: Scanner, text: string, whole: readonly Finding[], cuts: readonly number[]) {
  const stream = scanner.stream();
  const found: Finding[] = [];
  let out = '';
  for (const piece of cutAt(text, cuts)) {
    const pushed = stream.push(piece);
    out += pushed.text;
    found.push(...pushed.findings);
    const last = pushed.findings.at(-1);
    if (last !== undefined && last.end > out.length) return 'a find left before its text';
    if (stream.held > STREAM_HOLD + piece.length) return `${stream.held} characters are held back`;
  }
  const rest = stream.end();
  out += rest.text;
  found.push(...rest.findings);
  if (out !== text) return 'the stream is another text';
  if (said(found) !== said(whole)) return `the stream has ${said(found)}, the whole ${said(whole)}`;
  return null;
}

function check({ parts, cuts, choice }: Case): string | null {
  const text = parts.join('');
  const [name, scanner] = settings[choice % settings.length] ??
    settings[0] ?? ['', compileScanner({ rules })];
  const fault = (what: string | null): string | null => (what === null ? null : `${name}: ${what}`);
  const value = scanner.scanValue(parts[0] ?? '', text);
  let whole: Finding[];
  try {
    whole = scanner.scan(text);
  } catch (cause) {
    if (!(cause instanceof ScanBudgetError)) throw cause;
    return fault(`${text.length} characters took more than their ${cause.maxWork} steps`);
  }
  return (
    fault(disorder(whole, text.length)) ??
    fault(disorder(value, text.length)) ??
    fault(said(scanner.scan(text)) === said(whole) ? null : 'a second scan finds something else') ??
    fault(checkStream(scanner, text, whole, cuts)) ??
    fault(checkTime(scanner, text))
  );
}

export const scannerArea: Area = { name: 'scanner', pieces, check };
