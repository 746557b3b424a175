import type { Edge, Layer } from '../../chain/index.ts';
import type { ConnectionView } from '../../connections/index.ts';
import type { Names } from '../../crossings/index.ts';
import type { Grant } from '../../discovery/index.ts';
import type { HeldPlace, HeldQuestion } from '../../exposure/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Entry } from '../../register/index.ts';
import type { Blast } from './schemas.ts';

/** What other rooms know of a party. */

/** Data about people of ours who have accounts at a vendor: what it, or a party behind its console, holds. */
export interface AccountsHeld {
  vendor: string;
  /** Null: it is not known how many people the accounts are. */
  people: number | null;
  accounts: number;
  layer: Layer;
  fields: readonly { name: string; layer: Layer; source: string }[];
}

/** How far it is known that all traffic to a vendor was seen. */
export interface Covered {
  /** Whether a report of the vendor's own proves it for the whole window. */
  isProven: boolean;
  text: string;
}

/** Where a party is said to keep data, or was seen. `class`: null, all of it, or nobody knows which. */
export interface PlacedData {
  class: string | null;
  kind: string;
  place: string;
  jurisdiction: string | null;
  layer: 'declared' | 'observed';
  source: string;
}

/** What runs on a vendor beside apps over connections. `app`: null where the records name none. */
export interface Workflow {
  kind: Blast['workflows'][number]['kind'];
  id: string;
  name: string;
  detail: string | null;
  app: string | null;
  vendor: string;
  layer: Layer;
  lastSeenAt: string | null;
  source: string;
  /** The run of evidence that shows it; null: it is no evidence that was handed in. */
  run: string | null;
}

/** What other rooms know. */
export interface BlastDeps {
  platform: Platform;
  names: Names;
  connections(): Promise<readonly ConnectionView[]>;
  edges(): Promise<readonly Edge[]>;
  entry(vendor: string): Promise<Entry | null>;
  vendorNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Of which people of ours have accounts, at it or at vendors behind whose consoles it stands. */
  accountsHeld(party: string): Promise<readonly AccountsHeld[]>;
  covered(vendor: string, from: number, to: number): Promise<Covered>;
  grants(vendor: string): Promise<readonly Grant[]>;
  placesOf(party: string): Promise<readonly PlacedData[]>;
  /** The people of a question by country and language; null: the people directory says neither of anybody. */
  peoplePlaces(question: HeldQuestion): Promise<HeldPlace[] | null>;
  /** Of these vendors. */
  workflows(vendors: readonly string[]): Promise<readonly Workflow[]>;
  credentialsUsed(): Promise<readonly { connection: string; version: number; lastAt: Date }[]>;
}
