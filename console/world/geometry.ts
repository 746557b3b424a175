import { geoNaturalEarth1, geoPath } from 'd3-geo';
import codes from 'i18n-iso-countries/codes.json';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json';

/** The map, in the units of its own picture. Natural Earth, 1:110 million. */
export const width = 960;
export const height = 460;

const topology = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
const countries = feature(topology, topology.objects.countries).features.filter(({ id }) => id !== '010');
const projection = geoNaturalEarth1().fitSize([width, height], {
  type: 'FeatureCollection',
  features: countries,
});
const draw = geoPath(projection).digits(1);
const alphaOf = new Map(
  (codes as unknown as [string, string, string][]).map(([alpha, , digits]) => [digits, alpha]),
);

export interface Land {
  /** ISO 3166-1 alpha-2; the map's own name where it has none. */
  code: string;
  path: string;
}

export const lands: readonly Land[] = countries.map((country) => ({
  code: alphaOf.get(String(country.id)) ?? country.properties.name,
  path: draw(country) ?? '',
}));

/** Where the largest part of a country is: a mark in the middle of all parts of France would lie in the sea. */
export const middles: ReadonlyMap<string, readonly [x: number, y: number]> = new Map(
  countries.flatMap((country) => {
    const code = alphaOf.get(String(country.id));
    const { geometry } = country;
    if (code === undefined) return [];
    const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
    const largest = parts
      .map((coordinates) => ({ type: 'Polygon' as const, coordinates }))
      .sort((a, b) => draw.area(b) - draw.area(a))[0];
    const [x, y] = draw.centroid(largest ?? country);
    return [[code, [x, y] as const] as const];
  }),
);

/** A line bent a little, so that those there and back do not cover each other. */
export function bow([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const [cx, cy] = [(x1 + x2) / 2 + dy * 0.18, (y1 + y2) / 2 - Math.abs(dx) * 0.18];
  const round = (value: number): string => value.toFixed(1);
  return `M${round(x1)},${round(y1)}Q${round(cx)},${round(cy)} ${round(x2)},${round(y2)}`;
}
