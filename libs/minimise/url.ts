interface UrlParts {
  /** Scheme, host and port, lower case; null for a path alone. */
  origin: string | null;
  path: string;
}

const SCHEMES = ['https://', 'http://', 'android-app://'];
const HOST = /^([a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,20}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/;
const LONGEST_HOST = 260;
const MOST_SEGMENTS = 30;

/** Splits an absolute URL, or a path that starts with `/`. User info, query and fragment are left behind. */
function partsOf(text: string): UrlParts | null {
  const end = firstOf(text, ['?', '#'], 0);
  if (text.startsWith('/') && !text.startsWith('//')) return { origin: null, path: text.slice(0, end) };
  const lower = text.slice(0, 20).toLowerCase();
  const scheme = SCHEMES.find((one) => lower.startsWith(one));
  if (scheme === undefined) return null;
  const hostEnd = Math.min(end, firstOf(text, ['/', '\\'], scheme.length));
  const authority = text.slice(scheme.length, hostEnd);
  if (authority.length > LONGEST_HOST) return null;
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  return HOST.test(host) ? { origin: scheme + host, path: text.slice(hostEnd, end) } : null;
}

function firstOf(text: string, marks: readonly string[], from: number): number {
  let first = text.length;
  for (const mark of marks) {
    const at = text.indexOf(mark, from);
    if (at !== -1 && at < first) first = at;
  }
  return first;
}

/** Scheme, host and port, or null when it is no URL. */
export function originOf(text: string): string | null {
  return partsOf(text)?.origin ?? null;
}

/**
 * Origin and path, each segment as `segment` gives it; null when it is neither URL nor path. Segments that could be
 * somebody's (digits, `@`, escapes, long ones) are `:id` and are not asked for. At most 30 segments are kept.
 */
export function originPathOf(text: string, segment: (word: string) => string): string | null {
  const parts = partsOf(text);
  if (parts === null) return null;
  const segments = parts.path.split('/', MOST_SEGMENTS + 1);
  const pattern = segments.map((word) => {
    if (word === '' || word === ':id' || VERSION.test(word)) return word;
    return WORD.test(word) ? segment(word) : ':id';
  });
  return (parts.origin ?? '') + pattern.join('/');
}

const WORD = /^[A-Za-z_.~-]{1,40}$/;
const VERSION = /^v\d{1,2}$/;
