/** JSON written by hand: what a crossing records is short, mostly known text, and this runs for every request. */

const PLAIN = /^[ !#-[\]-~]*$/;
const UNSAFE_IN_ID = /[^A-Za-z0-9._:@/-]/g;
const REMEMBERED = 4096;

/** A string in JSON, at most `most` UTF-16 units of it. */
export function quoted(text: string, most: number): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  return PLAIN.test(cut) ? `"${cut}"` : JSON.stringify(cut);
}

/** An id in JSON: 1 to `most` safe characters, others replaced, so that its length on disk is known. */
export function quotedId(text: string, most = 60): string {
  return `"${text.slice(0, most).replaceAll(UNSAFE_IN_ID, '_') || '-'}"`;
}

/** Remembers what a function made of a text: for texts of which there are few, such as ids of connections. */
export function remembering(make: (text: string) => string): (text: string) => string {
  const made = new Map<string, string>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    if (made.size >= REMEMBERED) made.clear();
    const fresh = make(text);
    made.set(text, fresh);
    return fresh;
  };
}

/** A whole number from 0 on. */
export function whole(value: number): number {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return Math.round(value);
  return value > 0 ? Number.MAX_SAFE_INTEGER : 0;
}
