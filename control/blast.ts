import { accountsByVendor } from './accounts/index.ts';
import type { Chain } from './chain/index.ts';
import type { Connections } from './connections/index.ts';
import type { Coverage } from './coverage/index.ts';
import { appsByVendor, type Names } from './crossings/index.ts';
import { havePlaces, placesOfPeople } from './detectors/index.ts';
import { grantsOf } from './discovery/index.ts';
import { heldPlaces, type VendorDirectory, vendorRows } from './exposure/index.ts';
import type { Holdings } from './holdings/index.ts';
import { type BlastRouteDeps, weakestLinks } from './incidents/index.ts';
import type { Platform } from './platform/index.ts';
import type { Register } from './register/index.ts';
import type { Residency } from './residency/index.ts';
import { credentialsLastUsed } from './rotation/index.ts';
import type { Catalogue, Known } from './vendors/index.ts';
import { workflowsOf } from './workflows.ts';

interface Parts {
  platform: Platform;
  catalogue: Catalogue;
  known(): Promise<Known>;
  names: Names;
  connections: Connections;
  register: Register;
  chain: Chain;
  coverage: Coverage;
  holdings: Pick<Holdings, 'heldAt'>;
  residency: Pick<Residency, 'placesOf'>;
  directory: VendorDirectory;
}

/** What the rooms know together of a breach at a vendor. */
export function blastFrom(parts: Parts): BlastRouteDeps {
  const {
    platform,
    catalogue,
    known,
    names,
    connections,
    register,
    chain,
    coverage,
    holdings,
    directory,
    residency,
  } = parts;
  return {
    platform,
    names,
    connections: connections.all,
    edges: chain.edges,
    entry: register.get,
    vendorNames: chain.namesOf,
    accountsHeld: holdings.heldAt,
    covered: coverage.covered,
    placesOf: residency.placesOf,
    peoplePlaces: async (question) =>
      (await havePlaces(platform)) ? heldPlaces(platform, question, placesOfPeople) : null,
    grants: (vendor) => grantsOf(platform, vendor),
    workflows: (vendors) => workflowsOf(platform, vendors),
    credentialsUsed: () => credentialsLastUsed(platform),
    isKnown: async (party) =>
      catalogue.pack(party) !== undefined ||
      (await register.get(party)) !== null ||
      (await known()).get(party) !== undefined ||
      (await chain.edges()).some(({ from, to }) => from === party || to === party),
    async weakest() {
      const [rows, all, registered, held, apps] = await Promise.all([
        vendorRows(platform, directory, register.proven),
        connections.all(),
        register.ids(),
        accountsByVendor(platform),
        appsByVendor(platform),
      ]);
      const used = rows.filter((row) => row.connections > 0 || row.lastCrossingAt !== null);
      const ids = [...used, ...held].map(({ vendor }) => vendor).concat(registered);
      const [vendorNames, statusOf] = await Promise.all([
        chain.namesOf([...new Set(ids)]),
        register.statusOf([...new Set(ids)]),
      ]);
      return weakestLinks({
        rows: used,
        connections: all,
        registered,
        names: vendorNames,
        statusOf,
        accounts: new Map(held.map(({ vendor, people }) => [vendor, people])),
        apps,
      });
    },
  };
}
