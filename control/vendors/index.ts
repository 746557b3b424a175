export { type Catalogue, createCatalogue } from './catalogue.ts';
export { coverageOf, missingOf, readFacts, readVendor, type VendorFacts } from './facts/index.ts';
export { createKnown, type Known, knownOf } from './known.ts';
export { knownRoutes } from './known-routes.ts';
export { fieldMapsOf } from './like.ts';
export { lintPacks, loadPacks, type PackProblem, problemLine, readPack } from './load.ts';
export { ownPackRoutes } from './own-pack-routes.ts';
export { createOwnPacks, holdPack } from './own-packs.ts';
export { packRoutes } from './routes.ts';
