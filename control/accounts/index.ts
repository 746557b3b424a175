import type { Platform, Router } from '../platform/index.ts';
import type { PayloadKey } from '../vault/index.ts';
import { type AccountAddress, accountAddresses } from './addresses.ts';
import { directoryKey } from './directory.ts';
import { holdsAccount, lastActive } from './holds.ts';
import { createPosture } from './posture.ts';
import { accountRoutes } from './routes.ts';
import { createStatements } from './statements.ts';

export type { AccountAddress } from './addresses.ts';
export { accountsByVendor, vendorsWithAccounts } from './at-vendors.ts';
export { eraseAccounts } from './erase.ts';
export { accountColumns, type Columns, type Holders, holdersOf } from './holders.ts';

interface Options {
  platform: Platform;
  payloadKey: PayloadKey;
  /** The ledger's pseudonym of an identifier. */
  pseudonymOf: (identifier: string) => Promise<string>;
}

export interface Accounts {
  routes: Router;
  /** As `accountAddresses`. Addresses in clear: for sending to them. */
  addresses(vendors: readonly string[], after: string | null, limit: number): Promise<AccountAddress[]>;
  /** Whether one of these addresses has an account at the vendor; null: no list of its accounts was brought in. */
  holds(vendor: string, addresses: readonly string[]): Promise<boolean | null>;
  /** When one of these addresses' accounts was last active at the vendor; null: no list names one. */
  lastActive(
    vendor: string,
    addresses: readonly string[],
  ): Promise<{ activeAt: Date | null; asOf: Date } | null>;
}

/** Accounts that our own people have at vendors, wired together. */
export function createAccounts({ platform, payloadKey, pseudonymOf }: Options): Accounts {
  const directory = directoryKey(platform, payloadKey);
  return {
    addresses: async (vendors, after, limit) =>
      accountAddresses(platform, await directory(), vendors, after, limit),
    holds: (vendor, addresses) => holdsAccount(platform, pseudonymOf, vendor, addresses),
    lastActive: (vendor, addresses) => lastActive(platform, pseudonymOf, vendor, addresses),
    routes: accountRoutes({
      platform,
      directory,
      pseudonymOf,
      posture: createPosture(platform, directory),
      statements: createStatements(platform),
    }),
  };
}
