import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  createRouter,
  givenReason,
  type HttpEnv,
  json,
  needs,
  type Platform,
  problemResponses,
} from '../platform/index.ts';
import { type ImportDeps, importAccounts } from './import.ts';
import type { Judged, Posture, VendorPosture } from './posture.ts';
import {
  AccountSchema,
  AttestationAskedSchema,
  AttestationSchema,
  ImportAskedSchema,
  ImportedSchema,
  RuleAskedSchema,
  VendorId,
  VendorPostureSchema,
} from './schemas.ts';
import type { Statements } from './statements.ts';
import type { AttestationRow } from './tables.ts';

const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const params = z.object({ vendor: VendorId });

const importRoute = createRoute({
  method: 'post',
  path: '/accounts/imports',
  'x-needs': needs('account.import'),
  summary: 'Take in who of us has an account at a vendor, from an export',
  description: 'Taking one in twice changes nothing. Addresses and names are kept sealed.',
  request: { body: body(ImportAskedSchema) },
  responses: { 200: json(ImportedSchema, 'What it did, or with `preview` would do'), ...problemResponses },
});
const listVendors = createRoute({
  method: 'get',
  path: '/accounts',
  'x-needs': needs('account.read'),
  summary: 'How well our accounts at each vendor are guarded',
  responses: {
    200: json(z.object({ items: z.array(VendorPostureSchema) }), 'By vendor'),
    ...problemResponses,
  },
});
const listAccounts = createRoute({
  method: 'get',
  path: '/accounts/{vendor}',
  'x-needs': needs('account.read'),
  summary: 'Our accounts at one vendor, those that want a look first',
  request: { params },
  responses: { 200: json(z.object({ items: z.array(AccountSchema) }), 'The accounts'), ...problemResponses },
});
const setRule = createRoute({
  method: 'put',
  path: '/accounts/{vendor}/sign-in-rule',
  'x-needs': needs('account.attest'),
  summary: 'State that everyone signs in to a vendor through an identity provider',
  request: { params, body: body(RuleAskedSchema) },
  responses: { 204: { description: 'Stated' }, ...problemResponses },
});
const removeRule = createRoute({
  method: 'delete',
  path: '/accounts/{vendor}/sign-in-rule',
  'x-needs': needs('account.attest'),
  summary: 'Take that back',
  request: { params },
  responses: { 204: { description: 'Taken back' }, ...problemResponses },
});
const attest = createRoute({
  method: 'post',
  path: '/accounts/{vendor}/attestations',
  'x-needs': needs('account.attest'),
  summary: 'Attest what was seen of a vendor that exports nothing of second factors',
  request: { params, body: body(AttestationAskedSchema) },
  responses: { 201: json(AttestationSchema, 'The attestation'), ...problemResponses },
});
const withdraw = createRoute({
  method: 'post',
  path: '/attestations/{attestation}/withdraw',
  'x-needs': needs('account.attest'),
  summary: 'Withdraw an attestation',
  request: { params: z.object({ attestation: z.uuid() }) },
  responses: { 204: { description: 'Withdrawn' }, ...problemResponses },
});

interface AccountDeps extends ImportDeps {
  platform: Platform;
  posture: Posture;
  statements: Statements;
}

export function accountRoutes(deps: AccountDeps) {
  const { platform, posture, statements } = deps;
  return createRouter()
    .openapi(importRoute, async (c) => {
      const { reason, asOf, ...asked } = c.req.valid('json');
      const by = byOf(c, reason);
      return c.json(await importAccounts(deps, { ...asked, asOf: new Date(asOf) }, by), 200);
    })
    .openapi(listVendors, async (c) => {
      const found = await posture.vendors();
      return c.json({ items: found.map((one) => vendorOf(one, platform.clock.now())) }, 200);
    })
    .openapi(listAccounts, async (c) => {
      const found = await posture.accounts(c.req.valid('param').vendor);
      return c.json({ items: found.map(accountOf) }, 200);
    })
    .openapi(setRule, async (c) => {
      const { reason, ...rule } = c.req.valid('json');
      await statements.setRule(c.req.valid('param').vendor, rule, byOf(c, reason));
      return c.body(null, 204);
    })
    .openapi(removeRule, async (c) => {
      await statements.setRule(c.req.valid('param').vendor, null, byOf(c, undefined));
      return c.body(null, 204);
    })
    .openapi(attest, async (c) => {
      const { reason, seenAt, expiresAt, ...given } = c.req.valid('json');
      const asked = {
        ...given,
        vendor: c.req.valid('param').vendor,
        seenAt: new Date(seenAt),
        expiresAt: new Date(expiresAt),
      };
      const made = await statements.attest(asked, byOf(c, reason));
      return c.json(attestationOf(made, platform.clock.now()), 201);
    })
    .openapi(withdraw, async (c) => {
      await statements.withdraw(c.req.valid('param').attestation, byOf(c, undefined));
      return c.body(null, 204);
    });
}

function byOf(c: Context<HttpEnv>, reason: string | undefined): By {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

function attestationOf(row: AttestationRow, now: number): z.infer<typeof AttestationSchema> {
  const { id, level, statement, evidence } = row;
  return {
    id,
    level,
    statement,
    evidence,
    seenAt: row.seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    expired: row.expires_at.getTime() <= now,
    statedBy: row.stated_by,
  };
}

function vendorOf(found: VendorPosture, now: number): z.infer<typeof VendorPostureSchema> {
  const { rule, attestation, imports, ...counts } = found;
  const last = imports[0];
  return {
    ...counts,
    rule:
      rule === null
        ? null
        : {
            provider: rule.provider,
            source: rule.source,
            statedAt: rule.stated_at.toISOString(),
            statedBy: rule.stated_by,
          },
    attestation: attestation === null ? null : attestationOf(attestation, now),
    lastImport:
      last === undefined
        ? null
        : {
            id: last.id,
            at: last.at.toISOString(),
            asOf: last.as_of.toISOString(),
            source: last.source,
            accounts: last.accounts,
          },
  };
}

function accountOf(found: Judged): z.infer<typeof AccountSchema> {
  const { posture, holder, state } = found;
  return {
    id: found.id,
    email: holder.email,
    name: holder.name,
    role: found.role,
    admin: found.admin,
    kind: found.kind,
    state: state === 'gone' ? 'suspended' : state,
    level: posture.level,
    evidence: posture.evidence,
    via: posture.via,
    basis: found.basis,
    asOf: found.as_of.toISOString(),
    stale: posture.stale,
    presence: found.presence,
    addedAt: found.added_at?.toISOString() ?? null,
    lastActiveAt: found.last_active_at?.toISOString() ?? null,
  };
}
