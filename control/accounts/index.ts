import type { Platform, Router } from '../platform/index.ts';
import type { PayloadKey } from '../vault/index.ts';
import { directoryKey } from './directory.ts';
import { createPosture } from './posture.ts';
import { accountRoutes } from './routes.ts';
import { createStatements } from './statements.ts';

export { accountsByVendor, vendorsWithAccounts } from './at-vendors.ts';
export { eraseAccounts } from './erase.ts';
export { accountColumns, type Columns, type Holders, holdersOf } from './holders.ts';

interface Options {
  platform: Platform;
  payloadKey: PayloadKey;
  /** The ledger's pseudonym of an identifier. */
  pseudonymOf: (identifier: string) => Promise<string>;
}

/** Accounts that our own people have at vendors, wired together. */
export function createAccounts({ platform, payloadKey, pseudonymOf }: Options): { routes: Router } {
  const directory = directoryKey(platform, payloadKey);
  return {
    routes: accountRoutes({
      platform,
      directory,
      pseudonymOf,
      posture: createPosture(platform, directory),
      statements: createStatements(platform),
    }),
  };
}
