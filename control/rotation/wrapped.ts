import type { Admin } from '@drawbridge/protocol';
import { z } from 'zod';
import { wrappedColumn } from '../vault/index.ts';
import { adminContext } from './keys-of.ts';

const RowSchema = z.object({
  connection: z.string(),
  version: z.int(),
  scheme: z.enum(['https', 'http']),
  host: z.string(),
  port: z.int(),
  private: z.boolean(),
  // As it was stored: what the bytes are bound to has to be spelled as it was then.
  place: z.custom<Admin['place']>((value) => typeof value === 'object' && value !== null),
  api_hash: z.string().nullable(),
});

/** Credentials for vendors' own APIs for keys. */
export const adminColumn = wrappedColumn(
  {
    table: 'vendor_admin',
    key: ['connection'],
    reads: ['version', 'scheme', 'host', 'port', 'private', 'place', 'api_hash'],
  },
  RowSchema,
  (row) => ({ context: adminContext(row) }),
);
