export { coverageOf, missingOf } from './coverage.ts';
export { readFacts, readVendor } from './read.ts';
