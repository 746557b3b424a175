import { z } from 'zod';
import type { Sealer } from '../platform/index.ts';
import { lineKinds } from './schemas.ts';

/** A marked line, sealed: what it said then, in which list, and what shows that it was done. */
const MarkedSchema = z.object({
  what: z.string(),
  kind: z.enum(lineKinds),
  owner: z.string().nullable(),
  list: z.enum(['revokeThere', 'notOurs', 'unknown']),
  proof: z.string(),
});
export type Marked = z.infer<typeof MarkedSchema>;

const place = (severance: string, line: string): string[] => ['severance', severance, line];

export const sealMarked = (sealer: Sealer, severance: string, line: string, marked: Marked): Buffer =>
  sealer.seal(place(severance, line), Buffer.from(JSON.stringify(marked)));
export const openMarked = (sealer: Sealer, severance: string, line: string, sealed: Buffer): Marked =>
  MarkedSchema.parse(JSON.parse(sealer.open(place(severance, line), sealed).toString()));
