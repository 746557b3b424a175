export { type Catalogue, createCatalogue } from './catalogue.ts';
export { readFacts, readVendor, type VendorFacts } from './facts/index.ts';
export { createKnown, type Known, knownOf } from './known.ts';
export { knownRoutes } from './known-routes.ts';
export { lintPacks, loadPacks, type PackProblem } from './load.ts';
export { comparable } from './names.ts';
export { ownPackRoutes } from './own-pack-routes.ts';
export { createOwnPacks, holdPack } from './own-packs.ts';
export { packRoutes } from './routes.ts';
