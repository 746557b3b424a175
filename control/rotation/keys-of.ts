import type { Admin, PackRotation, Service } from '@drawbridge/protocol';
import { type ConnectionRow, upstreamOf } from '../connections/index.ts';
import { type Db, Problem, type Tx } from '../platform/index.ts';
import type { RunErrand } from '../vault/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { readVendorAdmin, type VendorAdminRow } from './store.ts';
import { createVendorKeys, type Place, probeKey, type VendorKeys, type Wrapped } from './vendor-keys.ts';

/** How the keys of a connection are tried, made and deleted. */
export interface KeysOf {
  service: Service;
  pack: PackRotation | undefined;
  /** Null: no admin credential was entered, or the vendor has no API for keys. */
  vendor: VendorKeys | null;
  /** How late the vendor says that a key was used; 0: it does not say. */
  lagMs: number;
  /** What a call with this credential is answered. Throws VendorCallError. */
  probe(credential: Wrapped): Promise<number>;
}

/** Finds the keys of a connection; tests put a vendor of their own here. */
export type FindKeys = (db: Db | Tx, connection: ConnectionRow) => Promise<KeysOf>;

/** What a vendor's admin credential is bound to. Bytes for associated data. */
export function adminContext(
  row: Pick<VendorAdminRow, 'connection' | 'version' | 'scheme' | 'host' | 'port' | 'place'>,
): Uint8Array {
  const { connection, version, scheme, host, port, place } = row;
  return new TextEncoder().encode(
    JSON.stringify(['drawbridge admin credential 1', connection, version, scheme, host, port, place]),
  );
}

export function packRotationOf(
  catalogue: Catalogue,
  { vendor, service }: Pick<ConnectionRow, 'vendor' | 'service'>,
): PackRotation | undefined {
  return catalogue.pack(vendor)?.rotation?.find((one) => one.service === service);
}

/** Where the vendor's API for keys answers for a connection. */
export function adminPlace(admin: Admin, region: string): Place {
  return { scheme: 'https', host: admin.hosts?.[region] ?? admin.host, port: 443, private: false };
}

export function findKeysBy(catalogue: Catalogue, run: RunErrand): FindKeys {
  return async (db, connection) => {
    const service = catalogue.service(connection.vendor, connection.service);
    if (service === undefined)
      throw new Problem(409, 'pack_missing', 'The pack of this vendor is gone. Put it back first.');
    const pack = packRotationOf(catalogue, connection);
    const row = await readVendorAdmin(db, connection.id);
    const vendor =
      row === undefined || pack?.admin === undefined
        ? null
        : createVendorKeys({
            run,
            // Where it goes in a call is what it was entered for, whatever the pack says by now.
            admin: { ...pack.admin, place: row.place },
            place: { scheme: row.scheme, host: row.host, port: row.port, private: row.private },
            parameters: row.parameters,
            credential: { wrapped: row.wrapped, context: adminContext(row) },
          });
    return {
      service,
      pack,
      vendor,
      lagMs: (pack?.admin?.last_used?.lag_seconds ?? 0) * 1000,
      probe: (credential) => probeKey(run, pack, upstreamOf(connection), service.auth, credential),
    };
  };
}
