export {
  eraseLedgerRows,
  type LedgerSubject,
  linkedSubjects,
  recountSubjects,
  type VendorGot,
  vendorsGot,
} from './erase.ts';
export { type Exposed, exposedBy } from './exposed.ts';
export { exposureProjection } from './exposure-projection.ts';
export { isSent, sendingTreatments } from './facts.ts';
export {
  type Held,
  type HeldKind,
  type HeldPerson,
  type HeldPlace,
  type HeldQuestion,
  heldBy,
  heldPlaces,
  type Kind,
  peopleHeld,
} from './held.ts';
export { countLinkedOnce } from './linked.ts';
export { type ExposureDeps, exposureRoutes } from './routes.ts';
export { type VendorRow, VendorRowSchema } from './schemas.ts';
export {
  type ProvenDeletions,
  peopleInAll,
  type VendorDirectory,
  type VendorInfo,
  vendorRows,
} from './vendors.ts';
