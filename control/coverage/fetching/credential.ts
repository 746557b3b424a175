import { z } from 'zod';
import { wrappedColumn } from '../../vault/index.ts';

const BoundSchema = z.object({
  id: z.string(),
  vendor: z.string(),
  account: z.string(),
  version: z.int(),
  scheme: z.enum(['https', 'http']),
  host: z.string(),
  port: z.int(),
  private: z.boolean(),
  header: z.string(),
  prefix: z.string(),
});
type Bound = z.infer<typeof BoundSchema>;

/** What a credential for reports of use is bound to: whose it is, where it may go, and in which header. Associated data. */
export function usageContext(row: Bound): Uint8Array {
  const { id, vendor, account, version, scheme, host, port, header, prefix } = row;
  return new TextEncoder().encode(
    JSON.stringify([
      'drawbridge usage credential 1',
      ...[id, vendor, account, version, scheme, host, port, row.private, header, prefix],
    ]),
  );
}

/** Credentials with which reports of use are fetched. */
export const usageColumn = wrappedColumn(
  {
    table: 'usage_fetch',
    key: ['id'],
    reads: ['vendor', 'account', 'version', 'scheme', 'host', 'port', 'private', 'header', 'prefix'],
  },
  BoundSchema,
  (row) => ({ context: usageContext(row) }),
);
