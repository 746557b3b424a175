/** JSON written by hand: most of what a crossing records is short, known text, and this runs for every request. */

const PLAIN = /^[ !#-[\]-~]*$/;
const PLAIN_ID = /^[A-Za-z0-9._:@/-]{1,60}$/;

/** A string in JSON, at most `most` UTF-16 units of it. */
export function quoted(text: string, most: number): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  return PLAIN.test(cut) ? `"${cut}"` : JSON.stringify(cut);
}

/** An id in JSON: 1 to 60 safe characters, others replaced, so that its length on disk is known. */
export function quotedId(text: string, most = 60): string {
  if (PLAIN_ID.test(text) && text.length <= most) return `"${text}"`;
  return `"${text.slice(0, most).replaceAll(/[^A-Za-z0-9._:@/-]/g, '_') || '-'}"`;
}

/** A whole number from 0 on. */
export function whole(value: number): number {
  return Number.isFinite(value) ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(value))) : 0;
}
