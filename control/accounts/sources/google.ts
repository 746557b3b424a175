import { z } from 'zod';
import { IsoTime, nullable, type Read, readJson, ShortText } from './account.ts';

const UsersSchema = z.object({
  nextPageToken: nullable(z.string().max(4000)),
  users: z.array(
    z.object({
      id: ShortText,
      primaryEmail: ShortText,
      name: nullable(z.object({ fullName: nullable(ShortText) })),
      isAdmin: z.boolean(),
      isDelegatedAdmin: z.boolean().optional(),
      suspended: z.boolean().optional(),
      isEnrolledIn2Sv: z.boolean(),
      isEnforcedIn2Sv: z.boolean(),
      creationTime: IsoTime,
      lastLoginTime: IsoTime,
    }),
  ),
});

/** `GET /admin/directory/v1/users` of Google Workspace. Who must have a second step and has none yet, has none. */
export function readGoogleUsers(content: string): Read {
  const shape = 'the answer of GET /admin/directory/v1/users';
  const { users, nextPageToken } = readJson(content, UsersSchema, shape);
  return {
    complete: nextPageToken === null,
    accounts: users.map((one) => ({
      externalId: one.id,
      email: one.primaryEmail,
      name: one.name?.fullName ?? null,
      role: one.isAdmin ? 'super admin' : one.isDelegatedAdmin === true ? 'delegated admin' : null,
      admin: one.isAdmin || one.isDelegatedAdmin === true,
      kind: 'person',
      state: one.suspended === true ? 'suspended' : 'active',
      level: !one.isEnrolledIn2Sv ? 'none' : one.isEnforcedIn2Sv ? 'enforced' : 'enrolled',
      basis: 'isEnrolledIn2Sv and isEnforcedIn2Sv of Google Workspace',
      addedAt: one.creationTime,
      lastActiveAt: one.lastLoginTime,
    })),
  };
}
