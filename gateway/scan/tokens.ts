import { createHmac } from 'node:crypto';
import { canonicalIdentifier } from '@drawbridge/minimise';
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

const digitsOnly: ReadonlySet<TokenKind> = new Set(['PHONE', 'CARD']);
const lettersAndDigits: ReadonlySet<TokenKind> = new Set(['IBAN', 'ID', 'MAC']);
const anyCase: ReadonlySet<TokenKind> = new Set(['PERSON', 'ORG', 'ADDRESS']);

/** One form for the spellings of a value, so that they come to one token. */
export function canonicalValue(kind: TokenKind, value: string): string {
  const text = canonicalIdentifier(value.replace(/\s+/g, ' '));
  if (digitsOnly.has(kind)) return text.replace(/(?!^\+)\D/g, '');
  if (lettersAndDigits.has(kind)) return text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
  return anyCase.has(kind) ? text.toLowerCase() : text;
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
