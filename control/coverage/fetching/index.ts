import type { Approvals } from '../../approvals/index.ts';
import { type Loop, type OutboundNetwork, type Platform, startLoop } from '../../platform/index.ts';
import { createErrands, type RunErrand, type Vault } from '../../vault/index.ts';
import type { Known } from '../../vendors/index.ts';
import type { Imports } from '../imports.ts';
import { createFetches } from './fetches.ts';
import { fetchingRoutes } from './routes.ts';
import { fetchDue } from './work.ts';

export { usageColumn } from './credential.ts';

export interface FetchingOptions {
  platform: Platform;
  vault: Vault;
  approvals: Approvals;
  known: () => Promise<Known>;
  imports: Imports;
  /** What calling vendors needs from this machine. */
  network: OutboundNetwork;
  /** Tests: calls that are made otherwise. */
  run?: RunErrand;
}

const TICK_MS = 30_000;

/** Fetches vendors' reports of use with credentials that the vault keeps, when they are due and when somebody asks. */
export function createFetching(options: FetchingOptions) {
  const { platform, vault, approvals, known, imports } = options;
  const run = options.run ?? createErrands(vault, options.network);
  let isStopped = false;
  let loop: Loop | null = null;
  const poke = () => loop?.poke();
  const turn = () => fetchDue({ platform, run, known, imports, isStopped: () => isStopped });
  return {
    routes: fetchingRoutes(createFetches({ platform, vault, approvals, known, poke }), approvals),
    /** All that is due: what `start` does again and again. Returns how many were tried. */
    turn,
    start() {
      isStopped = false;
      loop = startLoop(platform, 'reports of use could not be fetched; it is tried again', turn, TICK_MS);
    },
    /** Waits for the call in hand. What was not had is asked for again after the next start. */
    async stop() {
      isStopped = true;
      await loop?.stop();
    },
  };
}
