import { createReading } from '../discovery/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { dayOf } from './by-day.ts';
import { type CoverageDeps, readCoverage, windowOf } from './coverage.ts';
import { createImports, type Imports, LARGEST_REPORT } from './imports.ts';
import { type UsageLately, usageLately } from './lately.ts';
import { createSaid, type Said } from './said.ts';
import { type CoverageView, MOST_DAYS } from './schemas.ts';
import { type CoverageSummary, summaries } from './summaries.ts';

export { createFetching, usageColumn } from './fetching/index.ts';
export { coverageRoutes } from './routes.ts';
export type { CoverageView } from './schemas.ts';
export { coverageProjection } from './seen-projection.ts';

/** How much of the traffic to vendors can be accounted for. */
export interface Coverage {
  imports: Imports;
  said: Said;
  /**
   * What is known of a vendor from one day until and with another (UTC), 30 days until yesterday unless said. What nobody measured
   * is `unknown`. Throws Problem 422 where the time is longer than a year.
   */
  ofVendor(vendor: string, from?: string, to?: string): Promise<CoverageView>;
  /**
   * Whether absence may be claimed for a window of ms since 1970, and in which words: only where coverage is proven for every day
   * that it touches. A window that is longer than a year, or not over, is not proven.
   */
  covered(vendor: string, from: number, to: number): Promise<{ isProven: boolean; text: string }>;
  /** What its own reports count over the 31 days before a time; null: they know none of these days whole. */
  usageLately(vendor: string, at: Date): Promise<UsageLately | null>;
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
    async covered(vendor, from, to) {
      const latest = Math.max(from, to);
      const earliest = Math.max(from, latest - (MOST_DAYS - 1) * DAY_MS);
      const found = await ofVendor(vendor, dayOf(earliest), dayOf(latest));
      const isWhole = earliest === from && found.standing.coverage === 'proven';
      return {
        isProven: isWhole,
        text: earliest === from ? found.standing.text : `${found.standing.text} ${BEFORE}`,
      };
    },
    usageLately: (vendor, at) =>
      usageLately(platform, async (from, to) => (await ofVendor(vendor, from, to)).wholeDays, vendor, at),
    summaries: (query) => summaries(platform, ofVendor, query),
  };
}

const DAY_MS = 86_400_000;
const BEFORE = 'What came before was not looked at: a year is the most.';

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export function largestReport(path: string): number | null {
  return /\/coverage\/[a-z0-9-]{1,61}\/reports$/.test(path) ? LARGEST_REPORT : null;
}
