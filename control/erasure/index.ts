import type { Platform, Router } from '../platform/index.ts';
import type { PayloadKey, PseudonymOf } from '../vault/index.ts';
import type { ErasureDeps } from './carry-out.ts';
import { checkReason, createErasures, type Erasures } from './erasures.ts';
import { erasuresFile } from './file.ts';
import { createHolds } from './holds.ts';
import { erasureRoutes } from './routes.ts';
import { sealingWith } from './sealing.ts';

export type { Erasure, Hold, Preview as ErasurePreview } from './schemas.ts';

export interface ErasureRoom extends Pick<Erasures, 'replay' | 'erased'> {
  routes: Router;
}

interface Options extends Pick<ErasureDeps, 'projections' | 'names' | 'gateways'> {
  platform: Platform;
  pseudonymOf: PseudonymOf;
  payloadKey: PayloadKey;
  /** Path of the file of erasures. */
  file: string;
}

/** Erasure of subjects and legal holds, wired together. */
export function createErasure(options: Options): ErasureRoom {
  const { platform, pseudonymOf, payloadKey, projections, names, gateways } = options;
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
