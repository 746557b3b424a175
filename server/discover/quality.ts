import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { candidatesOf, type Sighting } from '@drawbridge/control';
import { shippedVendorFacts } from '../shipped-packs.ts';
import { type Discovered, discover } from './run.ts';

/** Evidence of a made-up company, and who is in it, written by hand. */
export const madeUp = fileURLToPath(new URL('../../libs/evidence/testing/nordlicht', import.meta.url));

export interface Quality {
  /** Vendors that are there, that were found, and of these that are not there. */
  vendors: { true: number; found: number; wrong: string[]; missed: string[] };
  /** The same by file: `openai@dns/zone.txt`. */
  places: { true: number; found: number; missed: string[] };
  /** Domains and names that belong to vendors of no known facts, or to nobody. */
  unknown: number;
}

/** How much of the hand-made truth is found: which vendors, and in which files. Transitive packages count as found nowhere. */
export async function measureQuality(): Promise<Quality> {
  const found: Discovered = { sightings: [], skipped: [], files: 0, bytes: 0 };
  await discover([madeUp], await shippedVendorFacts(), { own: ['nordlicht.example'] }, found);
  const shown = found.sightings.filter(({ trace }) => trace.grade !== 'transitive');
  const candidates = candidatesOf(shown);
  const vendors = new Set(candidates.flatMap(({ vendor }) => vendor ?? []));
  const truth = await readTruth();
  const places = new Set(shown.flatMap((sighting) => placeOf(sighting)));
  const truePlaces = [...truth].flatMap(([vendor, files]) => [...files].map((file) => `${vendor}@${file}`));
  return {
    vendors: {
      true: truth.size,
      found: [...truth.keys()].filter((vendor) => vendors.has(vendor)).length,
      wrong: [...vendors].filter((vendor) => !truth.has(vendor)).sort(),
      missed: [...truth.keys()].filter((vendor) => !vendors.has(vendor)).sort(),
    },
    places: {
      true: truePlaces.length,
      found: truePlaces.filter((place) => places.has(place)).length,
      missed: truePlaces.filter((place) => !places.has(place)).sort(),
    },
    unknown: candidates.filter(({ vendor }) => vendor === null).length,
  };
}

function placeOf({ file, match }: Sighting): string[] {
  const within = file.slice(file.indexOf('nordlicht/') + 'nordlicht/'.length);
  return match === null || match.vendor === null ? [] : [`${match.vendor}@${within}`];
}

async function readTruth(): Promise<Map<string, Set<string>>> {
  const truth = new Map<string, Set<string>>();
  for (const name of ['truth.json', 'truth-manifests.json']) {
    const read = JSON.parse(await readFile(join(madeUp, name), 'utf8')) as Record<
      string,
      Record<string, unknown> | string[]
    >;
    for (const [vendor, files] of Object.entries(read)) {
      const known = truth.get(vendor) ?? new Set();
      for (const file of Array.isArray(files) ? files : Object.keys(files)) known.add(file);
      truth.set(vendor, known);
    }
  }
  return truth;
}
