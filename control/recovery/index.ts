import { drillsForSnapshot, type RecoveryDeps, turnDrills } from './drills.ts';
import { recoveryRoutes } from './routes.ts';

export { drillsForSnapshot } from './drills.ts';

const TICK_MS = 1_000;

/** Recovery drills: what breaks when a vendor is gone. `start` begins and ends them at their time. */
export function createRecovery(deps: RecoveryDeps) {
  return {
    routes: recoveryRoutes(deps),
    forSnapshot: drillsForSnapshot,
    start(tickMs = TICK_MS): { stop(): Promise<void> } {
      let stopped = false;
      let wake: () => void = () => undefined;
      const loop = async () => {
        while (!stopped) {
          await turnDrills(deps).catch((error: unknown) => {
            deps.platform.log.error(
              { err: error },
              'recovery drills could not be looked after; it is tried again',
            );
          });
          if (stopped) return;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, tickMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
      };
      const running = loop();
      return {
        async stop() {
          stopped = true;
          wake();
          await running;
        },
      };
    },
  };
}
