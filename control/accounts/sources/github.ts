import { z } from 'zod';
import type { Level } from '../levels.ts';
import { nullable, type Read, readJson, ShortText } from './account.ts';

const MemberSchema = z.object({
  id: z.number().int(),
  login: ShortText,
  type: z.string().max(40).optional(),
});
const Members = z.array(MemberSchema).max(20_000);
const OrganisationSchema = z.object({
  members: Members,
  admins: nullable(Members),
  two_factor_disabled: nullable(Members),
  two_factor_insecure: nullable(Members),
  two_factor_requirement_enabled: nullable(z.boolean()),
});

/**
 * Answers of `GET /orgs/{org}/members` under names: all (`members`), with `role=admin` (`admins`), with
 * `filter=2fa_disabled` and `filter=2fa_insecure`, and the organisation's own `two_factor_requirement_enabled`. A list that is left
 * out is not known, and none of its members is counted as good for it.
 */
export function readGitHubMembers(content: string): Read {
  const shape =
    '{"members": […], "admins": […], "two_factor_disabled": […], "two_factor_insecure": […], "two_factor_requirement_enabled": true}, each list an answer of GET /orgs/{org}/members';
  const found = readJson(content, OrganisationSchema, shape);
  const ids = (list: z.infer<typeof Members> | null) =>
    list === null ? null : new Set(list.map(({ id }) => id));
  const [admins, disabled, insecure] = [
    found.admins,
    found.two_factor_disabled,
    found.two_factor_insecure,
  ].map(ids);
  const levelOf = (id: number): Level => {
    if (disabled?.has(id)) return 'none';
    if (insecure?.has(id)) return 'sms_only';
    // Who is in neither list has a factor that is none of these, if both lists are whole.
    if (found.two_factor_requirement_enabled === true && insecure !== null) return 'enforced';
    return disabled === null || insecure === null ? 'unknown' : 'enrolled';
  };
  return {
    complete: true,
    accounts: found.members.map(({ id, login, type }) => ({
      externalId: String(id),
      email: null,
      name: login,
      role: admins?.has(id) ? 'admin' : admins === null ? null : 'member',
      admin: admins === null || admins === undefined ? null : admins.has(id),
      kind: type === 'Bot' ? 'service' : 'person',
      state: 'active',
      level: levelOf(id),
      basis: 'the members of the organisation by their second factor, and its rule',
      addedAt: null,
      lastActiveAt: null,
    })),
  };
}
