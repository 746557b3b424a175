type Json = Record<string, unknown>;

/** Endpoints that only keep what they are sent, and say it back. */
const OTHERS: [RegExp, string][] = [
  [/^\/v1\/moderations$/, 'moderation'],
  [/^\/v1\/conversations$/, 'conversation'],
  [/^\/v1\/threads$/, 'thread'],
  [/^\/v1\/threads\/[^/]+\/messages$/, 'thread.message'],
  [/^\/v1\/threads\/[^/]+\/runs$/, 'thread.run'],
  [/^\/v1\/assistants$/, 'assistant'],
];

export function isOther(path: string): boolean {
  return OTHERS.some(([pattern]) => pattern.test(path));
}

/** What was sent, as an object of the vendor's. */
export function otherAnswer(path: string, body: Json, id: string): Json {
  const object = OTHERS.find(([pattern]) => pattern.test(path))?.[1];
  return { ...body, id, object, results: [], created_at: 1_750_000_000, status: 'completed' };
}
