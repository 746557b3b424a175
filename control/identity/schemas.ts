import { z } from '@hono/zod-openapi';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { type Action, allActions } from '../platform/index.ts';
import { LONGEST_PASSWORD } from './passwords.ts';
import { roleNames } from './roles.ts';

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !/\p{Cc}/u.test(given), 'holds a control character; leave it out');

export const NameSchema = text(120).openapi({ example: 'Made-up Person' });
export const EmailSchema = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email('is not an e-mail address'))
  .openapi({ example: 'someone@example.com' });
export const TokenSchema = z.string().min(20).max(100);
export const CodeSchema = z
  .string()
  .trim()
  .regex(/^\d{6}$/, 'has six digits');
export const RecoveryCodeSchema = z.string().trim().min(16).max(40);
/** Taken as it is: what is a good one is asked where it is set. */
export const PasswordSchema = z.string().min(1).max(LONGEST_PASSWORD);

/** What the browser gives back; who verifies it looks at every member. */
const credential = { id: z.string().max(2000), rawId: z.string().max(2000), type: z.literal('public-key') };
const rest = {
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
};
const part = z.string().max(20_000);
export const RegistrationSchema = z
  .object({
    ...credential,
    ...rest,
    response: z.object({
      clientDataJSON: part,
      attestationObject: part,
      transports: z.array(z.string().max(40)).max(20).optional(),
    }),
  })
  .transform((given) => given as unknown as RegistrationResponseJSON);
export const AssertionSchema = z
  .object({
    ...credential,
    ...rest,
    response: z.object({
      clientDataJSON: part,
      authenticatorData: part,
      signature: part,
      userHandle: part.nullish().transform((handle) => handle ?? undefined),
    }),
  })
  .transform((given) => given as unknown as AuthenticationResponseJSON);
/** WebAuthn’s JSON, for the browser to read. */
export const OptionsSchema = z.object({ options: z.looseObject({ challenge: z.string() }) });

const Iso = z.iso.datetime();
const RoleSchema = z.enum(roleNames);
export const RolesSchema = z.array(RoleSchema).max(roleNames.length);
export const AccessEndsSchema = z.iso
  .datetime({ offset: true })
  .transform((date) => Date.parse(date))
  .nullable();

const WarningSchema = z.object({ code: z.string(), text: z.string() });
export type Warning = z.infer<typeof WarningSchema>;

const ActionSchema = z.enum(allActions as [Action, ...Action[]]);
export const SessionSchema = z
  .object({
    stage: z.enum(['signed_out', 'second_factor', 'enrolling', 'signed_in']),
    person: z
      .object({ id: z.string(), name: z.string(), email: z.string().nullable(), roles: RolesSchema })
      .nullable(),
    actor: z.object({ id: z.string(), name: z.string() }).nullable(),
    level: z.union([z.literal(1), z.literal(2)]).nullable(),
    steppedUpAt: Iso.nullable(),
    idleEndsAt: Iso.nullable(),
    factors: z
      .array(z.enum(['passkey', 'totp', 'recovery']))
      .openapi({ description: 'What this person may use now' }),
    actions: z.array(ActionSchema),
    ownActions: z.array(ActionSchema),
    needsEnrolment: z.array(z.enum(['profile', 'factor', 'recovery_codes'])),
    methods: z.object({
      oidc: z.array(z.object({ id: z.string(), name: z.string() })),
      passkeys: z
        .boolean()
        .openapi({ description: 'Whether the console is open at a name, as passkeys need' }),
    }),
    invitedBy: z.string().nullable().openapi({ description: 'While enrolling: who sent the invitation' }),
    accessEnds: Iso.nullable(),
    refusedBefore: z.number().int().optional().openapi({
      description: 'Signed in: how many sign-ins to this account were refused since the one before',
    }),
    firstStart: z.boolean().openapi({ description: 'Nobody can sign in yet' }),
    deployment: z.object({ id: z.string(), name: z.string() }),
    warnings: z.array(WarningSchema),
  })
  .openapi('Session');

export const FactorsSchema = z
  .object({
    passkeys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        madeFor: z.string().openapi({ description: 'The host name that it works at' }),
        createdAt: Iso,
        lastUsedAt: Iso.nullable(),
      }),
    ),
    totp: z.object({ since: Iso }).nullable(),
    password: z.boolean(),
    recoveryCodesLeft: z.number().int(),
  })
  .openapi('OwnFactors');

export const SessionItemSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAt: Iso,
  lastSeenAt: Iso,
  address: z.string(),
  browser: z.string(),
  methods: z.array(z.string()),
});

export const PersonSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    roles: RolesSchema,
    state: z.enum(['invited', 'active', 'offboarded']),
    accessEnds: Iso.nullable(),
    createdAt: Iso,
    lastSeenAt: Iso.nullable(),
    factors: z.object({
      passkeys: z.number().int(),
      totp: z.boolean(),
      recoveryCodesLeft: z.number().int(),
    }),
    sessions: z.number().int(),
    isYou: z.boolean(),
  })
  .openapi('Person');
export type PersonView = z.infer<typeof PersonSchema>;

export const LinkSchema = z.object({ token: z.string(), expiresAt: Iso });

export const RoleViewSchema = z.object({
  id: RoleSchema,
  text: z.string(),
  actions: z.array(
    z.object({ id: ActionSchema, text: z.string(), own: z.boolean(), sensitive: z.boolean() }),
  ),
});
