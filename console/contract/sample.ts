import { m } from '../messages/en.ts';

const words = m.connect.sample;

/** A pasted text that could not be read as a request body: says what was expected. */
export class SampleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SampleError';
  }
}

function asJson(text: string): string | null {
  if (!/^[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    if (error instanceof SyntaxError) throw new SampleError(error.message);
    throw error;
  }
}

function fromBase64(text: string): string | null {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+=*$/.test(plain) || plain.length < 8) return null;
  try {
    const bytes = Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not base64 after all, or not text inside: the next way of reading is tried.
    return null;
  }
}

/** The value of `data=…` in a form body or an address. */
function fromForm(text: string): string | null {
  const found = /(?:^|[?&\s])data=([^&\s]+)/.exec(text)?.[1];
  if (found === undefined) return null;
  try {
    return decodeURIComponent(found.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) throw new SampleError(words.badEscape);
    throw error;
  }
}

/**
 * The JSON in a request body as people copy it from a network tab: JSON itself, a form with `data=`, or base64 of
 * either. Throws SampleError.
 */
export function readSample(pasted: string): string {
  const text = pasted.trim();
  if (text === '') throw new SampleError(words.empty);
  const whole = asJson(text);
  if (whole !== null) return whole;
  const inForm = fromForm(text) ?? text;
  const json = asJson(inForm) ?? asJson(fromBase64(inForm)?.trim() ?? '');
  if (json === null) throw new SampleError(words.unknown);
  return json;
}
