import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fieldMapsOf, lintPacks } from '@drawbridge/control';

/** The folder of the packs that are shipped. */
export const shippedPacks = join(fileURLToPath(new URL('..', import.meta.url)), 'packs', 'vendors');

/** The field maps to which a pack of one's own may refer. */
export async function shippedMaps() {
  return fieldMapsOf((await lintPacks(shippedPacks)).packs);
}
