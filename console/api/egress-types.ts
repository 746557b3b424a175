/** What the API answers of the egress proxy. Held against its schemas. */

export type EgressMode = 'observe' | 'warn' | 'enforce';

interface Named {
  id: string;
  name: string;
}

export interface EgressRules {
  version: number;
  mode: EgressMode;
  apps: Named[];
  ports: { connect: number[]; http: number[] };
  allow: { vendors: string[]; hosts: string[]; countries: string[] };
  deny: { vendors: string[]; hosts: string[] };
  networks: string[];
  sni: boolean;
  changedAt: string | null;
  changedBy: string | null;
  reason: string | null;
  consequence: EgressConsequence;
}

export interface EgressConsequence {
  days: number;
  hosts: number;
  refused: number;
  apps: number;
}

/** Hosts that a change lets through or shuts out; the ones used most one by one. */
export interface EgressChanged {
  count: number;
  hosts: { host: string; vendor: string | null; apps: Named[]; crossings: number; reason: string | null }[];
}

export interface EgressPreview {
  loosens: boolean;
  before: EgressConsequence;
  after: EgressConsequence;
  opened: EgressChanged;
  shut: EgressChanged;
}

export interface EgressHost {
  host: string;
  vendor: string | null;
  apps: Named[];
  ports: number[];
  firstAt: string;
  lastAt: string;
  crossings: number;
  refused: number;
  sent: number;
  received: number;
  enforced: string | null;
}
