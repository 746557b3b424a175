import { VaultFailure } from '../failure.ts';

const KEY_BYTES = 32;
/** As the key file has it, or as plain base64 with either alphabet: 43 characters, and a `=` where one is set. */
const FORM = /^(?:drawbridge-kek-1:)?([A-Za-z0-9_-]{43}|[A-Za-z0-9+/]{43}=?)\s*$/;

/** The key in a text. Throws VaultFailure `kek_malformed`, which says nothing of the text. */
export function keyInText(text: string, where: string): Buffer {
  const found = FORM.exec(text)?.[1];
  const key =
    found === undefined
      ? null
      : Buffer.from(found, found.includes('-') || found.includes('_') ? 'base64url' : 'base64');
  if (key !== null && key.length === KEY_BYTES) return key;
  throw new VaultFailure(
    'kek_malformed',
    `${where} holds no key: 32 bytes in base64 (44 characters), or a line as in a key file, is right. "openssl rand -base64 32" makes one. Nothing was changed.`,
  );
}
