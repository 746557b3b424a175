import { secretContext } from '@drawbridge/protocol';
import { z } from 'zod';
import { secretUses } from './secrets.ts';

/** What wrapped bytes are bound to: a context, or the name of the log whose key they are. */
export type BoundTo = { context: Uint8Array } | { log: string };

/**
 * A column that keeps wrapped bytes, so that they can be wrapped anew under another data key. Beside it the table has
 * `<column>_key`, computed from it, which refers to `data_key`.
 */
export interface WrappedColumn {
  table: string;
  column: string;
  /** The table's primary key. */
  key: readonly string[];
  /** What else has to be read to know what the bytes are bound to. */
  reads: readonly string[];
  /** From a row with all of these columns. Throws ZodError. */
  boundTo(row: unknown): BoundTo;
}

/** Of a table whose rows have this form, as far as it is needed. */
export function wrappedColumn<Row>(
  place: Pick<WrappedColumn, 'table' | 'key'> & { column?: string; reads?: readonly string[] },
  row: z.ZodType<Row>,
  boundTo: (row: Row) => BoundTo,
): WrappedColumn {
  return { column: 'wrapped', reads: [], ...place, boundTo: (found) => boundTo(row.parse(found)) };
}

const LOG = 'log ';
const SecretUseSchema = z.enum([...secretUses, 'payload']);

/** Those of the vault's own tables. */
export const vaultColumns: readonly WrappedColumn[] = [
  wrappedColumn({ table: 'deployment_secret', key: ['use'] }, z.object({ use: z.string() }), ({ use }) =>
    use.startsWith(LOG)
      ? { log: use.slice(LOG.length) }
      : { context: secretContext(SecretUseSchema.parse(use)) },
  ),
  wrappedColumn(
    { table: 'vendor_secret', key: ['vendor', 'epoch'] },
    z.object({ vendor: z.string(), epoch: z.int() }),
    ({ vendor, epoch }) => ({ context: secretContext('vendor', vendor, epoch) }),
  ),
];
