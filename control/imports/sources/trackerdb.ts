import { z } from 'zod';
import {
  countryOf,
  DomainSets,
  emptyVendor,
  Left,
  members,
  pagesOf,
  parsed,
  type ReadImport,
  textsOf,
  webUrl,
} from '../entry.ts';

const text = z.string().max(5_000).nullish();
const TrackerDb = z.looseObject({
  categories: members(z.looseObject({ name: z.string() })).default({}),
  organizations: members(
    z.looseObject({ name: z.string().min(1), website_url: text, country: text, privacy_policy_url: text }),
  ),
  patterns: members(
    z.looseObject({
      name: z.string().min(1),
      category: text,
      organization: text,
      website_url: text,
      domains: z.array(z.string()).default([]),
    }),
  ),
});

/**
 * `trackerdb.json`, as TrackerDB's own script exports it: organisations, and patterns that belong to one. A pattern of none
 * stands for itself. Contacts and filters are left.
 */
export function readTrackerDb(content: string): ReadImport {
  const { categories, organizations, patterns } = parsed(TrackerDb, content);
  const left = new Left();
  const domains = new DomainSets(left);
  const names = new Map(Object.entries(categories).map(([key, { name }]) => [key, name]));
  const found = new Map(
    Object.entries(organizations).map(([key, one]) => {
      const made = emptyVendor(key, one.name);
      made.website = webUrl(one.website_url);
      made.country = countryOf(one.country);
      made.pages = pagesOf({ privacy: one.privacy_policy_url });
      return [key, made] as const;
    }),
  );
  for (const [key, pattern] of Object.entries(patterns)) {
    const own = `pattern:${key}`;
    const of = found.get(pattern.organization ?? '') ?? emptyVendor(own, pattern.name);
    if (of.key === own) {
      of.website = webUrl(pattern.website_url);
      found.set(own, of);
    }
    const category = pattern.category ?? '';
    of.categories = textsOf([...of.categories, names.get(category) ?? category]);
    domains.add(of, pattern.domains);
  }
  domains.settle();
  return { version: null, asOf: null, vendors: [...found.values()], answers: [], left: left.all() };
}
