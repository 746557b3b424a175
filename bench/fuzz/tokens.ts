import { createHmac } from 'node:crypto';
import { newIssuer, newRestorer, restoreAll, TOKEN_ALPHABET, tokenKinds } from '@drawbridge/tokens';
import { type Area, type Case, cutAt, type Draw } from './case.ts';

const key = Buffer.from('made-up key of a fuzz run');
const keyed = (kind: string, canonical: string): string =>
  [...createHmac('sha256', key).update(`${kind}\n${canonical}`).digest()]
    .slice(0, 13)
    .map((byte) => TOKEN_ALPHABET[byte & 31])
    .join('');

/** Values that stand for themselves in a case: `<kind> <original>` behind this character. */
const VALUE = '\u0001';
const ORIGINALS = [
  'Änna "Made-up" Berger',
  'a',
  'Alley 1\nNowhere',
  '\\',
  '"',
  '[[',
  ']]',
  '😀',
  '\ud83d',
  'PERSON_0000000000',
  '[[PERSON_7Q2K9XWM10]]',
  '\\[\\[',
  '%5B%5B',
  '',
  ' ',
];
/** What stands between values: whatever may look like a part of a token. */
const BETWEEN = [
  'word',
  ' ',
  ', ',
  '\n',
  '"',
  '\\',
  '\\\\',
  '[',
  ']',
  '[[',
  ']]',
  '{"a":"',
  '"}',
  '**',
  '`',
  '|',
  '%',
  '%5B',
  '%5b%5b',
  '%5D%5D',
  '_',
  'PERSON',
  'EMAIL_',
  'person_',
  '[[PERSON',
  '[[PERSON_0000000000]]',
  '[[ID_ZZZZZZZZ]]',
  '\\[\\[ORG\\_00000000\\]\\]',
  'A',
  'b',
  '0',
  'ä',
  '😀',
  '\ud83d',
  '\ude00',
  '\u200b',
];

function pieces(random: Draw): string {
  if (random.below(5) < 2)
    return `${VALUE}${random.one(tokenKinds)} ${random.one(ORIGINALS)}${random.below(30)}`;
  return random.below(12) === 0 ? String.fromCharCode(random.below(0x10000)) : random.one(BETWEEN);
}

/** How a model may write a token that it repeats; all of these come back. */
const WAYS: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => token.toLowerCase(),
  (token) => token.replace(/[A-Z]+_/, (kind) => kind.charAt(0) + kind.slice(1).toLowerCase()),
  (token) => `[[ ${token.slice(2, -2)} ]]`,
  (token) => `\\[\\[${token.slice(2, -2)}\\]\\]`,
  (token) => `\\[\\[${token.slice(2, -2).replace('_', '\\_')}\\]\\]`,
];

/** A text as a string of JSON within JSON, so many times. */
function written(text: string, depth: number): string {
  return depth === 0 ? text : written(JSON.stringify({ t: text }), depth - 1);
}
function read(text: string, depth: number): string {
  return depth === 0 ? text : read((JSON.parse(text) as { t: string }).t, depth - 1);
}

function check({ parts, cuts, choice }: Case): string | null {
  const depth = choice % 4;
  const issuer = newIssuer(keyed);
  let given = '';
  let expected = '';
  let count = 0;
  let isPlain = true;
  for (const [at, part] of parts.entries()) {
    if (!part.startsWith(VALUE)) {
      given += part;
      expected += part;
      continue;
    }
    const space = part.indexOf(' ');
    const kind = tokenKinds.find((each) => each === part.slice(1, space)) ?? 'VALUE';
    const original = part.slice(space + 1);
    const token = issuer.token(kind, original, original);
    const way = WAYS[(choice + at) % WAYS.length] ?? WAYS[0];
    // Beside what looks like a part of one, where a token begins is not for us to say.
    isPlain &&= /(?:^|[\s,*`|"ä])$/.test(given) || at === 0 || (parts[at - 1] ?? '').startsWith(VALUE);
    given += way === undefined ? token : way(token);
    expected += original;
    count++;
  }
  const text = written(given, depth);
  const whole = restoreAll(text, issuer.issued, depth);
  const restorer = newRestorer(issuer.issued, depth);
  let out = '';
  for (const piece of cutAt(text, cuts)) {
    out += restorer.push(piece);
    if (restorer.held >= 47 && !text.includes('\\')) return `${restorer.held} characters are held back`;
  }
  out += restorer.end();
  const { restored, unknown } = restorer.counts;
  if (out !== whole.text)
    return `depth ${depth}: in pieces ${JSON.stringify(out)}, whole ${JSON.stringify(whole.text)}`;
  if (restored !== whole.restored || unknown !== whole.unknown)
    return `depth ${depth}: in pieces ${restored} restored and ${unknown} unknown, whole ${whole.restored} and ${whole.unknown}`;
  if (restorer.held !== 0 || !restorer.isIdle) return 'something is held back behind the end';
  const back = read(whole.text, depth);
  if (isPlain && whole.restored !== count) return `depth ${depth}: ${whole.restored} of ${count} came back`;
  if (isPlain && back !== expected)
    return `depth ${depth}: ${JSON.stringify(back)} came back for ${JSON.stringify(expected)}`;
  return null;
}

export const tokensArea: Area = { name: 'tokens', pieces, check };
