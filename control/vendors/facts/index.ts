export { coverageOf, missingOf } from './coverage.ts';
export { readFacts, readVendor } from './read.ts';
export type { VendorFacts } from './schema.ts';
