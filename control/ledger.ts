import { vendorHoldings } from './crossings/index.ts';
import { vendorRows } from './exposure/index.ts';
import type { Platform } from './platform/index.ts';
import type { Ledger } from './register/index.ts';

/** What crossed to vendors, for the register: what the ledger counts, with when each kind crossed last. */
export function ledgerOf(platform: Platform): Ledger {
  return {
    async got(vendor) {
      const [rows, holdings] = await Promise.all([
        vendorRows(platform, async () => []),
        vendorHoldings(platform, vendor),
      ]);
      const row = rows.find((one) => one.vendor === vendor);
      const people = new Map(row?.classes.map((one) => [`${one.class} ${one.treatment}`, one.people]));
      return {
        people: row?.people ?? 0,
        classes: holdings.map((one) => ({
          class: one.class,
          treatment: one.treatment,
          people: people.get(`${one.class} ${one.treatment}`) ?? 0,
          lastSeenAt: one.lastSeenAt.toISOString(),
        })),
      };
    },
  };
}
