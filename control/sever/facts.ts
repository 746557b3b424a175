import type { FieldClass } from '@drawbridge/protocol';
import type { Edge, Layer } from '../chain/index.ts';
import type { ConnectionView, CutTreatment } from '../connections/index.ts';
import type { RecentUse } from '../crossings/index.ts';
import type { Grant, VendorTrace } from '../discovery/index.ts';
import type { ObservedHost } from '../egress/index.ts';
import type { HeldKeyOf } from '../inventory/index.ts';
import type { TargetKind } from './tables.ts';

/** What is to be cut off, worked out: which vendors it is about, and which connections. */
export interface Target {
  kind: TargetKind;
  id: string;
  name: string;
  field: { class: FieldClass; treatment: CutTreatment } | null;
  vendors: readonly string[];
  connections: readonly ConnectionView[];
}

/** What is known of one vendor when it is to be cut off. */
export interface VendorFacts {
  id: string;
  name: string;
  owner: string | null;
  /** Domains that are known to be the vendor's. */
  domains: readonly string[];
  /** Hosts of it that apps reached through the egress proxy lately. */
  hosts: readonly ObservedHost[];
  grants: readonly Grant[];
  traces: readonly VendorTrace[];
  heldKeys: readonly HeldKeyOf[];
  accounts: readonly { vendor: string; people: number | null; accounts: number; layer: Layer }[];
  coverage: { isProven: boolean; text: string };
  substitutes: readonly { id: string; name: string; days: number | null }[];
  /** Whose pseudonyms are in use; null: none were made for it. */
  epoch: number | null;
  edges: readonly Edge[];
}

export interface Facts {
  target: Target;
  vendors: readonly VendorFacts[];
  recent: readonly RecentUse[];
  apps: ReadonlyMap<string, { name: string; owner: string }>;
  /** Names of vendors by id. */
  named(id: string): string;
  /** Credentials of connections that were used, by connection and version. */
  lastUsed: readonly { connection: string; version: number; lastAt: Date }[];
  /** People of whom pseudonyms crossed to these vendors. */
  people: number;
  /** Days that `recent` covers, today among them. */
  days: number;
}
