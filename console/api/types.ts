import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { Service } from '@drawbridge/protocol/pack';
import type {
  ConnectionMode,
  CrossingMode,
  FieldClass,
  shapes,
  treatmentNames,
} from '@drawbridge/protocol/vocabulary';
import type { GatewayRow } from './fleet-types.ts';
import type { Factor, Missing, SignedInPerson, Stage } from './identity-types.ts';

/**
 * What the API at /api/v1 answers, as the console reads it. Times are ISO 8601. The console takes nothing from
 * the control plane at run time; the compiler holds these shapes against its schemas (`types.test.ts`). A service's
 * facts are the pack's own type, and the replay's result has none there: `replay.ts` describes it.
 */
export type TreatmentName = (typeof treatmentNames)[number];
export type Shape = (typeof shapes)[number];

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Warning {
  code: string;
  text: string;
}

export interface Session {
  stage: Stage;
  actor: { id: string; name: string } | null;
  person: SignedInPerson | null;
  /** When a factor was last used in this session. */
  steppedUpAt: string | null;
  /** What this person may use now. */
  factors: Factor[];
  /** Acts that are permitted, and those that are for what one owns. */
  actions: string[];
  ownActions: string[];
  needsEnrolment: Missing[];
  methods: { oidc: { id: string; name: string }[] };
  /** Nobody has an account yet. */
  firstStart: boolean;
  /** Who sent the invitation that is being accepted. */
  invitedBy?: string | null | undefined;
  accessEnds?: string | null | undefined;
  deployment: { id: string; name: string };
  warnings: Warning[];
}

export interface Treated {
  class: FieldClass;
  treatment: TreatmentName;
  people: number;
}

export interface VendorRow {
  vendor: string;
  name: string;
  kind: string;
  connections: number;
  people: number;
  fieldClassesGot: number;
  classes: Treated[];
  /** Forwarded and refused together. */
  crossings24h: number;
  crossed24h: number;
  refused24h: number;
  lastCrossingAt: string | null;
  state: 'open' | 'severed';
  /** Of its connections, where they are not `enforce`. */
  modes: ConnectionMode[];
}

export interface Overview {
  vendors: VendorRow[];
  totals: {
    /** Forwarded and refused together. */
    crossings24h: number;
    crossed24h: number;
    refused24h: number;
    people: number;
    apps: number;
    connections: number;
  };
  gateways: GatewayRow[];
  firstSteps: { id: string; done: boolean }[];
  warnings: Warning[];
}

export interface PackService {
  id: string;
  name: string;
  kind: 'analytics' | 'ai';
  browser: boolean;
  regions: { id: string; name: string; host: string; jurisdiction: string; ownHost: boolean }[];
  endpoints: { id: string; class: string; methods: string[]; path: string }[];
}

export interface PackRow {
  vendor: string;
  name: string;
  homepage: string;
  source: string;
  asOf: string;
  services: PackService[];
}

export type ServiceDetail = Service;

export interface Upstream {
  scheme: 'https' | 'http';
  host: string;
  port: number;
  private: boolean;
}

export interface Connection {
  id: string;
  name: string;
  slug: string;
  vendor: string;
  service: string;
  region: string;
  upstream: Upstream;
  state: 'open' | 'severed';
  /** Severances that hold it cut off. */
  severances: string[];
  mode: ConnectionMode;
  origins: string[];
  owner: string;
  credential: {
    id: string;
    version: number;
    /** Whether it is bound to every place where the service’s SDKs put it, as its pack has them now. */
    covers: boolean;
    enteredAt: string;
    enteredBy: string;
  } | null;
  contract: { id: string; version: number; author: string; reason: string; createdAt: string };
  createdAt: string;
  gatewayUrl: string;
  etag: string;
  /** What a change did beyond what was asked. */
  notices?: Warning[] | undefined;
}

export interface ContractVersion {
  id: string;
  version: number;
  rules: ContractDocument;
  author: string;
  reason: string;
  createdAt: string;
}

export interface ContractHistory {
  current: ContractVersion;
  versions: ContractVersion[];
}

export interface App {
  id: string;
  name: string;
  owner: string;
  createdAt: string;
}

/** What a key may use per day (UTC) and gateway; null: not limited. Money in millionths of the currency's unit. */
export interface DayBudget {
  requests: number | null;
  tokens: number | null;
  money: { micros: number; currency: string } | null;
}

export interface VirtualKey {
  id: string;
  app: { id: string; name: string };
  kind: 'secret' | 'publishable';
  connections: string[];
  classes: string[];
  origins: string[];
  /** Null: any model, from anywhere. */
  models: string[] | null;
  networks: string[] | null;
  /** Whose own key it is; null: a workload's. */
  person: { id: string; name: string } | null;
  perMinute: number | null;
  perDay: DayBudget | null;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  revokedAt: string | null;
  /** The key that it was made to follow, and the one that was made to follow it. */
  replaces: string | null;
  replacedBy: string | null;
  firstUsedAt: string | null;
  lastUsedAt: string | null;
  /** Forwarded and refused together. */
  crossings24h: number;
  refused24h: number;
}

/** Where an app or a key was used. */
export interface UsePlace {
  vendor: string;
  connection: { id: string; name: string };
  endpoint: string;
  class: string;
  /** Forwarded and refused together, ever. */
  crossings: number;
  refused: number;
  firstAt: string;
  lastAt: string;
}

