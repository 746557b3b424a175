import type { ColumnType } from 'kysely';
import type { Expects, Sample } from './schemas.ts';

/** jsonb: read as a value, written as text. */
type Json<Value> = ColumnType<Value, string, string>;

export type WorkbenchTables = {
  contract_test: {
    id: string;
    connection: string;
    name: string;
    sample: Json<Sample>;
    expects: Json<Expects>;
    created_at: Date;
    author: string;
    reason: string;
  };
};
