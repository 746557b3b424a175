export { ImportError } from './error.ts';
export { createImports, type Imports } from './imports.ts';
export type { Imported } from './lookup.ts';
export { importRoutes, largestVendorImport } from './routes.ts';
export { readProboList } from './sources/probo.ts';
