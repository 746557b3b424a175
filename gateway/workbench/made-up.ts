import type { ContractDocument, Service } from '@drawbridge/protocol';
import { ScanBudgetError } from '@drawbridge/scan';
import { type DryScan, liveOf } from '../dry-run.ts';
import type { Span } from './raw.ts';
import { SampleError } from './text.ts';
import { tryRequest } from './try.ts';

/** A sample whose found values were replaced. */
export interface MadeUp {
  text: string;
  /** How many values were replaced. */
  replaced: number;
  /** Of these: how many are not found as the same kind any more, as no made-up value of it could be put. */
  lost: number;
  /** What is found beside what was put in. Spans are of the new text. */
  left: { class: string; span: Span }[];
}

interface Value {
  class: string;
  span: Span;
  /** The made-up values that may stand for it, the best first. */
  candidates: readonly string[];
  chosen: number;
}

/** So often are other made-up values tried for those that are not found as what they stand for. */
const MOST_ROUNDS = 6;

/**
 * Puts made-up values of the same kind in the place of all that is found, at the highest level. The same value comes to the
 * same made-up one. Throws SampleError `too_much`, and ScanRuleError for rules that can't be read.
 */
export function madeUp(service: Service, scan: DryScan, given: string): MadeUp {
  const names = new Map<string, number>();
  const values = found(service, scan, given).map((one): Value => {
    const value = given.slice(one.span.start, one.span.end);
    const key = `${one.class} ${value}`;
    const number =
      names.get(key) ?? [...names.keys()].filter((name) => name.startsWith(`${one.class} `)).length;
    names.set(key, number);
    const candidates = candidatesFor(one.class, value, number);
    const isOwn = one.detector.startsWith('custom.');
    return { ...one, candidates: isOwn ? [...formsOf(value), ...candidates] : candidates, chosen: 0 };
  });
  let built = put(given, values);
  let seen = found(service, scan, built.text);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const lost = values.filter((value, at) => !isSeen(value, built.spans[at], seen));
    const others = lost.filter(({ chosen, candidates }) => chosen + 1 < candidates.length);
    if (others.length === 0) break;
    for (const value of others) value.chosen++;
    built = put(given, values);
    seen = found(service, scan, built.text);
  }
  return {
    text: built.text,
    replaced: values.length,
    lost: values.filter((value, at) => !isSeen(value, built.spans[at], seen)).length,
    left: seen
      .filter(({ span }) => !built.spans.some((put) => span.start < put.end && put.start < span.end))
      .map(({ class: name, span }) => ({ class: name, span })),
  };
}

function isSeen(
  value: Value,
  put: Span | undefined,
  seen: readonly { class: string; span: Span }[],
): boolean {
  return (
    put !== undefined &&
    seen.some(({ class: name, span }) => name === value.class && span.start < put.end && put.start < span.end)
  );
}

function put(given: string, values: readonly Value[]): { text: string; spans: Span[] } {
  const spans: Span[] = [];
  let text = '';
  let at = 0;
  for (const { span, candidates, chosen } of values) {
    text += given.slice(at, span.start);
    const made = candidates[chosen] ?? '';
    spans.push({ start: text.length, end: text.length + made.length });
    text += made;
    at = span.end;
  }
  return { text: text + given.slice(at), spans };
}

interface Seen {
  class: string;
  detector: string;
  span: Span;
}

function found(service: Service, scan: DryScan, text: string): Seen[] {
  const rules: ContractDocument = {
    ...service.contracts.as_is,
    text: { scan: 'all', found: {}, otherwise: { do: 'pass' }, over_budget: 'refuse' },
  };
  let all: readonly (Omit<Seen, 'span'> & { span: Span | null })[];
  try {
    // A body of JSON is looked through value by value, wherever its texts stand.
    const run = tryRequest({ service, rules, scan, request: { text, endpoint: null } });
    if (run.refusal !== null || run.found > run.findings.length) throw tooMuch();
    all = run.findings;
  } catch (error) {
    if (!(error instanceof SampleError) || error.code !== 'no_text_place') throw error;
    const looked = lookedThrough(service, rules, scan, text);
    all = looked.map(({ class: name, detector, start, end }) => ({
      class: name,
      detector,
      span: { start, end },
    }));
  }
  let end = 0;
  return all
    .flatMap(({ class: name, detector, span }) => (span === null ? [] : [{ class: name, detector, span }]))
    .sort((a, b) => a.span.start - b.span.start)
    .filter(({ span }) => {
      const fits = span.start >= end;
      if (fits) end = span.end;
      return fits;
    });
}

