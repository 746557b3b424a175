import type { Sealed } from '@drawbridge/protocol';

/** What the control process and an errand's process say to each other. No answer holds a plaintext. */

/** Where the credential goes in the call. `pair`: the credential is `user:password` and goes as HTTP basic, whole. */
export type ErrandPlace =
  | { in: 'header'; name: string; prefix: string }
  | { in: 'basic'; part: 'username' | 'password' | 'pair' }
  | { in: 'query'; name: string }
  /** In place of `{key}` in the body, as JSON text has it. */
  | { in: 'body' };

/** Where a value is in the JSON of an answer: `$.api_key.id`. */
export type JsonPath = string;

/** One call to a vendor with a credential of ours. */
export interface ErrandCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  body: string | null;
  place: ErrandPlace;
  /** Values of the answer that are wanted, by name. What is not text, number or boolean is null. */
  read: Record<string, JsonPath>;
  /** A list in the answer, and what is wanted of each item: at most 200 are read. */
  list: { items: JsonPath; read: Record<string, JsonPath> } | null;
  /** A secret in the answer: `template` with the values of `parts` filled in, in base64 if so said. */
  take: { parts: Record<string, JsonPath>; template: string; base64: boolean } | null;
  /** Further headers, of fixed values. */
  headers?: Readonly<Record<string, string>>;
  /** The answer is wanted as it came, of at most so many bytes: a report, which holds no secret. */
  whole?: number;
}

export type ErrandValue = string | number | boolean | null;
export type ErrandValues = Record<string, ErrandValue>;

export interface ErrandAsk {
  call: ErrandCall;
  /** The credential, sealed to the key that the process said. */
  sealed: Sealed;
  /** Addresses of the host that may be connected to. */
  addresses: readonly { address: string; family: number }[];
  ca: string | null;
  timeoutMs: number;
  /** X25519, 32 bytes: what `take` finds is sealed to it. */
  takeKey: Uint8Array | null;
}

export interface ErrandAnswer {
  status: number;
  /** Milliseconds that the vendor asks to wait before the next call; null: it said nothing. */
  retryAfterMs: number | null;
  values: ErrandValues;
  items: ErrandValues[];
  taken: Sealed | null;
  /** The body of a good answer, where it was asked for. It is JSON, and the credential is not in it. */
  whole: Uint8Array | null;
}

export type ErrandErrorCode =
  | 'private_address'
  | 'unreachable'
  | 'timed_out'
  | 'too_large'
  | 'not_json'
  | 'no_secret'
  | 'echoed'
  | 'failed';

export type ErrandReply =
  | { kind: 'ready'; publicKey: Uint8Array }
  | { kind: 'answer'; answer: ErrandAnswer }
  | { kind: 'error'; code: ErrandErrorCode; message: string };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Associated data of what is sealed to an errand's process, and of what it seals. */
export const ERRAND_CONTEXT = bytes('drawbridge errand credential 1');
export const TAKEN_CONTEXT = bytes('drawbridge errand taken 1');
