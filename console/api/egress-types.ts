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
  consequence: { days: number; hosts: number; refused: number; apps: number };
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
