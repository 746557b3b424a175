import type { Approvals } from '../approvals/index.ts';
import type { OutboundNetwork, Platform } from '../platform/index.ts';
import { createErrands, type Vault } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { startAutomatic } from './due.ts';
import { type FindKeys, findKeysBy } from './keys-of.ts';
import { createRotations } from './rotations.ts';
import { rotationRoutes } from './routes.ts';
import { type Runner, runDueRotations, startRunner } from './runner.ts';

export { recordSeenElsewhere } from './due.ts';
export { credentialsLastUsed } from './last-used.ts';
export { credentialUseProjection } from './use-projection.ts';
export { adminColumn } from './wrapped.ts';

export interface RotationOptions {
  platform: Platform;
  vault: Vault;
  catalogue: Catalogue;
  approvals: Approvals;
  /** What calling vendors needs from this machine. */
  network: OutboundNetwork;
  /** Tests: vendors of their own. */
  findKeys?: FindKeys;
}

const AUTOMATIC_MS = 60_000;

/** Replaces the credentials of connections without a pause. */
export function createRotation(options: RotationOptions) {
  const { platform, vault, catalogue, approvals, network } = options;
  const findKeys = options.findKeys ?? findKeysBy(catalogue, createErrands(vault, network));
  const deps = { platform, catalogue, findKeys };
  let runner: Runner | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const rotations = createRotations({ ...deps, vault, approvals, poke: () => runner?.poke() });

  async function turn(): Promise<number | null> {
    if (platform.clock.now() - lookedAt >= AUTOMATIC_MS) {
      lookedAt = platform.clock.now();
      await startAutomatic(deps);
    }
    return runDueRotations(deps);
  }
  return {
    routes: rotationRoutes({ platform, vault, catalogue, approvals, rotations }),
    /** One turn of all that is due: what `start` does again and again. */
    turn,
    start() {
      runner = startRunner(platform, turn);
    },
    async stop() {
      await runner?.stop();
    },
  };
}
