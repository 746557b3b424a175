import { Refusal } from '../refusal/index.ts';

/** A request line taken apart. `path` is what lies below the connection's prefix, not decoded; `query` has no `?`. */
export interface Target {
  slug: string;
  path: string;
  query: string;
}

/** Printable ASCII without space, `"`, `#`, `<`, `>`, `\`, `^`, `` ` ``, `{`, `|`, `}`: what RFC 3986 lets a path hold, plus `[` and `]`. */
const PATH = /^\/[A-Za-z0-9\-._~%!$&'()*+,;=:@/[\]]*$/;
/** The query may also hold what careless SDKs leave unescaped, but no control characters, no space, no fragment. */
const QUERY = /^[!"$-~]*$/;
/** `..`, `.`, `/`, `\` and NUL in any number of percent-encodings, also before `;`: what a vendor's server might unwrap. */
const DISGUISED = /%(?:25)*(?:2f|5c|00)|(?:^|\/)(?:\.|%(?:25)*2e){1,2}(?:[/;]|%(?:25)*3b|$)/i;

interface CheckedPath {
  slug: string;
  path: string;
}

/** Paths that were checked before: apps ask for the same few. Bounded in number, and in length each. */
const checked = new Map<string, CheckedPath>();
const KEPT = 500;
const LONGEST_KEPT = 120;

/**
 * Splits `/<connection>/<path>?<query>`. Refuses what could mean one path to us and another to the vendor: dot segments,
 * encoded slashes and backslashes, NUL, empty segments, absolute URLs. Throws Refusal `bad_request`.
 */
export function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const whole = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const { slug, path } = checked.get(whole) ?? check(whole);
  if (!QUERY.test(query)) throw refused('The query string holds a character that must be percent-encoded.');
  return { slug, path, query };
}

function check(whole: string): CheckedPath {
  if (!whole.startsWith('/')) {
    throw refused('The request line must hold a path that begins with "/", such as /<connection>/v1/models.');
  }
  if (!PATH.test(whole)) {
    throw refused('The path holds a character that must be percent-encoded, or may not be in a path at all.');
  }
  if (whole.includes('//')) throw refused('The path has an empty segment ("//").');
  if (DISGUISED.test(whole)) {
    throw refused('The path has a dot segment, or an encoded slash, backslash or NUL.');
  }
  const end = whole.indexOf('/', 1);
  const path =
    end < 0 ? { slug: whole.slice(1), path: '/' } : { slug: whole.slice(1, end), path: whole.slice(end) };
  if (whole.length <= LONGEST_KEPT) {
    if (checked.size >= KEPT) checked.clear();
    checked.set(whole, path);
  }
  return path;
}

function refused(message: string): Refusal {
  return new Refusal('bad_request', 'accept', message);
}
