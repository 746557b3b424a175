/** Cutting vendors off, as the API at /api/v1/severances answers. Times are ISO 8601; null is none, or unknown. */

interface Named {
  id: string;
  name: string;
}

export type SeverLineKind =
  | 'connection'
  | 'egress_host'
  | 'app'
  | 'oauth_grant'
  | 'credential'
  | 'held_key'
  | 'sdk'
  | 'variable'
  | 'dns'
  | 'sender'
  | 'service'
  | 'accounts'
  | 'chain_link'
  | 'unknown';

export interface SeverLine {
  id: string;
  what: string;
  kind: SeverLineKind;
  owner: string | null;
  layer: 'observed' | 'declared' | 'inferred' | 'unknown';
  proof: { text: string; href: string } | null;
  done: { at: string; by: string; proof: string | null } | null;
}

export interface SeverLists {
  cutNow: SeverLine[];
  revokeThere: SeverLine[];
  notOurs: SeverLine[];
  unknown: SeverLine[];
}

export type SeverKind = 'vendor' | 'connection' | 'party' | 'field_class';

export interface SeverTarget extends Named {
  kind: SeverKind;
  fieldClass: string | null;
  treatment: 'refuse' | 'drop' | null;
}

export interface SeverConsequences {
  days: number;
  apps: (Named & { owner: string | null; vendor: Named; crossings: number; lastAt: string })[];
  connections: (Named & { state: 'open' | 'severed' })[];
  substitutes: (Named & { days: number | null })[];
  pseudonyms: { epochs: { vendor: Named; epoch: number }[]; people: number | null; text: string };
}

interface Holder {
  id: string;
  by: string;
  since: string;
}

export interface SeverDependent {
  vendor: Named;
  through: Named[];
  layer: 'observed' | 'declared' | 'inferred';
  grade: 'observed' | 'configured' | 'capable' | 'transitive';
  scopes: string[] | null;
}

export interface SeverancePlan extends SeverLists {
  target: SeverTarget;
  vendors: Named[];
  dependents: SeverDependent[];
  consequences: SeverConsequences;
  alreadyHeldBy: Holder[];
}

export interface SeveranceRow {
  id: string;
  target: SeverTarget;
  vendors: Named[];
  state: 'in_force' | 'partly' | 'reopened' | 'ended' | 'rehearsal';
  since: string;
  until: string | null;
  by: string;
  reason: string;
  incident: { id: string; number: number; title: string; drill: boolean } | null;
  ended: { at: string; by: string; reason: string } | null;
}

export interface Severance extends SeveranceRow, SeverLists {
  consequences: SeverConsequences;
  inForce: { gateway: string; workers: number | null; at: string | null; lastSeenAt: string | null }[];
  pseudonyms: { vendor: Named; epoch: number; destroyedAt: string | null }[];
  heldBy: Holder[];
  waits: {
    why: 'contract_changed';
    text: string;
    contracts: { connection: Named; was: number; now: number }[];
  } | null;
}
