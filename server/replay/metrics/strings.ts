/** Every string and number in a document, as a searcher sees them: names and values, and what is encoded in them. */

const DEPTH = 12;

function percentDecoded(text: string): string | null {
  if (!text.includes('%')) return null;
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return decoded === text ? null : decoded;
  } catch {
    return null; // a lone % is not an encoding
  }
}

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const READABLE = /^[\s!-~\u00a0-\u024f]+$/;

/** Readable text in base64 anywhere in a string. */
function base64Decoded(text: string): string[] {
  const found: string[] = [];
  for (const [run] of text.matchAll(BASE64)) {
    const decoded = Buffer.from(run, 'base64').toString('utf8');
    if (decoded.length >= 8 && READABLE.test(decoded)) found.push(decoded);
  }
  return found;
}

function decodings(text: string, depth: number): string[] {
  if (depth >= 3) return [];
  const plain = percentDecoded(text);
  const inner = [...(plain === null ? [] : [plain]), ...base64Decoded(text)];
  return inner.flatMap((one) => [one, ...decodings(one, depth + 1)]);
}

function collect(value: unknown, out: Set<string>, depth: number): void {
  if (typeof value === 'string') out.add(value);
  else if (typeof value === 'number' || typeof value === 'bigint') out.add(String(value));
  else if (typeof value === 'object' && value !== null && depth < DEPTH) {
    if (Array.isArray(value)) for (const one of value) collect(one, out, depth + 1);
    else {
      for (const [name, one] of Object.entries(value)) {
        out.add(name);
        collect(one, out, depth + 1);
      }
    }
  }
}

/** Member names, strings and numbers of a document, each also with percent and base64 encodings undone. */
export function stringsOf(value: unknown): Set<string> {
  const out = new Set<string>();
  collect(value, out, 0);
  for (const text of [...out]) for (const inner of decodings(text, 0)) out.add(inner);
  return out;
}
