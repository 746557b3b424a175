import { Resolver as DnsResolver } from 'node:dns/promises';
import type { Resolver } from '@drawbridge/authenticity';

const TIMEOUT_MS = 3_000;
const MOST = 50_000;

/** The system's DNS. Each name is asked once within `keepMs`. */
export function systemResolver(keepMs = 10 * 60_000): Resolver {
  const dns = new DnsResolver({ timeout: TIMEOUT_MS, tries: 2 });
  const asked = new Map<string, { until: number; answer: Promise<string[][] | string[]> }>();
  return (name, type) => {
    const key = `${type} ${name}`;
    const known = asked.get(key);
    if (known !== undefined && known.until > Date.now()) return known.answer;
    if (asked.size >= MOST) asked.clear();
    const answer =
      type === 'TXT' ? dns.resolveTxt(name) : type === 'MX' ? mx(dns, name) : addresses(dns, name, type);
    asked.set(key, { until: Date.now() + keepMs, answer });
    // Nobody answering is no answer to keep.
    answer.catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code !== 'ENOTFOUND' && code !== 'ENODATA' && asked.get(key)?.answer === answer) asked.delete(key);
    });
    return answer;
  };
}

const mx = async (dns: DnsResolver, name: string): Promise<string[]> =>
  (await dns.resolveMx(name)).map(({ exchange }) => exchange);

const addresses = (dns: DnsResolver, name: string, type: string): Promise<string[]> =>
  type === 'AAAA' ? dns.resolve6(name) : dns.resolve4(name);

/** No network: nothing can be proven, and nothing is taken for forged for want of a key. */
export const withoutNetwork: Resolver = async (name, type) => {
  throw Object.assign(new Error(`not asked for ${type} of ${name}`), { code: 'ECONNREFUSED' });
};
