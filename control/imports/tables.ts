import type { ColumnType } from 'kysely';
import type { ImportedAnswer, ImportedVendor, ReadImport } from './entry.ts';
import type { ImportKind } from './kinds.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

export type ImportTables = {
  vendor_import: {
    source: string;
    kind: ImportKind;
    vendor: string | null;
    version: string;
    as_of: string;
    file: string;
    sha256: Buffer;
    bytes: ColumnType<string | number, number, number>;
    vendors: number;
    domains: number;
    answers: number;
    left_out: Json<ReadImport['left']>;
    imported_at: Date;
    by_id: string;
    by_name: string;
  };
  imported_vendor: {
    source: string;
    key: string;
    name: string;
    compared: string;
    domains: string[];
    facts: Json<Omit<ImportedVendor, 'key' | 'name' | 'domains'>>;
  };
  imported_answer: {
    source: string;
    question: string;
    asked: string;
    answer: ImportedAnswer['answer'];
    owner: string;
    explanation: string;
  };
};
