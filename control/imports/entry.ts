import { getDomain } from 'tldts';
import { z } from 'zod';
import { unreadable } from './error.ts';

/** What a source says of one vendor, in one form for all sources; what it does not say is null or empty. */
export interface ImportedVendor {
  /** What the source calls it by. */
  key: string;
  name: string;
  legalName: string | null;
  website: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  categories: string[];
  /** Lower case; none is a public suffix. */
  domains: string[];
  /** Addresses of pages, by what the page is. */
  pages: Record<string, string>;
  purposes: { name: string; basis: PurposeBasis; days: number | null }[];
  /** Kinds of data, as the source names them. */
  data: string[];
  /** How long it keeps data where no purpose says otherwise; days. */
  retentionDays: number | null;
}
export const purposeBases = ['consent', 'legitimate_interest', 'special_purpose'] as const;
export type PurposeBasis = (typeof purposeBases)[number];

export const answers = ['yes', 'no', 'not_applicable'] as const;
export interface ImportedAnswer {
  question: string;
  asked: string;
  answer: (typeof answers)[number];
  owner: string;
  explanation: string;
}

/** What was read of a file. */
export interface ReadImport {
  /** As the file says it; null: it does not. */
  version: string | null;
  asOf: string | null;
  vendors: ImportedVendor[];
  answers: ImportedAnswer[];
  /** What nothing was made of, and how often. */
  left: { what: string; count: number }[];
}

/** Bounds of one file. The largest source that we know names about 40,000 entities with 120,000 domains. */
export const MOST_ENTRIES = 200_000;
export const MOST_DOMAINS = 500_000;
const MOST_DOMAINS_OF_ONE = 5_000;
const MOST_LISTED = 100;
const LONGEST_NAME = 200;
const TOO_MANY = 'domains of vendors with too many';

export const emptyVendor = (key: string, name: string): ImportedVendor => ({
  key: line(key, LONGEST_NAME),
  name: line(name, LONGEST_NAME),
  legalName: null,
  website: null,
  country: null,
  categories: [],
  domains: [],
  pages: {},
  purposes: [],
  data: [],
  retentionDays: null,
});

/** One line without characters that change how others are shown. */
export const line = (text: string, most: number): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '');

/** Counts what is left out, by what it is. */
export class Left {
  readonly #counts = new Map<string, number>();
  add(what: string, count = 1): void {
    if (count > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }
  all(): ReadImport['left'] {
    return [...this.#counts].map(([what, count]) => ({ what, count }));
  }
}

const DOMAIN = /^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;

/**
 * These domains in lower case, each once. Left out are those that are none, and public suffixes: what is below
 * `herokuapp.com` is not Heroku's, whoever lists it so.
 */
export function domainsOf(given: readonly unknown[], left: Left): string[] {
  const found = new Set<string>();
  for (const text of given.slice(0, MOST_DOMAINS_OF_ONE)) {
    const domain = typeof text === 'string' ? text.trim().toLowerCase().replace(/\.$/, '') : '';
    if (!DOMAIN.test(domain)) left.add('domains that are none');
    else if (getDomain(domain, { allowPrivateDomains: true }) === null)
      left.add('domains below which others are at home');
    else found.add(domain);
  }
  left.add(TOO_MANY, given.length - MOST_DOMAINS_OF_ONE);
  return [...found];
}

/** Domains of vendors that come piece by piece: each once, and not more of one vendor than there may be. */
export class DomainSets {
  readonly #sets = new Map<ImportedVendor, Set<string>>();
  readonly #left: Left;
  constructor(left: Left) {
    this.#left = left;
  }

  add(to: ImportedVendor, given: readonly unknown[]): void {
    const set = this.#sets.get(to) ?? new Set();
    this.#sets.set(to, set);
    for (const domain of domainsOf(given, this.#left)) {
      if (set.size < MOST_DOMAINS_OF_ONE || set.has(domain)) set.add(domain);
      else this.#left.add(TOO_MANY);
    }
  }

  /** Writes them into their vendors, once all are there. */
  settle(): void {
    for (const [vendor, set] of this.#sets) vendor.domains = [...set];
  }
}

/** An address of the web; null: the text is none. */
export function webUrl(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 500) return null;
  const url = URL.parse(text.trim());
  return url !== null && /^https?:$/.test(url.protocol) ? url.href.slice(0, 1_000) : null;
}

/** The addresses among these. */
export function pagesOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([page, text]) => {
      const url = webUrl(text);
      return url === null ? [] : [[page, url] as const];
    }),
  );
}

export const countryOf = (text: unknown): string | null =>
  typeof text === 'string' && /^[A-Za-z]{2}$/.test(text.trim()) ? text.trim().toUpperCase() : null;

/** At most 100 different texts of one line. */
export const textsOf = (given: readonly unknown[]): string[] =>
  [...new Set(given.flatMap((one) => (typeof one === 'string' ? line(one, 120) : [])))]
    .filter((text) => text !== '')
    .slice(0, MOST_LISTED);

export const days = (given: unknown): number | null =>
  typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= 36_600 ? given : null;

/** JSON of that form. Throws ImportError that names the member. */
export function parsed<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('is not JSON');
    throw error;
  }
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw unreadable(
    issue?.message ?? 'is not of the form',
    ['content', ...(issue?.path.map(String) ?? [])].join('.').slice(0, 300),
  );
}

/** An object with members of that form, none of which can stand for `__proto__`. */
export const members = <T extends z.ZodType>(schema: T) => z.record(z.string().max(500), schema);
