export { type Action, actions, allActions } from './actions.ts';
export { plainArray } from './arrays.ts';
export {
  type BlobInfo,
  type BlobRef,
  BlobRefSchema,
  type Blobs,
  blobRoutes,
  blobSealer,
  blobView,
  bodyOf,
  createBlobs,
  fileAnswer,
  LARGEST_BLOB,
  largestBlob,
  NamedBlobSchema,
  type Sealer,
} from './blobs/index.ts';
export { canonicalJson } from './canonical.ts';
export { type By, type Change, type ChangeTable, collectChanges, launcher, recordChange } from './change.ts';
export { type Clock, newId, type Random, systemClock, systemRandom } from './clock.ts';
export { type CsvRow, type CsvTable, readCsv, readLongCsv } from './csv.ts';
export { csvLine, unescapedCell } from './csv-cell.ts';
export { type Database, type DatabaseConfig, type Db, openDatabase, type Tx } from './database.ts';
export { createEvents, type Events, type Topic } from './events.ts';
export {
  type Actor,
  type Caller,
  createRouter,
  decodeCursor,
  encodeCursor,
  type HttpEnv,
  handleErrors,
  json,
  PageQuerySchema,
  page,
  pageSchema,
  problemResponses,
  ReasonSchema,
  type Router,
} from './http.ts';
export { idempotency } from './idempotency.ts';
export {
  type AnyJobKind,
  defineJob,
  enqueue,
  type JobContext,
  type JobKind,
  runDueJob,
  runJobs,
} from './jobs.ts';
export { type Loop, startLoop } from './loop.ts';
export { type MessageCode, messageText } from './messages.ts';
export { collectMigrations, type Migration, migrate } from './migrate.ts';
export {
  expectStepUp,
  type Named,
  type Needs,
  type NeedsTable,
  needs,
  needsOf,
  type OwnedKind,
  readNeeds,
} from './needs.ts';
export { callOut, OutboundError, type OutboundNetwork, postOut, readOut } from './outbound.ts';
export type { Platform } from './platform.ts';
export { isPrivateHost } from './private-host.ts';
export { type FieldProblem, invalid, notFound, Problem } from './problem.ts';
export { givenReason } from './reason.ts';
export { readSetting, type Setting, writeSetting } from './settings.ts';
export { streamOf } from './stream.ts';
export { inOneTransaction, inTransaction } from './transaction.ts';
export { type Turn, Turns } from './turns.ts';
export { type Add, type PackFileProblem, readYaml, told } from './yaml.ts';
