import { request } from 'undici';
import type { Post } from './journal/index.ts';

/** How a gateway posts to its control plane. */
export function postTo(control: string, token: string): Post {
  return async ({ path, headers, body, signal }) => {
    const answer = await request(`${control}${path}`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body,
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
      signal,
    });
    return { status: answer.statusCode, body: await answer.body.text() };
  };
}
