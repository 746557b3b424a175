/** What the API answers about policies, requests for access, and the facts that policies refer to. */

export interface AppExample {
  tags?: string[] | undefined;
  team?: string | undefined;
  owner?: string | undefined;
  holder?: 'workload' | 'person' | undefined;
}
export interface VendorExample {
  id?: string | undefined;
  approved?: boolean | undefined;
  agreement?: 'none' | 'signed' | undefined;
}
export interface CrossingExample {
  app?: AppExample | undefined;
  vendor?: VendorExample | undefined;
  connection?: string | undefined;
  service?: string | undefined;
  region?: string | undefined;
  jurisdiction?: string | undefined;
  endpointClass?: string | undefined;
  model?: string | undefined;
  fields?: Record<string, string | undefined> | undefined;
  hour?: number | undefined;
  weekday?: string | undefined;
  excepted?: string[] | undefined;
}
export interface ActExample {
  action: string;
  by?: { kind?: 'person' | 'token' | undefined; roles?: string[] | undefined } | undefined;
  app?: AppExample | undefined;
  vendor?: VendorExample | undefined;
  hour?: number | undefined;
  weekday?: string | undefined;
  steppedUp?: boolean | undefined;
}
export type Example =
  | { must: 'allowed' | 'denied'; says: string; crossing: CrossingExample }
  | { must: 'allowed' | 'denied'; says: string; act: ActExample };

export interface Policy {
  name: string;
  title: string;
  /** The newest. */
  version: number;
  /** The version in force; null: none is. */
  active: number | null;
  decides: { crossings: boolean; acts: boolean };
  exceptions: boolean;
  examples: number;
  author: string;
  reason: string;
  createdAt: string;
}

export interface VersionOfPolicy {
  version: number;
  title: string;
  author: string;
  reason: string;
  createdAt: string;
  active: boolean;
}

export interface PolicyDetail extends Omit<Policy, 'examples'> {
  text: string;
  examples: Example[];
  versions: VersionOfPolicy[];
}

export interface PolicyVersion extends VersionOfPolicy {
  text: string;
  examples: Example[];
  before: number | null;
  lines: { sign: ' ' | '+' | '-'; text: string }[];
}

export interface Starter {
  name: string;
  title: string;
  text: string;
  examples: Example[];
  taken: boolean;
}

export interface PolicyChecked {
  problems: { message: string; line: number | null; column: number | null }[];
  title: string | null;
  formatted: string | null;
  results: {
    policy: string;
    example: number;
    says: string;
    must: 'allowed' | 'denied';
    holds: boolean;
    by: string[];
  }[];
}

export interface DryRun {
  looked: number;
  whole: boolean;
  from: string | null;
  to: string | null;
  refused: number;
  refusedAnyway: number;
  allowed: number;
  notKnown: number;
  notKnownFor: string[];
  items: {
    id: string;
    at: string;
    app: { id: string; name: string };
    connection: { id: string; name: string };
    endpoint: string;
  }[];
}

export interface AccessRequest {
  id: string;
  crossing: string;
  app: { id: string; name: string };
  connection: { id: string; name: string };
  policies: { name: string; title: string; exceptions: boolean }[];
  askedBy: string;
  askedAt: string;
  reason: string;
  state: 'open' | 'granted' | 'refused';
  decidedBy: string | null;
  decidedAt: string | null;
  decisionReason: string | null;
  until: string | null;
}

/** Which policies refused a crossing. */
export type Refusal = Pick<AccessRequest, 'crossing' | 'app' | 'connection' | 'policies'>;

export interface Grant {
  id: string;
  policy: { name: string; title: string };
  app: { id: string; name: string };
  connection: { id: string; name: string };
  until: string;
  inForce: boolean;
  grantedBy: string;
  grantedAt: string;
  reason: string;
  endedAt: string | null;
  endedBy: string | null;
}

export interface AppFacts {
  app: { id: string; name: string };
  tags: string[];
  team: string;
  holder: 'workload' | 'person';
  changedAt: string | null;
  changedBy: string | null;
}

/** A day, and where one can see it; null: it is not so. */
export type Said = { on: string; source: string } | null;

export interface VendorFacts {
  vendor: string;
  approved: Said;
  agreement: Said;
  changedAt: string;
  changedBy: string;
}
