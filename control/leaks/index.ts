import { leakRoutes } from './routes.ts';
import { createRuns, type RunsDeps } from './runs.ts';

/** Keys that lie where they should not, as scans of files and repositories reported them. */
export const createLeaks = (deps: RunsDeps) => ({ routes: leakRoutes(deps.platform, createRuns(deps)) });
