import { z } from '@hono/zod-openapi';
import { ReasonSchema } from '../platform/index.ts';

/** Roles that an issuer may give to people who were not known before. Who may do everything is asked in by a person. */
const NewRoleSchema = z.enum(['security', 'developer', 'privacy_officer', 'auditor', 'responder', 'member']);

const DomainSchema = z
  .string()
  .max(253)
  .trim()
  .toLowerCase()
  .regex(/^(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/, 'is no domain, such as corp.example');
const ValuesSchema = z.array(z.string().trim().min(1).max(200)).max(50);

const MfaSchema = z.strictObject({ acr: ValuesSchema.default([]), amr: ValuesSchema.default([]) }).openapi({
  description:
    'What it must say in `acr` or `amr` for a sign-in to count as two factors; one value is enough. Both empty: it never does, and a second factor is asked here',
});

const settable = {
  name: z.string().trim().min(1).max(100),
  clientId: z.string().trim().min(1).max(300),
  domains: z.array(DomainSchema).min(1).max(50).openapi({
    description:
      'Of addresses in these domains it is believed whose they are. Name only domains whose mailboxes it rules',
  }),
  mfa: MfaSchema,
  newRoles: z
    .array(NewRoleSchema)
    .min(1)
    .max(5)
    .nullable()
    .openapi({ description: 'Roles of people who are not known here yet; null: they are not let in' }),
  private: z.boolean().openapi({ description: 'The issuer may be in a private network' }),
};

export const NewIssuerSchema = z
  .strictObject({
    ...settable,
    issuer: z
      .string()
      .max(300)
      .regex(/^https:\/\/[^?#@\s]+$/, 'is no https address without user, query and fragment'),
    mfa: settable.mfa.default({ acr: [], amr: [] }),
    newRoles: settable.newRoles.default(null),
    private: settable.private.default(false),
    reason: ReasonSchema.optional(),
  })
  .openapi('NewIssuer');
export type NewIssuer = z.infer<typeof NewIssuerSchema>;

export const IssuerChangeSchema = z
  .strictObject({ ...settable, reason: ReasonSchema })
  .partial()
  .openapi('IssuerChange', { description: 'What is left out stays as it is' });
export type IssuerChange = z.infer<typeof IssuerChangeSchema>;

export const IssuerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    domains: z.array(z.string()),
    mfa: z.object({ acr: z.array(z.string()), amr: z.array(z.string()) }),
    newRoles: z.array(z.string()).nullable(),
    private: z.boolean(),
    redirectUri: z.string().openapi({ description: 'To be entered at the issuer, as it is' }),
    people: z.int().openapi({ description: 'People who signed in through it' }),
    createdAt: z.string(),
    createdBy: z.string(),
  })
  .openapi('Issuer');
export type IssuerView = z.infer<typeof IssuerSchema>;

export const IdentitySchema = z
  .object({
    issuer: z.string(),
    subject: z.string(),
    linkedAt: z.string(),
    lastUsedAt: z.string(),
  })
  .openapi('OidcIdentity');
