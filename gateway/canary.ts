import { hash } from 'node:crypto';
import type { FoundKey, LiveConnection, LiveKey } from './crossing.ts';
import { findKeys } from './inspect/index.ts';
import { Refusal } from './refusal/index.ts';

/** Planted keys that somebody shows. It is looked for once the answer is out, so that nothing in it tells. */

/** A use of a planted key, as the control plane is told it at once. The journal has it too, without who it was. */
export interface CanaryUse {
  /** Ids of the planted key and of the record in the journal. */
  canary: string;
  crossing: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Null: a proxy that did not say. */
  address: string | null;
  /** What kind of program it said it was. */
  client: ClientClass;
  connection: string;
  endpoint: string;
  /** It was no key to come in with: it stood in the data that an app of ours sent with a key of its own. Absent: it was the key. */
  seen?: { app: string; key: string };
}

const CANARY = 'canary ';

/** The ids of planted keys among values that were found in a request (`knownValues`). */
export function canariesIn(kept: readonly string[]): string[] {
  return kept.filter((known) => known.startsWith(CANARY)).map((known) => known.slice(CANARY.length));
}

/** The id of the planted key among those that a request showed; null: there is none. */
export function canaryAmong(
  found: readonly FoundKey[],
  canaries: ReadonlyMap<string, string>,
): string | null {
  for (const { key } of found) {
    const id = canaries.get(hash('sha256', key, 'hex'));
    if (id !== undefined) return id;
  }
  return null;
}

/** The keys in the head of a request that was refused before anyone looked for them. */
export function keysInHead(
  { service }: LiveConnection,
  request: { method: string; path: string; query: string; headers: readonly string[] },
): readonly FoundKey[] {
  try {
    return findKeys(service, null, { ...request, body: Buffer.alloc(0) });
  } catch (cause) {
    if (cause instanceof Refusal) return [];
    throw cause;
  }
}

/** Stands in the record where a virtual key and its app stand. */
export function canaryKey(id: string): LiveKey {
  return {
    config: {
      id,
      hash: '',
      app: 'canary',
      kind: 'secret',
      connections: [],
      classes: [],
      origins: [],
      per_minute: null,
      expires_at: null,
    },
    hash: Buffer.alloc(32),
    caps: null,
    networks: null,
    models: null,
  };
}

const programs = [
  ['curl', /\bcurl\b|wget/i],
  ['python', /python|aiohttp|httpx/i],
  ['go', /go-http-client|\bgo\b/i],
  ['java', /java|okhttp|apache-httpclient/i],
  ['node', /node|undici|axios|got\b/i],
  ['browser', /mozilla/i],
] as const;

export type ClientClass = (typeof programs)[number][0] | 'none' | 'other';

/** What kind of program a user agent says it is: of strangers no more is kept. */
export function clientClass(userAgent: string | undefined): ClientClass {
  if (userAgent === undefined || userAgent === '') return 'none';
  const text = userAgent.slice(0, 300);
  return programs.find(([, form]) => form.test(text))?.[0] ?? 'other';
}
