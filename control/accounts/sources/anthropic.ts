import { z } from 'zod';
import { IsoTime, nullable, type Read, readJson, ShortText } from './account.ts';

const UsersSchema = z.object({
  has_more: z.boolean().optional(),
  data: z.array(
    z.object({
      type: z.literal('user'),
      id: ShortText,
      email: nullable(ShortText),
      name: nullable(ShortText),
      role: ShortText,
      added_at: IsoTime,
    }),
  ),
});

/** `GET /v1/organizations/users` of Anthropic: it says nothing of second factors. */
export function readAnthropicUsers(content: string): Read {
  const { data, has_more: more } = readJson(
    content,
    UsersSchema,
    'the answer of GET /v1/organizations/users',
  );
  return {
    complete: more !== true,
    accounts: data.map((one) => ({
      externalId: one.id,
      email: one.email,
      name: one.name,
      role: one.role,
      admin: one.role === 'admin',
      kind: 'person',
      state: 'active',
      level: 'unknown',
      basis: 'Anthropic’s list of users says nothing of second factors',
      addedAt: one.added_at,
      lastActiveAt: null,
    })),
  };
}
