import { EnvelopeError } from './error.ts';

/** How a client percent-encoded a value: enough to encode another value as it would have. */
export interface PercentStyle {
  /** ASCII characters that were left as they are though encodeURIComponent escapes them. */
  left: string;
  /** Those that encodeURIComponent leaves but the client escaped. */
  escaped: string;
  plusIsSpace: boolean;
  lowerHex: boolean;
  rawUnicode: boolean;
}

const LEFT_BY_SOME = ' "#$+,/:;<=>?@[\\]^`{|}';
const ESCAPED_BY_SOME = "!'()*~";

export function percentStyleOf(raw: string): PercentStyle {
  const upper = raw.includes('%') ? raw.toUpperCase() : '';
  return {
    left: [...LEFT_BY_SOME].filter((char) => raw.includes(char)).join(''),
    escaped: [...ESCAPED_BY_SOME].filter((char) => upper.includes(escapeOf(char))).join(''),
    plusIsSpace: raw.includes('+'),
    lowerHex: /%(?:[a-f][0-9a-f]|[0-9][a-f])/.test(raw),
    rawUnicode: /[^\0-\x7f]/.test(raw),
  };
}

/** Throws EnvelopeError `bad_escape` for what is no UTF-8 in percent escapes. */
export function percentDecode(raw: string, plusIsSpace: boolean): string {
  const spaced = plusIsSpace && raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) {
      throw new EnvelopeError('bad_escape', 'a percent escape that is not UTF-8');
    }
    throw error;
  }
}

/** Encodes as the client did. `space`: whether spaces are written as `+`, as forms do. */
export function percentEncode(text: string, style: PercentStyle, spaceAsPlus: boolean): string {
  let out = encodeURIComponent(text.toWellFormed());
  for (const char of style.escaped) out = out.replaceAll(char, escapeOf(char));
  for (const char of style.left) {
    // A raw plus is a space where forms are read; it is only left where it stands for itself.
    if (char === '+' && spaceAsPlus) continue;
    out = out.replaceAll(escapeOf(char), char);
  }
  if (spaceAsPlus) out = out.replaceAll('%20', '+');
  if (style.rawUnicode) out = out.replace(/(?:%[89A-F][0-9A-F])+/g, (run) => decodeURIComponent(run));
  return style.lowerHex ? out.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase()) : out;
}

function escapeOf(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
