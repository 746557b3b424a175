/** What the API answers of account holdings. Held against its schemas. */

export interface HoldingField {
  name: string;
  layer: 'declared' | 'observed' | 'inferred';
  source: string;
  since: string | null;
  last: string | null;
  receivers: string[];
  statement: string | null;
}

export interface PartyBehindConsole {
  party: string;
  name: string;
  known: boolean;
  firstParty: boolean | null;
  layer: 'observed' | 'declared';
  hosts: string[];
  calls: number | null;
  fields: string[];
  addresses: string[];
  firstSeen: string | null;
  lastSeen: string | null;
  notSeenIn: string | null;
  declared: boolean;
  scopes: ('content' | 'account_metadata' | 'telemetry' | 'support' | 'billing')[] | null;
  source: string;
}

/** Distinct people, their accounts, and accounts of which nobody knows whose they are. */
export interface AccountHolders {
  people: number;
  accounts: number;
  unnamed: number;
}

export interface PartyBehindSummary extends AccountHolders {
  party: string;
  name: string;
  known: boolean;
  observed: string[];
  declared: string[];
  lastSeen: string | null;
}

export interface PartyHolding {
  party: string;
  name: string;
  known: boolean;
  holders: AccountHolders;
  vendors: { vendor: string; name: string; holders: AccountHolders; link: PartyBehindConsole }[];
  unknown: { code: string; text: string }[];
}

export interface AccountHolding {
  vendor: string;
  name: string;
  holders: AccountHolders;
  visits: { count: number; first: string | null; last: string | null };
  fields: HoldingField[];
  behind: PartyBehindConsole[];
  unknown: { code: string; text: string }[];
}

export interface ConsoleVisit {
  id: string;
  vendor: string;
  day: string;
  name: string;
  sha256: string;
  bytes: number;
  entries: number;
  unread: number;
  overflow: number;
  hosts: number;
  at: string;
  by: string;
}
