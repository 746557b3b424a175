import { hash } from 'node:crypto';
import type { Admin, PackRotation, Service } from '@drawbridge/protocol';
import { type ConnectionRow, upstreamOf } from '../connections/index.ts';
import { canonicalJson, type Db, Problem, type Tx } from '../platform/index.ts';
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

/**
 * What a vendor's admin credential is bound to. Bytes for associated data. One that was entered before there was `api_hash`
 * is bound to its place alone.
 */
export function adminContext(
  row: Pick<
    VendorAdminRow,
    'connection' | 'version' | 'scheme' | 'host' | 'port' | 'private' | 'place' | 'api_hash'
  >,
): Uint8Array {
  const { connection, version, scheme, host, port, place } = row;
  const bound =
    row.api_hash === null
      ? ['drawbridge admin credential 1', connection, version, scheme, host, port, place]
      : [
          ...['drawbridge admin credential 2', connection, version, scheme, host, port, row.private, place],
          row.api_hash,
        ];
  return new TextEncoder().encode(JSON.stringify(bound));
}

/** What a pack says of a vendor's API for keys, as a hash: where calls go, and what they are. SHA-256, base64url. */
export const apiHashOf = (admin: Admin): string => hash('sha256', canonicalJson(admin), 'base64url');

/**
 * The admin credential of a connection, where it may be used as the pack says now. A pack that people entered may be changed
 * by people: then the credential has to be entered anew, for what it says now. Shipped packs are as good as the program.
 */
export async function readStandingAdmin(
  db: Db | Tx,
  catalogue: Catalogue,
  connection: Pick<ConnectionRow, 'id' | 'vendor' | 'service'>,
): Promise<{ admin: Admin; row: VendorAdminRow } | null> {
  const admin = packRotationOf(catalogue, connection)?.admin;
  const row = await readVendorAdmin(db, connection.id);
  if (admin === undefined || row === undefined) return null;
  return isStanding(catalogue, connection.vendor, admin, row.api_hash) ? { admin, row } : null;
}

export const isStanding = (
  catalogue: Catalogue,
  vendor: string,
  admin: Admin,
  enteredFor: string | null,
): boolean => catalogue.origin(vendor) === 'shipped' || enteredFor === apiHashOf(admin);

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
    const standing = await readStandingAdmin(db, catalogue, connection);
    let vendor: VendorKeys | null = null;
    if (standing !== null) {
      const { admin, row } = standing;
      vendor = createVendorKeys({
        run,
        // Where it goes in a call is what it was entered for, whatever the pack says by now.
        admin: { ...admin, place: row.place },
        place: { scheme: row.scheme, host: row.host, port: row.port, private: row.private },
        parameters: row.parameters,
        credential: { wrapped: row.wrapped, context: adminContext(row) },
      });
    }
    return {
      service,
      pack,
      vendor,
      lagMs: (pack?.admin?.last_used?.lag_seconds ?? 0) * 1000,
      probe: (credential) => probeKey(run, pack, upstreamOf(connection), service.auth, credential),
    };
  };
}
