export { AskedValues } from './asked.ts';
export { ScanBudgetError, ScanRuleError, type ScanRuleErrorCode } from './errors.ts';
export { fingerprint, type KnownRun, knownRun } from './known.ts';
export { phoneWords, phraseWords } from './phrases.ts';
export { compileScanner } from './scanner.ts';
export { STREAM_HOLD } from './stream.ts';
export type {
  Checksum,
  Confidence,
  CustomDetector,
  DetectorRule,
  Finding,
  KnownPhrases,
  KnownValue,
  KnownValues,
  ScanLimits,
  Scanned,
  Scanner,
  ScannerOptions,
  ScanStream,
} from './types.ts';
export { Work as ScanWork } from './work.ts';
