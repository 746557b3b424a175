import { z } from 'zod';
import type { AccountState, Level } from '../levels.ts';
import { IsoTime, nullable, type Read, readJson, ShortText } from './account.ts';

const RESISTANT = new Set(['webauthn', 'u2f', 'signed_nonce']);
const BY_TELEPHONE = new Set(['sms', 'call']);
const NO_FACTOR = new Set(['email', 'question']);

const UserSchema = z.object({
  id: ShortText,
  status: z.string().max(40),
  created: IsoTime,
  lastLogin: IsoTime,
  profile: z.object({
    email: nullable(ShortText),
    login: nullable(ShortText),
    displayName: nullable(ShortText),
  }),
});
const FactorsSchema = z.array(
  z.object({
    user: UserSchema,
    factors: z.array(z.object({ factorType: z.string().max(60), status: z.string().max(40) })).max(100),
  }),
);

function levelOf(factors: readonly { factorType: string; status: string }[]): Level {
  const active = factors
    .filter(({ status, factorType }) => status === 'ACTIVE' && !NO_FACTOR.has(factorType))
    .map(({ factorType }) => factorType);
  if (active.length === 0) return 'none';
  if (active.some((type) => RESISTANT.has(type))) return 'phishing_resistant';
  return active.every((type) => BY_TELEPHONE.has(type)) ? 'sms_only' : 'enrolled';
}

function stateOf(status: string): AccountState {
  if (status === 'SUSPENDED' || status === 'DEPROVISIONED' || status === 'INACTIVE') return 'suspended';
  return status === 'STAGED' || status === 'PROVISIONED' ? 'invited' : 'active';
}

/** A user of `GET /api/v1/users` beside its answer of `GET /api/v1/users/{id}/factors`, for each. */
export function readOktaFactors(content: string): Read {
  const shape = 'a list of {"user": …, "factors": […]}, of GET /api/v1/users and /api/v1/users/{id}/factors';
  const people = readJson(content, FactorsSchema, shape);
  return {
    complete: true,
    accounts: people.map(({ user, factors }) => ({
      externalId: user.id,
      email: user.profile.email ?? user.profile.login,
      name: user.profile.displayName,
      role: null,
      admin: null,
      kind: 'person',
      state: stateOf(user.status),
      level: levelOf(factors),
      basis: 'factors enrolled in Okta; whether they are asked for is its sign-on policy’s',
      addedAt: user.created,
      lastActiveAt: user.lastLogin,
    })),
  };
}

const AppUsersSchema = z.array(
  z.object({
    id: ShortText,
    status: z.string().max(40),
    created: IsoTime,
    credentials: nullable(z.object({ userName: nullable(ShortText) })),
    profile: z.object({ email: nullable(ShortText), displayName: nullable(ShortText) }),
  }),
);

/** `GET /api/v1/apps/{id}/users` of Okta: who is assigned to one vendor's application. */
export function readOktaAppUsers(content: string): Read {
  const people = readJson(content, AppUsersSchema, 'the answer of GET /api/v1/apps/{id}/users');
  return {
    complete: true,
    accounts: people.map((one) => ({
      externalId: one.id,
      email: one.profile.email ?? one.credentials?.userName ?? null,
      name: one.profile.displayName,
      role: null,
      admin: null,
      kind: 'person',
      state: stateOf(one.status),
      level: 'unknown',
      basis: 'an assignment in Okta says who may sign in, not how',
      addedAt: one.created,
      lastActiveAt: null,
    })),
  };
}
