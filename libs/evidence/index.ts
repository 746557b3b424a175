export { EvidenceError, type EvidenceErrorCode } from './error.ts';
export type { Format, Mapping, Reader, ReadOptions } from './format.ts';
export { formats } from './formats.ts';
export { type EvidenceFile, type ReadEvidenceOptions, readEvidence } from './read.ts';
export {
  type Grade,
  grades,
  type Seen,
  type Trace,
  type TraceKind,
  Traces,
  traceKinds,
  type Unread,
} from './trace.ts';
export type { UsageBucket, UsageReport, UsageRow } from './usage/report.ts';
