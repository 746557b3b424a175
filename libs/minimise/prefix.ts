import { type Codec, openValue } from './envelope.ts';
import { EnvelopeError } from './error.ts';

/**
 * The JSON text at the start of a body that may be cut off anywhere, for reading ahead: to find a key before anything
 * else is known of the request. `bytes` are what was read (and inflated) already. Returns null when nothing can be told.
 */
export function openPrefix(bytes: Uint8Array, formField: string | null, codec: Codec): string | null {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
  if (/^\s{0,100}[[{]/.test(text)) return text;
  if (formField === null) return null;
  const marker = `${formField}=`;
  const start = text.startsWith(marker) ? 0 : text.indexOf(`&${marker}`);
  if (start === -1) return null;
  const from = text.indexOf('=', start) + 1;
  const end = text.indexOf('&', from);
  return openCutValue(end === -1 ? text.slice(from) : text.slice(from, end), codec);
}

/** Shortens a cut value until what is left is whole: an escape (3), a character (4 escapes), a base64 group (4). */
function openCutValue(raw: string, codec: Codec): string | null {
  for (let cut = 0; cut <= 16 && cut < raw.length; cut++) {
    try {
      return openValue(raw.slice(0, raw.length - cut), codec).text;
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
    }
  }
  return null;
}
