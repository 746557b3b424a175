export { FACTS_FORMAT, type FactsFile, readFactsFile } from './facts-file.ts';
export { OwnRuleSchema } from './rule-schema.ts';
