import { type AuthPlacement, credentialContext } from '@drawbridge/protocol';
import { z } from 'zod';
import { wrappedColumn } from '../vault/index.ts';

const RowSchema = z.object({
  connection: z.string(),
  version: z.int(),
  hosts: z.array(z.string()),
  // As they were stored: what the bytes are bound to has to be spelled as it was then.
  placements: z.custom<AuthPlacement[]>(Array.isArray),
});

/** Credentials are wrapped with what they are bound to. */
export const credentialColumn = wrappedColumn(
  { table: 'credential', key: ['id'], reads: ['connection', 'version', 'hosts', 'placements'] },
  RowSchema,
  (row) => ({ context: credentialContext(row) }),
);
