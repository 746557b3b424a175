export { canonicalIdentifier } from './canonical.ts';
export {
  type CompiledMap,
  type CompiledNames,
  type CompileOptions,
  compileField,
  compileMap,
  compileNames,
  recordPlaces,
} from './compile.ts';
export { type KeySwap, minimiseDocument } from './document.ts';
export {
  type Codec,
  dataIndex,
  type EnvelopeLimits,
  type Opened,
  type OpenedValue,
  openBody,
  openValue,
} from './envelope.ts';
export {
  EnvelopeError,
  type EnvelopeErrorCode,
  FieldMapError,
  FieldRefusedError,
  KeyMixedError,
  KeyPlaceError,
} from './error.ts';
export { openItems } from './items.ts';
export { type Lift, LiftedObservations } from './lifted.ts';
export { linesPrefix, openLines } from './lines.ts';
export { Observations, type Observed, type Tally } from './observations.ts';
export { formatPairs, type Pair, parsePairs } from './pairs.ts';
export { openParts, type PartContent, type PartRule } from './parts.ts';
export { isFromRoot, parsePath, type Step } from './path.ts';
export { percentDecode } from './percent.ts';
export { countryCode } from './place.ts';
export { openPrefix } from './prefix.ts';
export { withReplaced } from './replace.ts';
export { shapeOfText } from './shape.ts';
export { guardText, treatFound, treatText } from './text.ts';
export { type Action, compileFound, type FoundRules } from './treatment.ts';
export * from './types.ts';
