import type { BlockList } from 'node:net';
import type { Keyed, ReviewSighting, TreatedItem } from '@drawbridge/minimise';
import type {
  AuthPlacement,
  Connection,
  EgressConfig,
  EgressRules,
  LeafDrill,
  Route,
  Service,
  TreatmentNameSchema,
  VirtualKey,
} from '@drawbridge/protocol';
import type { z } from 'zod';
import type { ConnectionPolicies } from './authorise/index.ts';
import type { KeyCaps } from './budget/index.ts';
import type { Signer } from './forward/index.ts';
import type { CompiledEndpoint, Inspection, ModelPattern } from './inspect/index.ts';
import type { CompiledContract } from './minimise/index.ts';
import type { Modes } from './mode.ts';
import type { ErrorShapes, RefusalCode } from './refusal/index.ts';
import type { LiveText } from './scan/index.ts';

/** What the stages hand to each other. Plain objects, made once per crossing. */

/** A request below its connection's prefix, body complete. `path` starts with `/` and is not decoded; `query` has no `?`. */
export interface Incoming {
  method: string;
  path: string;
  query: string;
  /** Raw header pairs as node:http gives them: name, value, name, value. */
  headers: readonly string[];
  body: Buffer;
  /** Set by the first who reads it, so that nobody reads it twice. */
  inspection?: Inspection;
}

/** A connection ready to serve: what the snapshot says, opened and precomputed. */
export interface LiveConnection {
  config: Connection;
  service: Service;
  endpoints: readonly CompiledEndpoint[];
  contract: CompiledContract;
  modes: Modes;
  /** Null: the deployment has none. */
  policies: ConnectionPolicies | null;
  /** The vendor's credential in clear, in this worker's memory only; null when none was entered or it can't be opened. */
  credential: LiveCredential | null;
  /** What crossings say of which credential they went with; null: there is only one, and they do not say. */
  credentialVersion: number | null;
  /** While the credential is being replaced: the same connection with the other one, and its share in ten thousandths. */
  second: { connection: LiveConnection; share: number } | null;
  /** Why `credential` is null, for the refusal. */
  credentialProblem: 'credential_missing' | 'credential_unusable' | 'signer_not_supported' | null;
  /** Where requests are signed with the credential instead of carrying it; then it stands nowhere in them. */
  signer: Signer | null;
  keyed: Keyed;
  /** Null: its contract does not have free text looked through, and makes no tokens. */
  text: LiveText | null;
  /** Review hashes whose names are to be sent along. */
  reveal: ReadonlySet<string>;
  /** The vendor's own error bodies. */
  errors: ErrorShapes;
  /** The models that the pack has prices of, the longest name first. */
  models: readonly ModelPattern[];
  /** Keys may stand in the body, so that it must be read before they are known. */
  keysInBody: boolean;
}

/** A route ready to serve. */
export interface LiveRoute {
  config: Route;
  /** In its order, but for those that no pack has or that speak another dialect than the first. */
  members: readonly LiveMember[];
  /** What the paths of its members' dialects begin with. */
  bases: readonly string[];
}

export interface LiveMember {
  connection: LiveConnection;
  /** What models are called here; null: as the app calls them. */
  models: ReadonlyMap<string, string> | null;
  base: string;
}

/** One try of a request that came over a route. */
export interface RouteStep {
  route: { id: string; slug: string };
  /** From 1 on. */
  number: number;
  /** The crossing of the first try; null: this is it. */
  first: string | null;
  /** The recovery drill that sent it this way; null: none did. */
  drill: LeafDrill | null;
  /** Members that were passed over or failed before, and why: `a=severed, b=503`; empty: none was. */
  tried: string;
  /** Milliseconds until the first byte of the answer's body; null: as long as without a route. */
  firstByteMs: number | null;
  /** Whether an answer with this status is not handed on, as another member is asked. */
  diverts(status: number): boolean;
  /** Told once, when the answer begins to be handed on. */
  began(status: number, rawHeaders: readonly string[]): void;
}

/** A credential, and the only places where it may stand: those it is bound to, as far as the service still has them. */
export interface LiveCredential {
  value: string;
  /** The very objects of the service's `auth`, as `FoundKey` has them. */
  places: ReadonlySet<AuthPlacement>;
  /** Of these, the paths in bodies. */
  bodyPaths: ReadonlySet<string>;
}

/** The egress proxy's rules, ready to judge. */
export interface LiveEgress {
  config: EgressConfig;
  apps: ReadonlySet<string>;
  connectPorts: ReadonlySet<number>;
  httpPorts: ReadonlySet<number>;
  /** Networks that are not public and may be reached. */
  networks: BlockList;
  rules: EgressRules;
}

export interface LiveKey {
  config: VirtualKey;
  /** SHA-256 of the whole key, 32 bytes. */
  hash: Buffer;
  /** What may be used of it in a time; null: as much as one likes. */
  caps: KeyCaps | null;
  /** Where it may be used from; null: anywhere. */
  networks: BlockList | null;
  /** Whether it may ask for a model; null: for any. */
  models: readonly ModelPattern[] | null;
}

/** Where in the request a virtual key stood: the real credential goes back into the same place. */
export interface FoundKey {
  placement: AuthPlacement;
  /** The text found, prefix removed. */
  key: string;
}

/** The request as the vendor will get it, and what became of each piece of data. */
export interface Minimised {
  method: string;
  path: string;
  query: string;
  /** Raw header pairs, treated; hop-by-hop, cookies and client addresses are gone. Host and length are set by forward. */
  headers: string[];
  body: Buffer;
  items: readonly { item: TreatedItem; sightings: readonly ReviewSighting[] }[];
  /** Field class, treatment, count over all items: for the leaf and for authorise. */
  fields: Fields;
  /** Where contract and policies are not enforced: what they would have done. */
  would: Would | null;
  /** What was put in for values that come back in the answer, by token; null: nothing. */
  tokens: ReadonlyMap<string, string> | null;
  /** Values that Drawbridge keeps, by their ids, that were found in it; null: none. */
  kept: readonly string[] | null;
  /** Texts in the form of a token that it came with. */
  imitated: number;
}

/** Field class, treatment, count. */
export type Fields = readonly (readonly [string, z.infer<typeof TreatmentNameSchema>, number])[];

export interface Would {
  /** What the contract would have treated in another way than it was treated. */
  fields: Fields;
  /** All that the contract would have treated, so: what policies decide on. */
  contract: Fields;
  /** Why it would have been refused; null: it would have crossed. */
  reason: RefusalCode | null;
}
