import { z } from 'zod';
import {
  days,
  emptyVendor,
  type ImportedVendor,
  Left,
  members,
  pagesOf,
  parsed,
  type ReadImport,
  textsOf,
} from '../entry.ts';

const Named = members(z.looseObject({ name: z.string() }));
const Ids = z.array(z.int()).max(200).default([]);
const PerPurpose = members(z.number()).nullish();
const Vendor = z.looseObject({
  id: z.int().min(0),
  name: z.string().min(1),
  purposes: Ids,
  legIntPurposes: Ids,
  specialPurposes: Ids,
  dataDeclaration: Ids,
  dataRetention: z
    .looseObject({ stdRetention: z.number().nullish(), purposes: PerPurpose, specialPurposes: PerPurpose })
    .nullish(),
  /** Up to version 2 of the list; later `urls`. */
  policyUrl: z.string().nullish(),
  urls: z
    .array(z.looseObject({ langId: z.string().nullish(), privacy: z.string().nullish() }))
    .max(100)
    .default([]),
  deletedDate: z.string().nullish(),
});
const Gvl = z.looseObject({
  vendorListVersion: z.int().min(0),
  lastUpdated: z.string().nullish(),
  purposes: Named.default({}),
  specialPurposes: Named.default({}),
  dataCategories: Named.default({}),
  vendors: members(Vendor),
});

/**
 * `vendor-list.json` of the Transparency and Consent Framework (IAB Tech Lab, "Consent string and vendor list formats" v2 and
 * v2.2): purposes, legal bases and retention that each vendor declares. It names no domains. Deleted vendors are left out.
 */
export function readGvl(content: string): ReadImport {
  const list = parsed(Gvl, content);
  const left = new Left();
  const vendors = Object.values(list.vendors).flatMap((vendor): ImportedVendor[] => {
    if (vendor.deletedDate) {
      left.add('vendors that were taken off the list');
      return [];
    }
    const { purposes, specialPurposes, stdRetention } = vendor.dataRetention ?? {};
    const named = (of: typeof list.purposes, id: number) => of[id]?.name.slice(0, 200) ?? `purpose ${id}`;
    const english = vendor.urls.find(({ langId }) => langId === 'en') ?? vendor.urls[0];
    return [
      {
        ...emptyVendor(String(vendor.id), vendor.name),
        pages: pagesOf({ privacy: english?.privacy ?? vendor.policyUrl }),
        purposes: [
          ...vendor.purposes.map((id) => ({
            name: named(list.purposes, id),
            basis: 'consent' as const,
            days: days(purposes?.[id]),
          })),
          ...vendor.legIntPurposes.map((id) => ({
            name: named(list.purposes, id),
            basis: 'legitimate_interest' as const,
            days: days(purposes?.[id]),
          })),
          ...vendor.specialPurposes.map((id) => ({
            name: named(list.specialPurposes, id),
            basis: 'special_purpose' as const,
            days: days(specialPurposes?.[id]),
          })),
        ],
        data: textsOf(vendor.dataDeclaration.map((id) => list.dataCategories[id]?.name ?? `category ${id}`)),
        retentionDays: days(stdRetention),
      },
    ];
  });
  const updated = /^\d{4}-\d{2}-\d{2}/.exec(list.lastUpdated ?? '')?.[0] ?? null;
  return { version: String(list.vendorListVersion), asOf: updated, vendors, answers: [], left: left.all() };
}
