import type { FieldClass, Sealed } from '@drawbridge/protocol';
import type { Confidence } from '@drawbridge/scan';

export type PatternState = 'enabled' | 'disabled' | 'removed';
export type ListKind = 'people' | 'words';

export type PatternVersionRow = {
  pattern: string;
  version: number;
  name: string;
  class: FieldClass;
  expression: string;
  flags: '' | 'i';
  confidence: Confidence;
  finds: readonly string[];
  passes: readonly string[];
  made_at: Date;
  made_by: string;
  reason: string;
};

export type ListRow = {
  id: string;
  name: string;
  kind: ListKind;
  class: FieldClass | null;
  made_at: Date;
  made_by: string;
  revision: string;
  entries: number;
  forms: number;
  imported_at: Date | null;
  imported_by: string | null;
};

export type RegisteredRow = {
  id: string;
  label: string;
  owner: string;
  class: FieldClass;
  hash: Buffer;
  length: number;
  /** What reports of scans are compared with; null: they do not know it. */
  leak_hash: Buffer | null;
  registered_at: Date;
  registered_by: string;
};

export type DetectorTables = {
  own_pattern: { id: string; version: number; state: PatternState };
  own_pattern_version: PatternVersionRow;
  known_list_key: { only_one: boolean; sealed: Sealed };
  known_list: ListRow;
  known_entry: {
    id: string;
    list: string;
    external: string;
    digest: string;
    subjects: string[];
    /** ISO 3166-1, and a primary language of BCP 47; null: the list does not say. */
    country: string | null;
    language: string | null;
    sealed: Buffer;
    forms: Buffer;
  };
  registered_secret: RegisteredRow;
};
