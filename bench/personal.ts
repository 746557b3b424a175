import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { personalScan } from '../libs/scan/personal/index.ts';
import { cleanText } from '../libs/scan/personal/testing/clean.ts';
import { crafted } from '../libs/scan/personal/testing/crafted.ts';
import * as madeUp from '../libs/scan/personal/testing/made-up.ts';

/**
 * Personal data in 16 KB pieces: µs per piece (the best of some rounds for each piece, then median and worst over the
 * pieces), the crafted texts, and recall and precision on data that is made up for it. Files given as arguments are
 * measured too; without any, this repository's documentation and some of its code.
 */
const SIZE = 16 * 1024;
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '30' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const LEVELS = ['structured', 'all'] as const;
type Level = (typeof LEVELS)[number];
const nothing = () => undefined;

/** Pieces as a gateway has them: each a string of its own, not a view of a longer one. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at + SIZE <= text.length; at += SIZE) {
    pieces.push(Buffer.from(text.slice(at, at + SIZE)).toString());
  }
  return pieces;
}

function best(text: string, level: Level): number {
  let quickest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    personalScan(text, 0, text.length, nothing, level);
    quickest = Math.min(quickest, performance.now() - from);
  }
  return quickest * 1000;
}

const root = new URL('..', import.meta.url).pathname;
const read = (paths: readonly string[]): string => paths.map((path) => readFileSync(path, 'utf8')).join('\n');
const inRoot = (paths: readonly string[]): string => read(paths.map((path) => root + path));
const texts: Record<string, string> =
  positionals.length > 0
    ? { 'given files': read(positionals) }
    : {
        documentation: inRoot(['README.md', 'docs/gateway.md', 'docs/architecture.md', 'docs/benchmarks.md']),
        code: inRoot([
          'libs/tlog/reader.ts',
          'libs/journal/journal.ts',
          'libs/tlog/fsck.ts',
          'libs/minimise/compile.ts',
          'libs/tlog/witness.ts',
        ]),
        'dense with numbers (made up)': cleanText(20 * SIZE),
      };

const speed: Record<string, Record<string, number>> = {};
for (const [name, text] of Object.entries(texts)) {
  const row: Record<string, number> = {};
  for (const level of LEVELS) {
    const micros = piecesOf(text)
      .map((piece) => best(piece, level))
      .sort((a, b) => a - b);
    row[`${level} p50 µs`] = Math.round(micros[micros.length >> 1] ?? 0);
    row[`${level} worst µs`] = Math.round(micros.at(-1) ?? 0);
  }
  speed[name] = row;
}
console.log('16 KB pieces');
console.table(speed);

const hard = Object.entries(crafted)
  .map(([name, make]) => ({ name, micros: Math.round(best(make(SIZE), 'all')) }))
  .sort((a, b) => b.micros - a.micros);
console.log('crafted 16 KB texts, level all, the ten that cost most');
console.table(hard.slice(0, 10));

/** Each value in a sentence of its own, between lines of clean text. */
const KINDS = {
  'person.email': [madeUp.email, 'Please write to VALUE today.'],
  'person.phone': [madeUp.phone, 'You reach us under VALUE all day.'],
  'person.phone (national)': [madeUp.nationalPhone, 'Phone: VALUE'],
  'payment.card': [madeUp.card, 'It was paid with VALUE yesterday.'],
  'payment.iban': [madeUp.iban, 'Transfer it to VALUE please.'],
  'person.national_id (DE)': [madeUp.steuerId, 'Steuer-ID VALUE'],
  'person.national_id (FR)': [madeUp.nir, 'NIR VALUE'],
  'person.national_id (ES)': [madeUp.dni, 'DNI VALUE'],
  'person.national_id (NL)': [madeUp.bsn, 'BSN VALUE'],
  'person.national_id (PL)': [madeUp.pesel, 'PESEL VALUE'],
  'person.national_id (BE)': [madeUp.belgian, 'rijksregisternummer VALUE'],
  'person.national_id (SE)': [madeUp.personnummer, 'personnummer VALUE'],
  'person.national_id (CH)': [madeUp.ahv, 'AHV VALUE'],
  'person.national_id (US)': [madeUp.ssn, 'His number is VALUE.'],
  'person.national_id (UK)': [madeUp.nino, 'National Insurance number VALUE'],
  'network.ip': [madeUp.ipv4, 'Requests came from VALUE again.'],
  'network.ip (v6)': [madeUp.ipv6, 'Requests came from VALUE again.'],
  'network.mac': [madeUp.mac, 'The device VALUE is new.'],
  'person.birth_date': [madeUp.birthDate, 'She was born on VALUE in town.'],
  'person.address': [madeUp.address, 'Send it to VALUE\nby mail.'],
  'person.name': [madeUp.name, 'Hello, my name is VALUE and I have a question.'],
  'person.name (no context)': [madeUp.name, 'Yesterday VALUE went home.'],
} as const;
const quality: Record<string, { values: number; 'recall %': number; 'precision %': number }> = {};
for (const [kind, [make, sentence]] of Object.entries(KINDS)) {
  const random = madeUp.seeded(42);
  const cls = kind.split(' ')[0];
  let hit = 0;
  let right = 0;
  let all = 0;
  const count = 300;
  for (let each = 0; each < count; each++) {
    const value = make(random);
    const front = `${cleanText(300, each)}\n\n${sentence.slice(0, sentence.indexOf('VALUE'))}`;
    const text = `${front}${value}${sentence.slice(sentence.indexOf('VALUE') + 5)}\n\n${cleanText(300, each + 1000)}`;
    let covered = false;
    personalScan(
      text,
      0,
      text.length,
      (found, confidence, start, end) => {
        if (confidence === 'possible') return;
        const overlaps = start < front.length + value.length && end > front.length;
        all++;
        if (overlaps && found === cls) right++;
        if (found === cls && start <= front.length && end >= front.length + value.length) covered = true;
      },
      'all',
    );
    if (covered) hit++;
  }
  quality[kind] = {
    values: count,
    'recall %': Math.round((hit / count) * 1000) / 10,
    'precision %': all === 0 ? 100 : Math.round((right / all) * 1000) / 10,
  };
}
console.log('made-up values among clean text, certain and likely finds');
console.table(quality);
