import type { Register } from '@drawbridge/authenticity';
import type { VendorFacts } from '../vendors/index.ts';
import type { MailLists } from './pack.ts';

/** The register that messages are judged by: who sends what for which vendor, from what is publicly known. */
export function registerOf(vendors: readonly VendorFacts[], lists: MailLists): Register {
  return {
    vendors: vendors.map((one) => ({
      id: one.id,
      name: one.name,
      aliases: (one.aliases ?? []).map(({ is }) => is),
      domains: one.domains.map(({ is }) => is),
      senders: (one.mail ?? []).map(({ is, kind }) => ({ is, class: kind })),
    })),
    trackers: lists.trackers.domains,
    shorteners: lists.shorteners.domains,
    sealers: lists.sealers.domains,
  };
}
