import type { Upstream } from './types.ts';

/** What waits for a second person, the vault's keys, and who else vouches: as `/api/v1` answers it. */

export type ApprovalState = 'asked' | 'approved' | 'refused' | 'withdrawn' | 'used' | 'expired';

export interface Approval {
  id: string;
  /** As the change is named that it makes: `connection.change`. */
  act: string;
  subject: { kind: string; id: string };
  /** All that is to be done; its members are the act's own. */
  what: Record<string, unknown>;
  state: ApprovalState;
  reason: string;
  askedAt: string;
  askedBy: { id: string; name: string };
  expiresAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  decisionReason: string | null;
  usedAt: string | null;
}

/** `what` of an approval to send a connection elsewhere. */
export interface Move {
  name: string;
  from: Upstream;
  to: Upstream;
}

export interface DeploymentSettings {
  deploymentName: string;
  /** Whether a second person has to approve where credentials go. */
  secondPerson: boolean;
}

export type KeySourceKind = 'file' | 'env' | 'command' | 'vault-transit' | 'aws-kms';

export interface VaultStatus {
  source: KeySourceKind;
  /** The number of the key that the running vault was opened with. */
  openedWith: number;
  /** Why the vault does not run; null: it runs. */
  trouble: { code: string; text: string } | null;
  /** Two: a rotation is not finished, and each of them opens everything. */
  keys: { id: number; source: KeySourceKind; label: string; madeAt: string }[];
  dataKeys: { version: number; madeAt: string; rows: number }[];
}

/** What is believed of an issuer, and where it is. */
export interface IssuerFacts {
  name: string;
  issuer: string;
  clientId: string;
  domains: string[];
  /** What proves two factors; both empty: nothing does. */
  mfa: { acr: string[]; amr: string[] };
  /** Roles of people who are not known yet; null: they are not let in. */
  newRoles: string[] | null;
  private: boolean;
}

export interface Issuer extends IssuerFacts {
  id: string;
  redirectUri: string;
  people: number;
  createdAt: string;
  createdBy: string;
}

export interface IssuerCheck {
  reached: boolean;
  code: string | null;
  /** What is wrong, and what to do. */
  text: string | null;
  acr: string[];
}

export interface Workload {
  id: string;
  app: string;
  name: string;
  issuer: string;
  audience: string;
  subject: string;
  connections: string[];
  minutes: number;
  keys: 'of the issuer' | 'entered';
  private: boolean;
  createdAt: string;
  createdBy: string;
  exchanges: number;
  lastUsedAt: string | null;
  lastRefusedAt: string | null;
  lastRefusedWhy: string | null;
}

interface Lifetime {
  /** Days; null: none. */
  defaultDays: number | null;
  mostDays: number | null;
}

export interface KeyLifetime {
  workload: Lifetime;
  person: Lifetime;
}
