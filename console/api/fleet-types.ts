/** What the API answers about gateways and the history of what they run on. */

/** What is null is unknown: a gateway that never reported, or a count it did not give. */
export interface GatewayRow {
  id: string;
  name: string;
  lastSeenAt: string | null;
  snapshotVersion: number | null;
  wantedVersion: number | null;
  /** The version that it would not take, while the one before serves on. */
  refused: { version: number; code: string; field: string | null; text: string; since: string } | null;
  journal: { shipped: number | null; behind: number | null };
  /** Null: a gateway of an earlier version, which does not say. */
  about: {
    workers: { wanted: number; serving: number };
    /** The certificate that apps see; null: it takes plain HTTP. */
    tls: { subject: string; issuer: string; expiresAt: string; clientCertificates: boolean } | null;
    durability: 'synced' | 'written';
    outboundProxy: boolean;
  } | null;
}

/** A version of the configuration that was published. */
export interface ConfigurationVersion {
  version: number;
  hash: string;
  publishedAt: string;
  before: number | null;
  changes: {
    id: string;
    at: string;
    actor: string;
    reason: string;
    act: string;
    subject: { kind: string; id: string };
  }[];
  changesInAll: number;
  differences: {
    code: string;
    subject: { kind: 'connection' | 'key' | 'vendor' | 'names' | 'policy' | 'app'; id: string };
    text: string;
  }[];
  differencesInAll: number;
  inForce: boolean;
}

export interface RollbackLine {
  subject: { kind: 'connection' | 'key' | 'vendor'; id: string; name: string };
  text: string;
}

/** What going back to a version does, or did, and what it can not do. */
export interface Rollback {
  to: number;
  basedOn: number;
  putBack: RollbackLine[];
  stays: RollbackLine[];
}
