/** What a token stands for, so that a model can still reason about it. */
export const tokenKinds = [
  'PERSON',
  'ORG',
  'EMAIL',
  'PHONE',
  'ADDRESS',
  'DATE',
  'ID',
  'CARD',
  'IBAN',
  'IP',
  'MAC',
  'URL',
  'SECRET',
  'TERM',
  'VALUE',
] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** Crockford's base32 in upper case: without I, L, O and U, which are misread. */
export const TOKEN_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 50 bits: among 100,000 values of one request two meet once in 200,000 such requests. */
const LENGTH = 10;
const DIGEST = new RegExp(`^[${TOKEN_ALPHABET}]{${LENGTH},}$`);

/** Two different values of one request came to one token. What either of them was could not be said in the answer. */
export class TokenCollisionError extends Error {
  readonly code = 'token_collision';
  readonly kind: TokenKind;
  constructor(kind: TokenKind) {
    super(`two values of kind ${kind} came to the same token`);
    this.name = 'TokenCollisionError';
    this.kind = kind;
  }
}

/** Issues the tokens of one request. */
export interface Issuer {
  /**
   * The token for this value; the same kind and `canonical` give the same token, whatever was issued before. `original`
   * is what comes back in its place: of one value written in two ways, the first. Throws TokenCollisionError; RangeError
   * when the keyed function gives what no token can be made of.
   */
  token(kind: TokenKind, canonical: string, original: string): string;
  /** What was issued: whole tokens, and the original texts that they stand for. */
  readonly issued: ReadonlyMap<string, string>;
}

/**
 * `keyed`: a keyed function (a MAC) of kind and value, at least ten characters of `TOKEN_ALPHABET`. Under one key, tokens
 * are the same in every request and process, so that nothing needs to be stored.
 */
export function newIssuer(keyed: (kind: TokenKind, canonical: string) => string): Issuer {
  const issued = new Map<string, string>();
  const canonicals = new Map<string, string>();
  return {
    issued,
    token(kind, canonical, original) {
      const digest = keyed(kind, canonical);
      if (!DIGEST.test(digest)) {
        throw new RangeError(
          `the keyed function must give at least ${LENGTH} characters of the token alphabet`,
        );
      }
      const token = `[[${kind}_${digest.slice(0, LENGTH)}]]`;
      const before = canonicals.get(token);
      if (before === undefined) {
        canonicals.set(token, canonical);
        issued.set(token, original);
      } else if (before !== canonical) throw new TokenCollisionError(kind);
      return token;
    },
  };
}

const IMITATION = new RegExp(
  `\\[\\[[ ]?(?:${tokenKinds.join('|')})_[${TOKEN_ALPHABET}]{8,13}[ ]?\\]\\]`,
  'i',
);

/** Whether something in a text has a token's form. */
export function looksLikeToken(text: string): boolean {
  return IMITATION.test(text);
}
