import type { VendorFacts } from './schema.ts';

/**
 * What must be known of a vendor to call it complete: who it is, its documents, and something by which its use is seen. The rest
 * counts in the report and is not asked for: some vendors send no mail, publish no SDK, or have no certification.
 */
const documents = ['privacy', 'security', 'trust', 'dpa', 'sub_processors', 'status'] as const;
const DOCUMENTS = 3;

/** What is missing to be complete, in words; empty: nothing. */
export function missingOf(vendor: VendorFacts): string[] {
  const missing: string[] = [];
  if (vendor.legal_name === undefined) missing.push('legal_name');
  if (vendor.headquarters === undefined) missing.push('headquarters');
  if (vendor.domains.length === 0) missing.push('domains');
  const known = documents.filter((name) => vendor.urls?.[name] !== undefined);
  if (known.length < DOCUMENTS)
    missing.push(`${DOCUMENTS - known.length} of urls.${documents.join(', urls.')}`);
  const signs = [vendor.packages, vendor.env, vendor.dns, vendor.oauth, vendor.mail, vendor.hosts];
  if (!signs.some((list) => list !== undefined && list.length > 0))
    missing.push('one of packages, env, dns, oauth, mail, hosts');
  if (vendor.certifications === undefined && vendor.access === undefined)
    missing.push('one of certifications, access');
  return missing;
}

/** How many vendors there are, how many of them are complete, and how many say something under each member. */
interface FactsCoverage {
  vendors: number;
  complete: number;
  facts: number;
  members: Record<string, number>;
  categories: Record<string, number>;
}

export function coverageOf(vendors: readonly VendorFacts[]): FactsCoverage {
  const members: Record<string, number> = {};
  const categories: Record<string, number> = {};
  let facts = 0;
  const count = (counts: Record<string, number>, name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const vendor of vendors) {
    count(categories, vendor.category);
    const { format: _, id: __, name: ___, category: ____, sources: _____, urls, access, ...rest } = vendor;
    for (const [name, value] of Object.entries(rest)) {
      const size = Array.isArray(value) ? value.length : 1;
      if (size === 0) continue;
      facts += size;
      count(members, name);
    }
    for (const [group, given] of Object.entries({ urls, access })) {
      for (const [name, value] of Object.entries(given ?? {})) {
        if (value === undefined) continue;
        facts += 1;
        count(members, `${group}.${name}`);
      }
    }
  }
  const complete = vendors.filter((vendor) => missingOf(vendor).length === 0).length;
  return { vendors: vendors.length, complete, facts, members, categories };
}
