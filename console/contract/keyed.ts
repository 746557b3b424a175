import type { Keyed } from '@drawbridge/minimise';
import { hmacSha256 } from './hmac.ts';

/** Pseudonyms made so far: what of a treated text is a pseudonym can be told from what is only coarser. */
export interface PreviewKeyed extends Keyed {
  readonly made: ReadonlySet<string>;
  /** Tokens made so far. */
  readonly tokens: ReadonlySet<string>;
  token(fieldClass: string, value: string): string;
}

/** Characters of a pseudonym: 16 bytes in base64. */
export const pseudonymLength = 22;

const encoder = new TextEncoder();

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * Keyed functions for the preview, under random secrets of this page alone: they look as the gateway's do and join
 * with nothing. The first 16 bytes of HMAC-SHA-256, 22 url-safe characters.
 */
export function previewKeyed(): PreviewKeyed {
  const made = new Set<string>();
  const tokens = new Set<string>();
  const secret = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
  const [vendor, ledger, review] = [secret(), secret(), secret()] as const;
  const keyed = (key: Uint8Array, text: string): string =>
    base64Url(hmacSha256(key, encoder.encode(text)).subarray(0, 16));
  return {
    made,
    tokens,
    token: (fieldClass, value) => {
      const kind = fieldClass.split('.').at(-1)?.toUpperCase();
      const token = `[[${kind}_${keyed(vendor, value)
        .replace(/[^0-9A-Za-z]/g, '0')
        .slice(0, 10)
        .toUpperCase()}]]`;
      tokens.add(token);
      return token;
    },
    pseudonym: (value) => {
      const pseudonym = keyed(vendor, value);
      made.add(pseudonym);
      return pseudonym;
    },
    subject: (canonical) => keyed(ledger, canonical),
    reviewHash: (name) => keyed(review, name),
  };
}
