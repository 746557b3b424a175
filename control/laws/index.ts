export { isClockFile, readClockFile } from './clock-packs.ts';
export { FACTS_FORMAT, type FactsFile, readFactsFile } from './facts-file.ts';
export { readClockLaw } from './load.ts';
