import { JsonEditError, parse } from '@drawbridge/jsonedit';
import { z } from 'zod';
import { invalid } from '../platform/index.ts';
import {
  type HeldKey,
  keyIn,
  MOST_KEYS,
  type ReadList,
  scopesIn,
  textIn,
  timeIn,
  wrongAt,
} from './held-key.ts';

/** Lists of keys in JSON, as the APIs of vendors answer them. */

const Owner = z.looseObject({
  type: z.string().optional(),
  id: z.string().optional(),
  name: z.string().nullish(),
  user: z.looseObject({ id: z.string(), name: z.string().nullish() }).nullish(),
  service_account: z.looseObject({ id: z.string(), name: z.string().nullish() }).nullish(),
});
/** `GET /v1/organization/projects/{project_id}/api_keys` and `/v1/organization/admin_api_keys`. */
const OpenaiKey = z.looseObject({
  object: z.enum(['organization.project.api_key', 'organization.admin_api_key']),
  id: z.string().min(1),
  name: z.string().nullish(),
  created_at: z.int(),
  last_used_at: z.int().nullish(),
  expires_at: z.int().nullish(),
  owner: Owner.nullish(),
});
/** `GET /v1/organizations/api_keys` of the Admin API. It says no last use. */
const AnthropicKey = z.looseObject({
  type: z.literal('api_key'),
  id: z.string().min(1),
  name: z.string().nullish(),
  created_at: z.string(),
  created_by: z.looseObject({ id: z.string() }).nullish(),
  status: z.enum(['active', 'inactive', 'archived', 'expired']),
  expires_at: z.string().nullish(),
  workspace_id: z.string().nullish(),
});
/** `GET /repos/{owner}/{repo}/keys`. */
const DeployKey = z.looseObject({
  id: z.int(),
  title: z.string(),
  url: z.string(),
  created_at: z.string(),
  read_only: z.boolean(),
  added_by: z.string().nullish(),
  last_used: z.string().nullish(),
  enabled: z.boolean().optional(),
});
/** `GET /orgs/{org}/personal-access-tokens`: fine-grained tokens with access to the organisation. */
const AccessToken = z.looseObject({
  id: z.int(),
  token_id: z.int().optional(),
  token_name: z.string().nullish(),
  owner: z.looseObject({ login: z.string() }),
  access_granted_at: z.string(),
  token_expired: z.boolean(),
  token_expires_at: z.string().nullish(),
  token_last_used_at: z.string().nullish(),
  repository_selection: z.string().nullish(),
});

