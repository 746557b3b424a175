import { watchPrompts } from './prompts.ts';
import { watchOldScans } from './prune.ts';
import { leakRoutes } from './routes.ts';
import { createRuns, type RunsDeps } from './runs.ts';

export { promptLeakProjection } from './prompt-projection.ts';
export type { ScansOfSecrets } from './registered.ts';
export { scansOfSecrets } from './registered.ts';

/** Keys that lie where they should not: as scans of files and repositories reported them, and as gateways found them in prompts. */
export const createLeaks = (deps: RunsDeps) => ({
  routes: leakRoutes(deps.platform, createRuns(deps)),
  watch: () => {
    const watches = [watchPrompts(deps.platform), watchOldScans(deps.platform)];
    return {
      async stop() {
        await Promise.all(watches.map((one) => one.stop()));
      },
    };
  },
});
