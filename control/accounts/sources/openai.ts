import { z } from 'zod';
import { nullable, type Read, readJson, ShortText, UnixSeconds } from './account.ts';

const UsersSchema = z.object({
  object: z.literal('list'),
  has_more: z.boolean().optional(),
  data: z.array(
    z.object({
      object: z.literal('organization.user'),
      id: ShortText,
      email: nullable(ShortText),
      name: nullable(ShortText),
      role: ShortText,
      added_at: UnixSeconds,
      is_service_account: z.boolean().optional(),
      api_key_last_used_at: UnixSeconds,
      user: nullable(z.object({ enabled: z.boolean().optional(), banned: z.boolean().optional() })),
    }),
  ),
});

/** `GET /v1/organization/users` of OpenAI: it says nothing of second factors. */
export function readOpenAiUsers(content: string): Read {
  const { data, has_more: more } = readJson(content, UsersSchema, 'the answer of GET /v1/organization/users');
  return {
    complete: more !== true,
    accounts: data.map((one) => ({
      externalId: one.id,
      email: one.email,
      name: one.name,
      role: one.role,
      admin: one.role === 'owner',
      kind: one.is_service_account === true ? 'service' : 'person',
      state: one.user?.enabled === false || one.user?.banned === true ? 'suspended' : 'active',
      level: 'unknown',
      basis: 'OpenAI’s list of users says nothing of second factors',
      addedAt: one.added_at,
      lastActiveAt: one.api_key_last_used_at,
    })),
  };
}
