import { fileURLToPath } from 'node:url';
import type { Law } from '@drawbridge/clocks';
import { readClockLaw } from './load.ts';

/** The folder of laws that is shipped. */
export const lawsFolder = fileURLToPath(new URL('../../packs/laws', import.meta.url));

/** The law on deadlines that is shipped. Throws where it is not valid. */
export async function shippedClockLaw(): Promise<Law> {
  const read = await readClockLaw(lawsFolder);
  if ('law' in read) return read.law;
  throw new Error(JSON.stringify(read.problems));
}
