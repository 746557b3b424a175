/**
 * Names that never go to a vendor: they speak of this one hop (RFC 9110, 7.6.1), of the client's address, or of a
 * session that is not the vendor's. `host` and `content-length` are set anew from the target and the body.
 */
const withheld = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'cookie',
  'cookie2',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-original-forwarded-for',
]);

/** Spellings seen so far, so that a name is not lowered again for each request. Bounded: clients choose names. */
const crosses = new Map<string, boolean>();
const SPELLINGS = 1000;

function mayCross(name: string): boolean {
  const known = crosses.get(name);
  if (known !== undefined) return known;
  const may = !withheld.has(name.toLowerCase());
  if (crosses.size < SPELLINGS) crosses.set(name, may);
  return may;
}

/** Raw header pairs as the vendor gets them. The contract was applied before; this holds whatever the contract says. */
export function requestHeaders(headers: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    const value = headers[i + 1];
    if (name !== undefined && value !== undefined && mayCross(name)) out.push(name, value);
  }
  return out;
}
