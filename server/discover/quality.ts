import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { candidatesOf, registrable, type Sighting } from '@drawbridge/control/packs';
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
  /** How much of what stands behind names of one kind is known. */
  coverage: Record<CoverageKind, Coverage>;
}

export const coverageKinds = { package: 'dependencies', host: 'hosts', dns: 'DNS records' } as const;
export type CoverageKind = keyof typeof coverageKinds;

export interface Coverage {
  /** Of the truth's vendors that stand in files with names of this kind alone: those that such a name shows. */
  vendors: { true: number; found: number; missed: string[] };
  /** Different names (hosts and targets of records by the domain that somebody registered), and those whose vendor is known. */
  names: { all: number; known: number; perhaps: number };
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
    coverage: {
      package: coverageOf('package', shown, truth),
      host: coverageOf('host', shown, truth),
      dns: coverageOf('dns', shown, truth),
    },
  };
}

function coverageOf(
  kind: CoverageKind,
  sightings: readonly Sighting[],
  truth: ReadonlyMap<string, ReadonlySet<string>>,
): Coverage {
  const kinds = new Map<string, Set<string>>();
  const shown = new Set<string>();
  const names = new Map<string, 'known' | 'perhaps' | 'nobody'>();
  for (const sighting of sightings) {
    const { file, trace, match } = sighting;
    const within = inside(file);
    kinds.set(within, (kinds.get(within) ?? new Set()).add(trace.kind));
    if (trace.kind !== kind) continue;
    for (const place of placeOf(sighting)) shown.add(place);
    const name = kind === 'package' ? `${trace.detail.registry}:${trace.value}` : registrable(trace.value);
    const is = match?.vendor == null ? (match === null ? 'nobody' : 'perhaps') : 'known';
    const was = names.get(name);
    if (was === undefined || is === 'known' || was === 'nobody') names.set(name, is);
  }
  const isOfKind = (file: string) => kinds.get(file)?.size === 1 && kinds.get(file)?.has(kind) === true;
  const all = [...truth].flatMap(([vendor, files]) => {
    const those = [...files].filter(isOfKind);
    return those.length === 0
      ? []
      : [{ vendor, isFound: those.some((file) => shown.has(`${vendor}@${file}`)) }];
  });
  const count = (is: string) => [...names.values()].filter((one) => one === is).length;
  return {
    vendors: {
      true: all.length,
      found: all.filter(({ isFound }) => isFound).length,
      missed: all.flatMap(({ vendor, isFound }) => (isFound ? [] : [vendor])).sort(),
    },
    names: { all: names.size, known: count('known'), perhaps: count('perhaps') },
  };
}

const inside = (file: string): string => file.slice(file.indexOf('nordlicht/') + 'nordlicht/'.length);

function placeOf({ file, match }: Sighting): string[] {
  return match === null || match.vendor === null ? [] : [`${match.vendor}@${inside(file)}`];
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
