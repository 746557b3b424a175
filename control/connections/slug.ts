import { invalid } from '../platform/index.ts';

const FORM = /^[a-z][a-z0-9-]{0,40}$/;
/** Paths of the planes themselves. */
const RESERVED = new Set(['healthz', 'readyz', 'metrics', 'fleet', 'api']);

/** Throws Problem 422 for what can't be a path prefix on the gateway. */
export function checkedSlug(slug: string): string {
  if (!FORM.test(slug)) {
    throw invalid('slug', 'lower case letters, digits and -, beginning with a letter, at most 41 characters');
  }
  if (RESERVED.has(slug)) throw invalid('slug', `"${slug}" is a path of Drawbridge itself; take another`);
  return slug;
}

/** A path prefix made from a name: `Mixpanel EU (web)` gives `mixpanel-eu-web`. */
export function slugFrom(name: string, vendor: string): string {
  for (const text of [name, `${vendor}-${name}`, vendor]) {
    const slug = text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}+/gu, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 36)
      .replace(/-+$/, '');
    if (FORM.test(slug) && !RESERVED.has(slug)) return slug;
  }
  return 'connection';
}

/** The first of `slug`, `slug-2`, `slug-3`, … that is not taken. */
export function freeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug;
  let number = 2;
  while (taken.has(`${slug}-${number}`)) number++;
  return `${slug}-${number}`;
}
