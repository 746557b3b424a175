/** What texts are looked through for, as the API answers. Times are ISO 8601. */
export const confidences = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof confidences)[number];

export interface ShippedDetector {
  id: string;
  vendor: string;
  name: string;
  class: string;
  source: string;
  revoke: string | null;
  sure: 'checksum' | 'form' | 'context';
}

export interface Pattern {
  id: string;
  name: string;
  class: string;
  pattern: string;
  confidence: Confidence;
  flags: 'i' | null;
  finds: string[];
  passes: string[];
  state: 'enabled' | 'disabled';
  version: number;
  changedAt: string;
  changedBy: string;
}
export type PatternVersion = Omit<Pattern, 'state'> & { reason: string };

export interface KnownList {
  id: string;
  name: string;
  kind: 'people' | 'words';
  class: string | null;
  entries: number;
  forms: number;
  madeAt: string;
  madeBy: string;
  importedAt: string | null;
  importedBy: string | null;
}

export interface KnownListImported {
  entries: number;
  forms: number;
  added: number;
  changed: number;
  gone: number;
  refused: number;
  rows: { line: number; field: string; message: string }[];
  ignored: string[];
}

export interface KnownEntry {
  id: string;
  kind: 'person' | 'organisation' | 'term';
  name: string;
  email: string | null;
  phone: string | null;
  alias: string | null;
  employer: string | null;
  country: string | null;
  language: string | null;
  externalId: string | null;
  forms: number;
}

export interface RegisteredSecret {
  id: string;
  label: string;
  owner: string;
  class: string;
  inScans: boolean;
  registeredAt: string;
  registeredBy: string;
}

export interface TriedFinding {
  class: string;
  /** UTF-16 units. */
  start: number;
  end: number;
  confidence: Confidence;
  detector: string;
  why: string;
  known: string | null;
}
