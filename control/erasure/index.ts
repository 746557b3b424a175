import { canonicalIdentifier } from '@drawbridge/minimise';
import type { Platform, Router } from '../platform/index.ts';
import type { PayloadKey, Secrets, Vault } from '../vault/index.ts';
import type { ErasureDeps } from './carry-out.ts';
import { checkReason, createErasures, type Erasures } from './erasures.ts';
import { erasuresFile } from './file.ts';
import { createHolds } from './holds.ts';
import type { PseudonymOf } from './plan.ts';
import { erasureRoutes } from './routes.ts';
import { sealingWith } from './sealing.ts';

export type { Erasure, Hold, Preview as ErasurePreview } from './schemas.ts';

export interface ErasureRoom extends Pick<Erasures, 'replay' | 'erased'> {
  routes: Router;
}

interface Options extends Pick<ErasureDeps, 'projections' | 'names' | 'gateways'> {
  platform: Platform;
  vault: Pick<Vault, 'keyedHash'>;
  secrets: Pick<Secrets, 'get'>;
  payloadKey: PayloadKey;
  /** Path of the file of erasures. */
  file: string;
}

/** Erasure of subjects and legal holds, wired together. */
export function createErasure(options: Options): ErasureRoom {
  const { platform, payloadKey, projections, names, gateways } = options;
  const pseudonymOf = ledgerPseudonyms(options.vault, options.secrets);
  const erasures = createErasures({
    platform,
    projections,
    names,
    gateways,
    pseudonymOf,
    sealing: sealingWith(payloadKey, platform.deployment.id),
    file: erasuresFile(options.file),
  });
  return {
    replay: erasures.replay,
    erased: erasures.erased,
    routes: erasureRoutes(erasures, createHolds(platform, pseudonymOf, checkReason)),
  };
}

const LENGTH = 22;

/** Pseudonyms as gateways make them: of an identifier in its one form, under the ledger key, inside the vault. */
function ledgerPseudonyms(vault: Pick<Vault, 'keyedHash'>, secrets: Pick<Secrets, 'get'>): PseudonymOf {
  return async (identifier) => {
    const canonical = canonicalIdentifier(identifier);
    if (canonical === '') return '';
    const { wrapped, context } = await secrets.get('ledger');
    const hash = await vault.keyedHash(wrapped, context, `id\n${canonical}`);
    return hash.toString('base64url').slice(0, LENGTH);
  };
}
