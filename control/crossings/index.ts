export { type About, aboutOf, type SubjectName, subjectText } from './about.ts';
export { type LatestAnswers, latestAnswers } from './answers.ts';
export { carriedByDay } from './carried.ts';
export {
  appsByVendor,
  crossedVendors,
  forwardedLeaves,
  type Holding,
  type SentTraffic,
  sentByDay,
  sentTraffic,
  type VendorTraffic,
  vendorHoldings,
  vendorTraffic,
} from './counts.ts';
export { effectiveTreatment } from './crossing-kind.ts';
export { crossingProjection } from './crossing-projection.ts';
export { latestCrossing } from './detail.ts';
export {
  crossingsOfSubjects,
  eraseCrossingSubjects,
  eraseItems,
  ItemSearch,
} from './erase.ts';
export { type FirstCrossing, firstCrossings } from './first.ts';
export { advanceHorizon, type HeldCrossings, pruneReleased } from './horizon.ts';
export { type IngestDeps, ingestRoutes } from './ingest.ts';
export {
  type FeedEntry,
  journalEnds,
  journalStartsAt,
  journalsStoredAt,
  type LogEnd,
  readJournal,
} from './journal-feed.ts';
export type { Erased, IsErased } from './journal-store.ts';
export { liveCrossingRoutes } from './live-routes.ts';
export { type Named, type Names, nameAll } from './names.ts';
export {
  holdProjectors,
  type ProjectedEntry,
  type Projection,
  projectBatch,
  projectOnce,
  readEntriesAt,
} from './projection.ts';
export { type Projector, startProjector } from './projector.ts';
export { findPolicyRefusal, latestDecided, latestLeaves } from './query.ts';
export { holdRebuilds, RebuildBusyError, rebuildProjection } from './rebuild.ts';
export { type RecentUse, recentUse } from './recent.ts';
export { crossingRoutes } from './routes.ts';
export {
  type CrossingDetail,
  CrossingDetailSchema,
  type Shapes,
  ShapesSchema,
  Traffic24hSchema,
} from './schemas.ts';
export { shapeRoutes } from './shape-routes.ts';
export type { ShownName } from './shapes.ts';
export type { OpenDataKey } from './shipment.ts';
export {
  findStoredLog,
  findStoredPlace,
  readStoredEntries,
  readStoredItems,
  type StoredLog,
  type StoredPlace,
} from './stored.ts';
export { keyUse } from './use.ts';
