import { z } from 'zod';
import {
  domainsOf,
  emptyVendor,
  type ImportedVendor,
  Left,
  MOST_ENTRIES,
  pagesOf,
  parsed,
  type ReadImport,
  textsOf,
  webUrl,
} from '../entry.ts';

/** What is taken of an entry of Probo's list. */
export interface ProboVendor {
  name: string;
  category: string | undefined;
  legalName: string | undefined;
  headquarters: string | undefined;
  website: string | undefined;
  /** As they stand there, by what the page is; some are no addresses. */
  pages: Record<string, string>;
}

const Probo = z
  .array(z.looseObject({ name: z.string().trim().min(1).max(120), category: z.string().nullish() }))
  .max(MOST_ENTRIES);
/** Its members with addresses, and the pages that they are. */
const pageMembers: Readonly<Record<string, string>> = {
  privacyPolicyUrl: 'privacy',
  dataProcessingAgreementUrl: 'dpa',
  businessAssociateAgreementUrl: 'baa',
  subprocessorsListUrl: 'subprocessors',
  serviceLevelAgreementUrl: 'sla',
  statusPageUrl: 'status',
  trustPageUrl: 'trust',
  securityPageUrl: 'security',
  termsOfServiceUrl: 'terms',
};
const read: ReadonlySet<string> = new Set([
  'name',
  'category',
  'legalName',
  'headquarterAddress',
  'websiteUrl',
  ...Object.keys(pageMembers),
]);

/** The list of vendors that Probo keeps: an array of objects with a name and addresses of pages. `unread`: its other members. */
export function readProboList(content: string): { vendors: ProboVendor[]; unread: string[] } {
  const unread = new Set<string>();
  const vendors = parsed(Probo, content).map((one): ProboVendor => {
    for (const member of Object.keys(one)) if (!read.has(member)) unread.add(member);
    const text = (member: string): string | undefined => {
      const value = one[member];
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const pages = Object.entries(pageMembers).flatMap(([member, page]) => {
      const address = text(member);
      return address === undefined ? [] : [[page, address] as const];
    });
    return {
      name: one.name,
      category: text('category'),
      legalName: text('legalName'),
      headquarters: text('headquarterAddress'),
      website: text('websiteUrl'),
      pages: Object.fromEntries(pages),
    };
  });
  return { vendors, unread: [...unread].sort() };
}

/** The same list, as what somebody else says of vendors: nothing of it is entered into the register. */
export function readProbo(content: string): ReadImport {
  const { vendors, unread } = readProboList(content);
  const left = new Left();
  for (const member of unread) left.add(`members called ${member.slice(0, 60)}`);
  const found = new Map<string, ImportedVendor>();
  for (const one of vendors) {
    if (found.has(one.name)) {
      left.add('vendors that stand there twice');
      continue;
    }
    const website = webUrl(one.website);
    const host = website === null ? [] : [new URL(website).hostname.replace(/^www\./, '')];
    found.set(one.name, {
      ...emptyVendor(one.name, one.name),
      legalName: one.legalName?.slice(0, 200) ?? null,
      website,
      categories: textsOf([one.category]),
      domains: domainsOf(host, left),
      pages: pagesOf(one.pages),
    });
  }
  return { version: null, asOf: null, vendors: [...found.values()], answers: [], left: left.all() };
}
