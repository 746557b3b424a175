import type { Pack, Service } from '@drawbridge/protocol';

/** The vendors that this deployment knows: its packs, by vendor and service. */
export interface Catalogue {
  readonly packs: readonly Pack[];
  pack(vendor: string): Pack | undefined;
  service(vendor: string, service: string): Service | undefined;
}

export function createCatalogue(packs: readonly Pack[]): Catalogue {
  const byVendor = new Map(packs.map((pack) => [pack.vendor, pack]));
  return {
    packs,
    pack: (vendor) => byVendor.get(vendor),
    service: (vendor, service) => byVendor.get(vendor)?.services.find((one) => one.id === service),
  };
}
