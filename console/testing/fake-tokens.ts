import { randomUUID } from 'node:crypto';
import type { ApiToken } from '../api/token-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

const day = 86_400_000;

/** API tokens of whoever looks: one in use, one that ran out. */
export function makeFakeTokens(now: number): ApiToken[] {
  const at = (days: number): string => new Date(now + days * day).toISOString();
  const base = { actions: ['overview.read', 'log.read'], lastUsedAddress: '198.51.100.20', revokedAt: null };
  return [
    {
      ...base,
      id: 'token_1',
      name: 'nightly export',
      state: 'works',
      createdAt: at(-12),
      expiresAt: at(18),
      lastUsedAt: at(-0.4),
    },
    {
      ...base,
      id: 'token_2',
      name: 'one-off report',
      state: 'expired',
      createdAt: at(-20),
      expiresAt: at(-6),
      lastUsedAt: at(-7),
    },
  ];
}

/** Null where the path is none of tokens. */
export function answerTokens(tokens: ApiToken[], { method, path, body }: Asked): Answer | null {
  if (path === '/tokens' && method === 'GET') return { status: 200, body: { items: tokens } };
  if (path === '/tokens' && method === 'POST') {
    const { name, actions, days } = body as { name: string; actions: string[]; days: number };
    const made: ApiToken = {
      id: `token_${randomUUID()}`,
      name,
      actions,
      state: 'works',
      createdAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + days * day).toISOString(),
      lastUsedAt: null,
      lastUsedAddress: null,
      revokedAt: null,
    };
    tokens.unshift(made);
    return { status: 201, body: { ...made, token: `dbt_${'madeup'.repeat(7)}` } };
  }
  const token = tokens.find(({ id }) => path === `/tokens/${id}`);
  if (token === undefined || method !== 'DELETE') return null;
  Object.assign(token, { state: 'revoked', revokedAt: new Date().toISOString() });
  return { status: 204 };
}
