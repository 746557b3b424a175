import { watchPrompts } from './prompts.ts';
import { leakRoutes } from './routes.ts';
import { createRuns, type RunsDeps } from './runs.ts';

export { promptLeakProjection } from './prompt-projection.ts';

/** Keys that lie where they should not: as scans of files and repositories reported them, and as gateways found them in prompts. */
export const createLeaks = (deps: RunsDeps) => ({
  routes: leakRoutes(deps.platform, createRuns(deps)),
  watch: () => watchPrompts(deps.platform),
});
