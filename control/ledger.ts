import { vendorHoldings } from './crossings/index.ts';
import { vendorRows } from './exposure/index.ts';
import type { Platform } from './platform/index.ts';
import type { Ledger } from './register/index.ts';

/** What crossed to vendors, for the register: what the ledger counts, with when each kind crossed last. */
export function ledgerOf(platform: Platform): Ledger {
  return {
    async got(vendor, deletedUntil) {
      const [rows, holdings] = await Promise.all([
        vendorRows(
          platform,
          async () => [],
          async () => new Map([[vendor, deletedUntil]]),
        ),
        vendorHoldings(platform, vendor),
      ]);
      const row = rows.find((one) => one.vendor === vendor);
      return {
        people: row?.people ?? 0,
        classes: holdings.map((one) => ({
          class: one.class,
          treatment: one.treatment,
          lastSeenAt: one.lastSeenAt.toISOString(),
        })),
      };
    },
  };
}
