export { ScanBudgetError, ScanRuleError, type ScanRuleErrorCode } from './errors.ts';
export type {
  Checksum,
  Confidence,
  CustomDetector,
  DetectorRule,
  Finding,
  KnownPhrases,
  KnownValue,
  KnownValues,
  Scanned,
  ScanLimits,
  Scanner,
  ScannerOptions,
  ScanStream,
} from './types.ts';
