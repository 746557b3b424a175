/**
 * Response headers that stop here.
 * - Hop-by-hop ones, and the length, which follows from the body.
 * - `set-cookie`: a cookie would be stored for the gateway's own origin, shared by every vendor behind it, and cookies
 *   never cross anyway.
 * - Those by which a vendor would speak for the gateway's origin (transport security, alternative services, clearing of
 *   data, worker scope, client hints) or have the browser report to the vendor behind our back (NEL, reporting).
 */
const withheld = new Set([
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'strict-transport-security',
  'public-key-pins',
  'public-key-pins-report-only',
  'clear-site-data',
  'service-worker-allowed',
  'accept-ch',
  'critical-ch',
  'nel',
  'report-to',
  'reporting-endpoints',
  'via',
]);

export interface ResponseHead {
  /** Raw header pairs for the client. */
  headers: string[];
  /** The vendor's Content-Length, or -1. */
  length: number;
}

type Kind = 'pass' | 'drop' | 'length' | 'connection';

/** Spellings seen so far, so that a name is judged once. Bounded: vendors choose names. */
const kinds = new Map<string, Kind>();
const SPELLINGS = 1000;

function kindOf(name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const kind = judge(name.toLowerCase());
  if (kinds.size < SPELLINGS) kinds.set(name, kind);
  return kind;
}

/** What a vendor says on CORS, or in our name, does not count. */
function judge(name: string): Kind {
  if (name === 'content-length') return 'length';
  if (name === 'connection') return 'connection';
  const isOurs = name.startsWith('access-control-') || name.startsWith('x-drawbridge-');
  return isOurs || withheld.has(name) ? 'drop' : 'pass';
}

/** Treats a vendor's raw response headers. `added` (CORS, crossing id) is ours. */
export function responseHead(raw: readonly string[], added: readonly string[]): ResponseHead {
  const headers: string[] = [];
  let length = -1;
  let named: readonly string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const kind = kindOf(name);
    if (kind === 'pass') headers.push(name, value);
    else if (kind === 'length') length = Number(value);
    else if (kind === 'connection') named = named.concat(connectionOptions(value));
  }
  if (named.length > 0) dropNamed(headers, named);
  for (const each of added) headers.push(each);
  return { headers, length: Number.isSafeInteger(length) ? length : -1 };
}

function connectionOptions(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '' && option !== 'keep-alive' && option !== 'close');
}

/** Headers that the vendor's Connection header calls hop-by-hop. */
function dropNamed(headers: string[], named: readonly string[]): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (named.includes(headers[i]?.toLowerCase() ?? '')) headers.splice(i, 2);
  }
}
