/** What the API answers of keys: how they are used, those held elsewhere, and canaries. Held against its schemas. */

interface Bounds {
  connections?: string[] | undefined;
  classes?: string[] | undefined;
  models?: string[] | undefined;
  networks?: string[] | undefined;
}

export interface BoundsEffect {
  crossings: number;
  refused: number;
  unknown: number;
}

export type KeyFinding = 'idle' | 'never_used' | 'unused_grants' | 'one_network' | 'no_end' | 'old';

export interface KeyUse {
  id: string;
  app: { id: string; name: string };
  kind: 'secret' | 'publishable';
  person: { id: string; name: string } | null;
  createdAt: string;
  expiresAt: string | null;
  ageDays: number;
  lastUsedAt: string | null;
  crossings: number;
  refused: number;
  granted: { connections: string[]; classes: string[]; models: string[] | null; networks: string[] | null };
  unused: { connections: string[]; classes: string[]; models: string[] };
  findings: KeyFinding[];
  proposal: Bounds | null;
  effect: BoundsEffect | null;
}

export interface KeyUseList {
  days: number;
  since: string;
  items: KeyUse[];
  apps: {
    id: string;
    name: string;
    keys: number;
    crossings: number;
    idleKeys: number;
    unused: { connections: string[]; classes: string[] };
  }[];
}

export interface BoundsPreview extends BoundsEffect {
  days: number;
  text: string;
  refusals: { connection: string; class: string; model: string; network: string; crossings: number }[];
}

export type HeldFinding = 'never_rotated' | 'no_owner' | 'stored_outside' | 'idle';

export interface HeldKey {
  id: string;
  source: string;
  externalId: string;
  label: string;
  kind: string;
  owner: string | null;
  place: string | null;
  scopes: string[];
  madeAt: string | null;
  rotatedAt: string | null;
  ageDays: number | null;
  lastUsedAt: string | null;
  use: 'used' | 'never' | 'unknown';
  expiresAt: string | null;
  active: boolean;
  listedAt: string;
  goneAt: string | null;
  findings: HeldFinding[];
}

export interface HeldKeyImportAnswer {
  source: string;
  taken: number;
  fresh: number;
  gone: number;
  refused: number;
  refusals: { line: number; column: string; message: string }[];
}

export interface KeyInventory {
  sources: {
    source: string;
    format: string;
    importedAt: string;
    importedBy: string;
    keys: number;
    refused: number;
  }[];
  ages: { upToDays: number | null; held: number; virtual: number }[];
  unknownAge: number;
  findings: Record<HeldFinding, number>;
}

export interface CanaryForm {
  vendor: string;
  vendorName: string;
  id: string;
  name: string;
}

export interface Canary {
  id: string;
  vendor: string;
  vendorName: string;
  form: string;
  place: string;
  owner: string;
  plantedAt: string;
  plantedBy: string;
  retiredAt: string | null;
  uses: number;
  lastUsedAt: string | null;
}

export interface CanaryDetail extends Canary {
  latestUses: {
    crossing: string;
    at: string;
    address: string | null;
    client: string | null;
    connection: string;
    endpoint: string;
  }[];
}

export interface NewCanary extends Canary {
  key: string;
}