/** The one answer that holds a whole key. */
export interface NewVirtualKey extends VirtualKey {
  key: string;
}

export interface CrossingRow {
  id: string;
  at: string;
  vendor: string;
  service: string;
  connection: { id: string; name: string };
  app: { id: string; name: string };
  endpoint: string;
  class: string;
  method: string;
  decision: 'forwarded' | 'refused';
  reason: string | null;
  stage: string | null;
  fields: [FieldClass, TreatmentName, number][];
  mode: CrossingMode;
  /** Where the mode is not `enforce`: what would have been done otherwise, and why it would have been refused. */
  would: { fields: [FieldClass, TreatmentName, number][]; reason: string | null } | null;
  /** Where it went through the egress proxy, and not over a connection; else null. */
  egress: {
    host: string;
    port: number;
    mode: 'observe' | 'warn' | 'enforce';
    would: string | null;
  } | null;
  bytes: { received: number; sent: number };
  status: number | null;
  outcome: string | null;
  durationMs: number | null;
}

export interface CrossingField {
  path: string;
  class: FieldClass;
  treatment: TreatmentName;
  shape: Shape;
  count: number;
}

export interface CrossingItem {
  index: number;
  erased: boolean;
  /** An erasure took the name of somebody else out of it: the rest is no longer proven by its hash. */
  reduced?: boolean;
  /** Its payload was gone before it was shipped: only that there was an item is known. */
  missing: boolean;
  subject: string | null;
  kind: string | null;
  links: number;
  fields: CrossingField[];
  review: { hash: string; kind: ReviewKind; shape: Shape }[];
}

export interface CrossingDetail extends CrossingRow {
  log: { origin: string; index: number };
  settlement: {
    at: string;
    outcome: string;
    status: number | null;
    remote: string | null;
    bytes: { response: number };
    usage: { input: number; output: number } | null;
    /** Tokens put back into the answer, and those in it that this request did not issue; null: it issued none. */
    tokens: { restored: number; unknown: number } | null;
  } | null;
  contract: { id: string; version: number };
  kept: string[];
  imitated: number;
  breakGlass: string | null;
  snapshot: number;
  timings: { stage: string; micros: number }[] | null;
  items: CrossingItem[];
  refusal: { code: string; text: string } | null;
  wouldRefuse: { code: string; text: string } | null;
}

/** One place in requests at which something crossed, was kept back, or went in another form. Never a value. */
export interface SeenField {
  /** The path of the rule; `#` and a keyed hash where no rule maps the name. */
  path: string;
  /** Of an unmapped name: as the contract or the review queue shows it; null: hidden. */
  name: string | null;
  /** The name waits in the review queue. */
  waiting: boolean;
  class: FieldClass;
  shape: Shape;
  treatment: TreatmentName;
  crossings: number;
  values: number;
  firstSeenAt: string;
  lastSeenAt: string;
}

/** What the latest forwarded crossings of a connection were made of. */
export interface SeenShapes {
  crossings: number;
  limit: number;
  since: string | null;
  latest: string | null;
  /** Of them, those under a mode other than `enforce`. */
  lifted: number;
  items: { read: number; erased: number; missing: number; unread: number };
  leftOff: number;
  endpoints: { endpoint: string; class: string; crossings: number; fields: SeenField[] }[];
}

export interface Holding {
  class: FieldClass;
  label: string;
  treatment: TreatmentName;
  people: number;
  crossings: number;
  firstSeenAt: string;
  lastSeenAt: string;
  apps: { id: string; name: string }[];
}

export interface VendorDetail extends Omit<VendorRow, 'connections'> {
  homepage: string;
  organisations: number;
  holdings: Holding[];
  connections: Connection[];
  /** The day buckets of `heat`, oldest first: YYYY-MM-DD, in UTC. */
  days: string[];
  heat: { class: FieldClass; day: string; people: number; crossings: number }[];
}

/** What an app asked a vendor for, and the gateway does not serve. */
export interface Sighting {
  vendor: string;
  service: string;
  connection: { id: string; name: string };
  app: { id: string; name: string };
  reason: 'unknown_endpoint' | 'upgrade_not_supported';
  method: string;
  path: string;
  times: number;
  firstAt: string;
  lastAt: string;
}

export interface Exposure {
  subject: string;
  about: 'person' | 'organisation';
  /** The subject that stands for all that are linked with this one: counts of people count each such once. */
  person: string;
  kind: string | null;
  app: { id: string; name: string };
  connection: { id: string; name: string };
  class: FieldClass;
  treatment: TreatmentName;
  firstSeenAt: string;
  lastSeenAt: string;
  crossings: number;
}

export type ReviewKind = 'property' | 'event_name' | 'path_segment' | 'parameter';

export interface ReviewRow {
  id: string;
  connection: { id: string; name: string };
  kind: ReviewKind;
  vendor: string;
  apps: { id: string; name: string }[];
  /** Keyed: what gateways send in place of the name. */
  hash: string;
  /** The one that says least about the values, and all of them. */
  shape: Shape;
  shapes: Shape[];
  /** Exact below five; five means five or more. */
  subjects: number;
  count: number;
  firstSeenAt: string;
  lastSeenAt: string;
  name: string | null;
  suggestion: FieldClass | null;
}

/** What a decision to allow names covers on one connection. */
export interface Covered {
  connection: { id: string; name: string };
  vendor: string;
  names: { name: string; kind: ReviewKind; paths: string[] }[];
}
