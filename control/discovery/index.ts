import { LARGEST_FILE } from './runs.ts';

export type { Sighting } from './candidates.ts';
export { createDiscovery } from './discovery.ts';
export { type Grant, grantsOf } from './grants.ts';
export { createReading } from './reading.ts';
export type { DiscoverReport } from './report.ts';
export { discoveryRoutes } from './routes.ts';
export { type SetUpIn, setUpIn } from './set-up-in.ts';
export { tracesOf, type VendorTrace } from './traces-of.ts';
export {
  endpointsSeen,
  type SeenHost,
  seenHosts,
  type TrafficSource,
  trafficSources,
} from './traffic.ts';

/** The largest body of a request to this path of the API, where it is larger than others may be; else null. */
export function largestEvidence(path: string): number | null {
  return /\/discovery\/runs\/[0-9a-f-]{36}\/file$/.test(path) ? LARGEST_FILE : null;
}
