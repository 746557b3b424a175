import type { VendorRow } from '../api/types.ts';
import { strongest, vendorGot } from '../design/classes.ts';
import { dayAgo } from '../design/format.ts';
import { fakePackRows } from './fake-packs.ts';
import type { World } from './fake-world.ts';

/** A vendor as its connections and crossings make it. */
export function vendorRow(world: World, vendor: string): VendorRow {
  const holdings = world.holdings.get(vendor) ?? [];
  const crossings = world.crossings.filter((row) => row.vendor === vendor);
  const recent = crossings.filter((row) => row.at >= dayAgo(Date.now()));
  return {
    vendor,
    name: fakePackRows.find((pack) => pack.vendor === vendor)?.name ?? vendor,
    kind: vendor === 'openai' ? 'ai' : 'analytics',
    connections: world.connections.filter((connection) => connection.vendor === vendor).length,
    people: Math.max(0, ...holdings.map((holding) => holding.people)),
    fieldClassesGot: strongest(holdings.filter((holding) => vendorGot(holding.treatment))).length,
    classes: holdings.map(({ class: name, treatment, people }) => ({ class: name, treatment, people })),
    crossings24h: recent.length,
    crossed24h: recent.filter((row) => row.decision === 'forwarded').length,
    refused24h: recent.filter((row) => row.decision === 'refused').length,
    lastCrossingAt: crossings[0]?.at ?? null,
    state: world.connections.some((connection) => connection.vendor === vendor && connection.state === 'open')
      ? 'open'
      : 'severed',
    modes: [
      ...new Set(world.connections.filter((one) => one.vendor === vendor).map(({ mode }) => mode)),
    ].filter((mode) => mode !== 'enforce'),
  };
}

export function vendorRows(world: World): VendorRow[] {
  return [...new Set(world.connections.map((connection) => connection.vendor))].map((vendor) =>
    vendorRow(world, vendor),
  );
}

/** What the first page shows. */
export function fakeOverview(world: World) {
  const vendors = vendorRows(world);
  const sum = (pick: (row: VendorRow) => number): number =>
    vendors.reduce((total, row) => total + pick(row), 0);
  return {
    vendors,
    totals: {
      crossings24h: sum((row) => row.crossings24h),
      crossed24h: sum((row) => row.crossed24h),
      refused24h: sum((row) => row.refused24h),
      people: sum((row) => row.people),
      apps: world.apps.length,
      connections: world.connections.length,
    },
    gateways: world.gateways,
    firstSteps: [
      { id: 'connect', done: world.connections.length > 0 },
      { id: 'app', done: world.apps.length > 0 },
      { id: 'key', done: world.keys.length > 0 },
      { id: 'crossing', done: world.crossings.length > 0 },
    ],
    warnings: [],
  };
}
