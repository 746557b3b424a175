import { createHmac } from 'node:crypto';
import { TOKEN_ALPHABET, type TokenKind } from '@drawbridge/tokens';

const kinds: ReadonlyMap<string, TokenKind> = new Map([
  ['person.name', 'PERSON'],
  ['person.email', 'EMAIL'],
  ['person.phone', 'PHONE'],
  ['person.address', 'ADDRESS'],
  ['person.birth_date', 'DATE'],
  ['person.national_id', 'ID'],
  ['person.id', 'ID'],
  ['payment.card', 'CARD'],
  ['payment.iban', 'IBAN'],
  ['network.ip', 'IP'],
  ['network.mac', 'MAC'],
  ['org.name', 'ORG'],
  ['org.id', 'ORG'],
  ['web.url', 'URL'],
]);

/** What a model is told that a token stands for. */
export function tokenKindOf(fieldClass: string): TokenKind {
  const kind = kinds.get(fieldClass);
  if (kind !== undefined) return kind;
  if (fieldClass.startsWith('secret.')) return 'SECRET';
  return fieldClass.startsWith('business.') ? 'TERM' : 'VALUE';
}

const spacesAside = (value: string): string => value.trim().replace(/\s+/g, ' ').normalize('NFC');
/** Digits of any script are kept, and that an extension follows: else two numbers would be one. */
const digits = (value: string): string =>
  value
    .normalize('NFKC')
    .trim()
    .replace(/[\p{L}#;]\P{Nd}*/gu, 'x')
    .replace(/(?!^\+)[^\p{Nd}x]/gu, '');
/** A plus tells two persons' numbers in Sweden apart. */
const lettersAndDigits = (value: string): string =>
  value
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}+]/gu, '')
    .toUpperCase();
const anyCase = (value: string): string => spacesAside(value).toLowerCase();

/** Classes of values that people write in more than one way. */
const canonicals: ReadonlyMap<string, (value: string) => string> = new Map([
  ['person.email', anyCase],
  ['person.name', anyCase],
  ['org.name', anyCase],
  ['person.address', anyCase],
  ['person.birth_date', spacesAside],
  ['person.phone', digits],
  ['payment.card', digits],
  ['payment.iban', lettersAndDigits],
  ['person.national_id', lettersAndDigits],
  ['network.mac', lettersAndDigits],
]);

/**
 * One form for the spellings of a value, so that they come to one token. What is no such class is its own form, to the
 * last space: the first of two passwords or ids that are nearly the same must not come back in the place of the second.
 */
export function canonicalValue(fieldClass: string, value: string): string {
  return canonicals.get(fieldClass)?.(value) || value;
}

/** Whether two originals of one token are spellings of one value, and not two values that came to it. */
export function isSameValue(token: string, one: string, other: string): boolean {
  if (one === other) return true;
  const kind = /^\[\[([A-Z]+)_/.exec(token)?.[1];
  if (kind === 'TERM') return anyCase(one) === anyCase(other);
  for (const [fieldClass, canonical] of canonicals) {
    if (tokenKindOf(fieldClass) === kind && canonical(one) === canonical(other)) return true;
  }
  return false;
}

/**
 * The key under which one app's values become tokens for one vendor and epoch: two vendors can't join on them, nor two
 * apps, and with the vendor's secret all of them end.
 */
export function tokenKey(vendorSecret: Buffer, app: string): Buffer {
  return createHmac('sha256', vendorSecret).update(`token key\n${app}`).digest();
}

const TOKEN_CHARACTERS = 13;

/** The first 65 bits of HMAC-SHA256(key, kind, canonical value) in the tokens' alphabet. */
export function keyedTokenText(key: Buffer, kind: TokenKind, canonical: string): string {
  const digest = createHmac('sha256', key).update(`${kind}\n${canonical}`).digest();
  let bits = digest.readBigUInt64BE(0) * 32n + BigInt((digest[8] ?? 0) >> 3);
  let text = '';
  for (let at = 0; at < TOKEN_CHARACTERS; at++) {
    text = (TOKEN_ALPHABET[Number(bits % 32n)] ?? '') + text;
    bits /= 32n;
  }
  return text;
}