const readers = {
  openai: reader(OpenaiKey, (key, line): HeldKey => {
    const { owner } = key;
    const who = owner?.user ?? owner?.service_account ?? owner;
    return {
      externalId: key.id,
      label: textIn(key.name) ?? key.id,
      kind: key.object === 'organization.admin_api_key' ? 'admin_key' : 'api_key',
      owner: textIn(who?.name) ?? textIn(who?.id),
      place: null,
      scopes: [],
      madeAt: timeIn(key.created_at, line, 'created_at'),
      rotatedAt: null,
      lastUsedAt: timeIn(key.last_used_at, line, 'last_used_at'),
      tellsUse: true,
      expiresAt: timeIn(key.expires_at, line, 'expires_at'),
      active: true,
    };
  }),
  anthropic: reader(
    AnthropicKey,
    (key, line): HeldKey => ({
      externalId: key.id,
      label: textIn(key.name) ?? key.id,
      kind: 'api_key',
      owner: textIn(key.created_by?.id),
      place: null,
      scopes: scopesIn(key.workspace_id == null ? [] : [`workspace ${key.workspace_id}`]),
      madeAt: timeIn(key.created_at, line, 'created_at'),
      rotatedAt: null,
      lastUsedAt: null,
      tellsUse: false,
      expiresAt: timeIn(key.expires_at, line, 'expires_at'),
      active: key.status === 'active',
    }),
  ),
  github_deploy_keys: reader(
    DeployKey,
    (key, line): HeldKey => ({
      externalId: `${/repos\/([^/]+\/[^/]+)\/keys/.exec(key.url)?.[1] ?? ''}#${key.id}`,
      label: textIn(key.title) ?? String(key.id),
      kind: 'deploy_key',
      owner: textIn(key.added_by),
      place: textIn(/repos\/([^/]+\/[^/]+)\/keys/.exec(key.url)?.[1]),
      scopes: [key.read_only ? 'read' : 'read and write'],
      madeAt: timeIn(key.created_at, line, 'created_at'),
      rotatedAt: null,
      lastUsedAt: timeIn(key.last_used, line, 'last_used'),
      tellsUse: true,
      expiresAt: null,
      active: key.enabled ?? true,
    }),
  ),
  github_tokens: reader(
    AccessToken,
    (token, line): HeldKey => ({
      externalId: String(token.token_id ?? token.id),
      label: textIn(token.token_name) ?? String(token.token_id ?? token.id),
      kind: 'access_token',
      owner: textIn(token.owner.login),
      place: null,
      scopes: scopesIn(
        token.repository_selection == null ? [] : [`repositories: ${token.repository_selection}`],
      ),
      madeAt: timeIn(token.access_granted_at, line, 'access_granted_at'),
      rotatedAt: null,
      lastUsedAt: timeIn(token.token_last_used_at, line, 'token_last_used_at'),
      tellsUse: true,
      expiresAt: timeIn(token.token_expires_at, line, 'token_expires_at'),
      active: !token.token_expired,
    }),
  ),
} as const;

export type JsonFormat = keyof typeof readers;
export const jsonFormats = Object.keys(readers) as JsonFormat[];

/** Reads a list. Throws Problem 422 that names the item and its member; whole keys in it refuse their item alone. */
export function readJsonList(format: JsonFormat, content: string): ReadList {
  const items = itemsOf(parsed(content));
  if (items.length > MOST_KEYS)
    throw invalid('content', `has more than ${MOST_KEYS} keys; import it in parts by source`);
  const read: ReadList = { keys: [], refused: [] };
  for (const [at, item] of items.entries()) {
    const refused = keyIn(item, at + 1);
    if (refused !== null) read.refused.push(refused);
    else read.keys.push(readers[format](item, at + 1));
  }
  return read;
}

function reader<Item>(schema: z.ZodType<Item>, keyOf: (item: Item, line: number) => HeldKey) {
  return (item: unknown, line: number): HeldKey => {
    const found = schema.safeParse(item);
    if (found.success) return keyOf(found.data, line);
    const issue = found.error.issues[0];
    throw wrongAt(
      line,
      issue?.path.map(String).join('.') || 'item',
      issue?.message ?? 'is not as documented',
    );
  };
}

const Page = z.looseObject({ data: z.array(z.unknown()), has_more: z.boolean().optional() });

/** The items of a list, of an answer with `data`, or of several such answers one after the other. */
function itemsOf(value: unknown): unknown[] {
  const pages = Array.isArray(value) ? value : [value];
  const read = pages.map((page) => Page.safeParse(page));
  if (!read.some(({ success }) => success)) {
    if (Array.isArray(value)) return value;
    throw invalid('content', 'is neither a list nor an answer with "data"');
  }
  const last = read.at(-1);
  if (last?.success === true && last.data.has_more === true) {
    throw invalid(
      'content',
      'has more pages than are here ("has_more"): what is missing would count as gone. Put all answers into one list: [first, second, …]',
    );
  }
  return read.flatMap((page, at) => {
    if (page.success) return page.data.data;
    throw wrongAt(at + 1, 'data', 'is missing in this answer, and there in others');
  });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // What that parser says quotes what stands there; ours says where it is.
    throw invalid('content', `${placeOfFault(content)}is not JSON`);
  }
}

function placeOfFault(content: string): string {
  try {
    parse(content);
    return '';
  } catch (error) {
    if (!(error instanceof JsonEditError)) throw error;
    const before = content.slice(0, error.offset).split('\n');
    return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: `;
  }
}
