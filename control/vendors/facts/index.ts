export { coverageOf, missingOf } from './coverage.ts';
export { readFacts, readVendor } from './read.ts';
export { type VendorFacts, VendorFactsSchema } from './schema.ts';
