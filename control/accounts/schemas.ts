import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';
import { levels } from './levels.ts';
import { MappingSchema, sourceNames } from './sources/index.ts';

export const VendorId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 60')
  .openapi({
    description: 'As in its pack; of a vendor without one any name of this form',
    example: 'mixpanel',
  });

const LevelSchema = z.enum(levels).openapi('SignInLevel', {
  description:
    'Best first: the vendor enforces a second factor; one that can’t be phished; one; only by telephone; none; unknown, which is never counted as good',
});
const EvidenceSchema = z.enum(['observed', 'inferred', 'declared', 'unknown']);

export const ImportAskedSchema = z
  .strictObject({
    vendor: VendorId,
    source: z.enum(sourceNames),
    content: z.string().min(1).openapi({ description: 'The export as the vendor gave it: JSON, or a table' }),
    mapping: MappingSchema.optional(),
    asOf: z.iso.datetime({ offset: true }).openapi({ description: 'When the export was made' }),
    preview: z.boolean().default(false).openapi({ description: 'Only say what it would do' }),
    reason: ReasonSchema.optional(),
  })
  .openapi('AccountImport');
export const ImportedSchema = z
  .object({
    id: z.string().nullable(),
    accounts: z.number(),
    added: z.number(),
    gone: z.number().openapi({ description: 'Known before, and not in this export any more' }),
    complete: z.boolean().openapi({ description: 'False: it is a part, so nobody is taken to be gone' }),
  })
  .openapi('AccountsImported');

const Rule = z.object({
  provider: z.string(),
  source: z.string(),
  statedAt: z.string(),
  statedBy: z.string(),
});
export const AttestationSchema = z
  .object({
    id: z.string(),
    level: LevelSchema,
    statement: z.string(),
    evidence: z.string(),
    seenAt: z.string(),
    expiresAt: z.string(),
    expired: z.boolean(),
    statedBy: z.string(),
  })
  .openapi('Attestation');
export const VendorPostureSchema = z
  .object({
    vendor: z.string(),
    accounts: z.number(),
    services: z.number().openapi({ description: 'Accounts that programs use: they have no second factor' }),
    levels: z.record(z.enum(levels), z.number()),
    evidence: z.record(EvidenceSchema, z.number()),
    admins: z.number(),
    adminUnknown: z.number(),
    withoutSecondFactor: z.number(),
    left: z.number().openapi({ description: 'Held by people who left, as the identity providers say' }),
    presenceUnknown: z.number(),
    rule: Rule.nullable().openapi({
      description: 'Where everyone signs in, so that its second factor holds',
    }),
    attestation: AttestationSchema.nullable(),
    lastImport: z
      .object({ id: z.string(), at: z.string(), asOf: z.string(), source: z.string(), accounts: z.number() })
      .nullable(),
  })
  .openapi('VendorPosture');

export const AccountSchema = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    role: z.string().nullable(),
    admin: z.boolean().nullable(),
    kind: z.enum(['person', 'service']),
    state: z.enum(['active', 'invited', 'suspended']),
    level: LevelSchema,
    evidence: EvidenceSchema,
    via: z.string().nullable().openapi({ description: 'The identity provider, or the attestation’s id' }),
    basis: z.string(),
    asOf: z.string(),
    stale: z.boolean().openapi({ description: 'Known once, over 90 days ago: not known any more' }),
    presence: z.enum(['here', 'left', 'unknown']),
    addedAt: z.string().nullable(),
    lastActiveAt: z.string().nullable(),
  })
  .openapi('Account');

export const RuleAskedSchema = z.strictObject({
  provider: VendorId,
  source: z.string().trim().min(3).max(500).openapi({ description: 'Where one sees that it is so' }),
  reason: ReasonSchema.optional(),
});
export const AttestationAskedSchema = z.strictObject({
  level: z.enum(['enforced', 'phishing_resistant', 'enrolled', 'sms_only', 'none']),
  statement: z.string().trim().min(10).max(1000),
  evidence: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hexadecimal of what was seen')
    .openapi({ description: 'SHA-256 of the screenshot or letter, which you keep' }),
  seenAt: z.iso.datetime({ offset: true }),
  expiresAt: z.iso.datetime({ offset: true }),
  reason: ReasonSchema.optional(),
});
