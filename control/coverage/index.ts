import { createReading } from '../discovery/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { type CoverageDeps, readCoverage, windowOf } from './coverage.ts';
import { createImports, type Imports, LARGEST_REPORT } from './imports.ts';
import { createSaid, type Said } from './said.ts';
import type { CoverageView } from './schemas.ts';
import { type CoverageSummary, summaries } from './summaries.ts';

export { coverageRoutes } from './routes.ts';
export type { CoverageView } from './schemas.ts';
export { coverageProjection } from './seen-projection.ts';
export { type Ground, isProven, type Standing, standingOf } from './sentence.ts';

/** How much of the traffic to vendors can be accounted for. */
export interface Coverage {
  imports: Imports;
  said: Said;
  /**
   * What is known of a vendor from one day until and with another (UTC), 30 days until yesterday unless said. What nobody measured
   * is `unknown`. Throws Problem 422 where the time is longer than a year.
   */
  ofVendor(vendor: string, from?: string, to?: string): Promise<CoverageView>;
  /** Vendors of which reports were handed in, by their ids. */
  summaries(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: CoverageSummary[]; next: string | null }>;
}

export interface CoverageOptions {
  platform: Platform;
  known: () => Promise<Known>;
  connections: CoverageDeps['connections'];
  appNames: CoverageDeps['appNames'];
}

export function createCoverage(options: CoverageOptions): Coverage {
  const { platform, known, connections } = options;
  const ofVendor: Coverage['ofVendor'] = (vendor, from, to) =>
    readCoverage(options, vendor, windowOf(platform.clock.now(), { from, to }));
  return {
    imports: createImports({ platform, known, read: createReading() }),
    said: createSaid({ platform, connections }),
    ofVendor,
    summaries: (query) => summaries(platform, ofVendor, query),
  };
}

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export function largestReport(path: string): number | null {
  return /\/coverage\/[a-z0-9-]{1,61}\/reports$/.test(path) ? LARGEST_REPORT : null;
}
