import { z } from 'zod';
import { BlobRefSchema } from '../platform/index.ts';
import { agreementFields, reviewFields, SourceSchema, VendorIdSchema, vendorFields } from './schemas.ts';
import { statementKinds } from './statements.ts';
import { statuses } from './status.ts';

/** The register as a file: what an export holds, and an import takes. Files themselves are not in it, only their hashes. */

export const FORMAT = 'drawbridge-register/1';
/** Vendors of one file. */
export const MOST_VENDORS = 20_000;

const Files = z.array(BlobRefSchema).max(20);
const Time = z.iso.datetime({ offset: true });

export const PortableStatementSchema = z.strictObject({
  kind: z.enum(statementKinds),
  key: z.string().max(120),
  value: z.unknown(),
  source: SourceSchema,
  asOf: z.iso.date(),
  files: Files,
});
const PortableAgreement = z.strictObject({ id: z.uuid(), ...agreementFields, enteredAt: Time, files: Files });
const PortableReview = z.strictObject({ id: z.uuid(), ...reviewFields, recordedAt: Time, files: Files });

export const PortableVendorSchema = z.strictObject({
  id: VendorIdSchema,
  ...vendorFields,
  status: z.enum(statuses),
  statements: z.array(PortableStatementSchema).max(500),
  agreements: z.array(PortableAgreement).max(500),
  reviews: z.array(PortableReview).max(500),
});
export type PortableVendor = z.infer<typeof PortableVendorSchema>;
export const PortableSchema = z.strictObject({
  format: z.literal(FORMAT),
  vendors: z.array(PortableVendorSchema).max(MOST_VENDORS),
});

/** Columns of the table of vendors. The first of what stands for a name is what an export calls it. */
export const columns = [
  'id',
  'name',
  'status',
  'owner',
  'purpose',
  'category',
  'domain',
  'criticality',
  'tier',
  'legal_name',
] as const;
export type Column = (typeof columns)[number];
