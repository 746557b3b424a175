import type { Pack, Service } from '@drawbridge/protocol';

/** Where a pack comes from: shipped with this release, a file of the folder of own packs, or entered over the API. */
export type PackOrigin = 'shipped' | 'folder' | 'entered';

/** The vendors that this deployment knows: its packs, by vendor and service. */
export interface Catalogue {
  /** In order: shipped, from the folder, entered. */
  readonly packs: readonly Pack[];
  pack(vendor: string): Pack | undefined;
  service(vendor: string, service: string): Service | undefined;
  origin(vendor: string): PackOrigin | undefined;
  /** The version of a pack that was entered over the API; undefined for all others. */
  enteredVersion(vendor: string): number | undefined;
  /** Packs that were entered over the API, all of them: they take the place of those there were. */
  setEntered(packs: readonly EnteredPack[]): void;
}

export interface EnteredPack {
  pack: Pack;
  version: number;
}

/** `folder`: packs of one's own, from files. One that speaks of a vendor that another speaks of is left out. */
export function createCatalogue(shipped: readonly Pack[], folder: readonly Pack[] = []): Catalogue {
  let byVendor = new Map<string, { pack: Pack; origin: PackOrigin; version?: number }>();
  const catalogue: Catalogue = {
    get packs() {
      return [...byVendor.values()].map(({ pack }) => pack);
    },
    pack: (vendor) => byVendor.get(vendor)?.pack,
    service: (vendor, service) => byVendor.get(vendor)?.pack.services.find((one) => one.id === service),
    origin: (vendor) => byVendor.get(vendor)?.origin,
    enteredVersion: (vendor) => byVendor.get(vendor)?.version,
    setEntered(entered) {
      const all = [
        ...shipped.map((pack) => ({ pack, origin: 'shipped' as const })),
        ...folder.map((pack) => ({ pack, origin: 'folder' as const })),
        ...entered.map(({ pack, version }) => ({ pack, origin: 'entered' as const, version })),
      ];
      const next: typeof byVendor = new Map();
      for (const one of all) if (!next.has(one.pack.vendor)) next.set(one.pack.vendor, one);
      byVendor = next;
    },
  };
  catalogue.setEntered([]);
  return catalogue;
}
