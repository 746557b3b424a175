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
  /** Packs that were entered over the API, all of them: they take the place of those there were. */
  setEntered(packs: readonly Pack[]): void;
}

/** `folder`: packs of one's own, from files. One that speaks of a vendor that another speaks of is left out. */
export function createCatalogue(shipped: readonly Pack[], folder: readonly Pack[] = []): Catalogue {
  let byVendor = new Map<string, { pack: Pack; origin: PackOrigin }>();
  const catalogue: Catalogue = {
    get packs() {
      return [...byVendor.values()].map(({ pack }) => pack);
    },
    pack: (vendor) => byVendor.get(vendor)?.pack,
    service: (vendor, service) => byVendor.get(vendor)?.pack.services.find((one) => one.id === service),
    origin: (vendor) => byVendor.get(vendor)?.origin,
    setEntered(entered) {
      const next: typeof byVendor = new Map();
      const add = (packs: readonly Pack[], origin: PackOrigin): void => {
        for (const pack of packs) if (!next.has(pack.vendor)) next.set(pack.vendor, { pack, origin });
      };
      add(shipped, 'shipped');
      add(folder, 'folder');
      add(entered, 'entered');
      byVendor = next;
    },
  };
  catalogue.setEntered([]);
  return catalogue;
}
