import { createRequire } from 'node:module';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';

let loaded: typeof Cedar | null = null;

/**
 * The engine: four megabytes of WebAssembly, loaded when it is first asked for, so that who has no policies pays
 * nothing for it.
 */
export function engine(): typeof Cedar {
  loaded ??= createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as typeof Cedar;
  return loaded;
}