/** Of a service whose sample has no text: the sample as one text. */
function lookedThrough(service: Service, rules: ContractDocument, scan: DryScan, text: string) {
  try {
    return liveOf(service, rules, scan).text?.scanner.find(text, '') ?? [];
  } catch (error) {
    throw error instanceof ScanBudgetError ? tooMuch() : error;
  }
}

/** What is not known is not stored. */
const tooMuch = (): SampleError =>
  new SampleError(
    'too_much',
    'So much is found in the sample that not all of it is told. Take a part of it.',
  );

const first = ['Alex', 'Robin', 'Kim', 'Sam', 'Toni', 'Chris'];
const two = (number: number): string => String(number % 100).padStart(2, '0');

/** Numbers that authorities use as examples, or that nobody was given. */
const nationalIds = [
  '86095742719',
  '12345678Z',
  'RSSMRA85T10A562S',
  '255081416802538',
  '111222333',
  '44051401359',
  '756.9217.0769.85',
  '85073003328',
  '811218-9876',
  '219-09-9999',
];

/** Made-up values by class. All are of letters, digits and marks that are written the same in any JSON. */
function candidatesFor(name: string, value: string, number: number): readonly string[] {
  const all = [...kindsOf(name, number), ...(name.startsWith('secret.') ? secretsLike(value) : [])];
  // A number of JSON stays one.
  if (!/^\d+$/.test(value)) return all.length === 0 ? [`made-up-${number}`] : all;
  return [...all.filter((one) => /^\d+$/.test(one)), '4'.repeat(value.length)];
}

function kindsOf(name: string, number: number): readonly string[] {
  switch (name) {
    case 'person.email':
      return [`person${number + 1}@example.com`];
    case 'person.name':
      return [`${first[number % first.length]} Example`, 'Example'];
    case 'person.phone':
      return [`+44 20 7946 00${two(number)}`, `+4420794600${two(number)}`, `020 7946 00${two(number)}`];
    case 'person.address':
      return [`${number + 1} Example Street`, `Beispielstraße ${number + 1}, 12345 Musterstadt`];
    case 'person.birth_date':
      return ['1990-01-01', '01.01.1990', '01/01/1990', '1 January 1990'];
    case 'person.national_id':
      return nationalIds;
    case 'payment.card':
      return ['4111 1111 1111 1111', '4111111111111111'];
    case 'payment.iban':
      return ['DE89 3704 0044 0532 0130 00', 'DE89370400440532013000'];
    case 'network.ip':
      return [`192.0.2.${number % 255}`, `2001:db8::${number}`];
    case 'network.mac':
      return [`00:00:5e:00:53:${two(number)}`, `00-00-5e-00-53-${two(number)}`];
    case 'org.name':
      return ['Example GmbH', 'Example Ltd'];
    case 'web.url':
      return [`https://www.example.com/made-up?id=${number}`, `made-up-${number}`];
    default:
      return [];
  }
}

function secretsLike(value: string): readonly string[] {
  const signed = value.startsWith('eyJ') ? [madeUpJwt] : [];
  return [...signed, 'k3ller-Treppe-9-made-up', ...formsOf(value), 'made-up-secret'];
}

/** Values of the same form that keep, of what it begins with, less and less hidden, until one is found as the same kind. */
function formsOf(value: string): readonly string[] {
  const turned = (kept: number): string =>
    Array.from(value, (char, at) => (at < kept ? char : replaced(char, at))).join('');
  // What vendors' keys begin with says whose they are: letters, and a mark behind them.
  const prefix = /^[A-Za-z]{2,8}(?:[-_][a-z]{2,8})?[-_]/.exec(value)?.[0].length ?? 0;
  return [turned(0), turned(prefix), turned(4)];
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const madeUpJwt = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ sub: 'made-up' })}.${encoded({ made: 'up, and signed by nobody' })}`;

const rounds = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** A character of the same kind that hangs on its place alone. */
function replaced(char: string, at: number): string {
  const alphabet = rounds.find((one) => one.includes(char));
  if (alphabet !== undefined) return alphabet.charAt((at * 7 + 3) % alphabet.length);
  return /[-_.:/+=@]/.test(char) ? char : 'x';
}
