import type { Service } from '@drawbridge/protocol';
import type { Catalogue, Known } from '../vendors/index.ts';
import { type Groups, PLACE, type Place, relation } from './place.ts';
import type { HostRule } from './place-of.ts';

/** What a vendor says of its hosts: the regions of its pack, then what is publicly known of it. Neither guesses. */
export function rulesOf(vendor: string, catalogue: Catalogue, known: Known): HostRule[] {
  const regions = catalogue.pack(vendor)?.services.flatMap(({ regions }) => regions) ?? [];
  const facts = known.get(vendor);
  return [
    ...regions
      .filter(({ own_host: own, jurisdiction }) => own !== true && isPlace(jurisdiction))
      .map(({ host, jurisdiction, source, as_of: asOf }) => ({
        is: host.toLowerCase(),
        region: jurisdiction,
        source,
        asOf,
      })),
    ...(facts?.hosts ?? []).flatMap(({ is, region, from }) => {
      const source = facts?.sources[from];
      return region === undefined || source === undefined
        ? []
        : [{ is, region, source: source.url, asOf: source.as_of }];
    }),
  ];
}

function isPlace(jurisdiction: string): boolean {
  return PLACE.test(jurisdiction) && jurisdiction !== 'UNKNOWN';
}

export interface OtherHost {
  host: string;
  place: Place;
}

/** A host of the same service that is within a place; null: the pack has none, and none is publicly known. */
export function hostWithin(
  place: Place,
  { vendor, service, host }: { vendor: string; service: string; host: string },
  { catalogue, known, groups }: { catalogue: Catalogue; known: Known; groups: Groups },
): OtherHost | null {
  const found: Service | undefined = catalogue.service(vendor, service);
  const region = found?.regions.find(
    (one) =>
      one.own_host !== true &&
      one.host !== host &&
      isPlace(one.jurisdiction) &&
      relation(one.jurisdiction, place, groups) === 'inside',
  );
  if (region !== undefined) return { host: region.host, place: region.jurisdiction };
  const other = known
    .get(vendor)
    ?.hosts?.find(
      (one) =>
        one.service === service &&
        !one.is.includes('*') &&
        one.is !== host &&
        one.region !== undefined &&
        relation(one.region, place, groups) === 'inside',
    );
  return other?.region === undefined ? null : { host: other.is, place: other.region };
}
