import { type IncomingMessage, request as requestInClear } from 'node:http';
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ErrandAsk, ErrandCall, ErrandErrorCode, ErrandValue, ErrandValues } from './errand-messages.ts';

/** What an errand's process does with a credential in clear: one call, and reading what was asked for from the answer. */
export class ErrandFailure extends Error {
  readonly code: ErrandErrorCode;
  constructor(code: ErrandErrorCode, message: string) {
    super(message);
    this.name = 'ErrandFailure';
    this.code = code;
  }
}

const LARGEST_ANSWER = 1024 * 1024;
const MOST_ITEMS = 200;
const LONGEST_VALUE = 500;

export interface Answered {
  status: number;
  retryAfterMs: number | null;
  values: ErrandValues;
  items: ErrandValues[];
  taken: string | null;
  whole: Uint8Array | null;
}

/** Makes the call and reads the answer. Redirects are not followed. Throws ErrandFailure. */
export async function makeCall(
  { call, addresses, ca, timeoutMs }: Omit<ErrandAsk, 'sealed' | 'takeKey'>,
  credential: string,
): Promise<Answered> {
  const { response, body } = await send(call, credential, { addresses, ca, timeoutMs });
  const status = response.statusCode ?? 0;
  const answered: Answered = {
    status,
    retryAfterMs: retryAfter(response),
    values: {},
    items: [],
    taken: null,
    whole: null,
  };
  if (status < 200 || status > 299) return answered;
  const isWhole = call.whole !== undefined;
  const wants = isWhole || call.take !== null || call.list !== null || Object.keys(call.read).length > 0;
  if (!wants) return answered;
  const parsed = parse(body);
  const taken = call.take === null ? null : secretIn(parsed, call.take);
  const values = read(parsed, call.read);
  const found = call.list === null ? [] : at(parsed, call.list.items);
  const items = (Array.isArray(found) ? found : [])
    .slice(0, MOST_ITEMS)
    .map((item) => read(item, call.list?.read ?? {}));
  keepSecret([values, ...items], [credential, ...(taken?.texts ?? [])]);
  if (isWhole && body.includes(credential)) throw echoed();
  return { ...answered, values, items, taken: taken?.secret ?? null, whole: isWhole ? body : null };
}

function send(
  call: ErrandCall,
  credential: string,
  { addresses, ca, timeoutMs }: Pick<ErrandAsk, 'addresses' | 'ca' | 'timeoutMs'>,
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const url = new URL(call.url);
  const body = call.body === null ? null : Buffer.from(bodyWith(call, credential));
  if (call.place.in === 'query') url.searchParams.set(call.place.name, credential);
  const { promise, resolve, reject } = Promise.withResolvers<{ response: IncomingMessage; body: Buffer }>();
  const options = {
    method: call.method,
    agent: false as const,
    headers: {
      accept: 'application/json',
      'user-agent': 'drawbridge',
      ...call.headers,
      ...headerWith(call, credential),
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
    },
    lookup: lookupOf(addresses),
    signal: AbortSignal.timeout(timeoutMs),
  };
  const sending =
    url.protocol === 'http:'
      ? requestInClear(url, options)
      : request(url, { ...options, ...(ca === null ? {} : { ca }) });
  sending.once('response', (response) => {
    collect(response, call.whole ?? LARGEST_ANSWER).then(
      (whole) => resolve({ response, body: whole }),
      reject,
    );
  });
  // Stays on: what is torn down after the answer says so once more.
  sending.on('error', (cause) => reject(unreachable(cause, timeoutMs)));
  sending.end(body ?? undefined);
  return promise;
}

async function collect(response: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    if (length > most) {
      response.destroy();
      throw new ErrandFailure('too_large', `The vendor answered with more than ${most} bytes.`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** A code, never the message of a foreign error: it may quote what was sent. */
function unreachable(cause: Error, timeoutMs: number): ErrandFailure {
  if (cause instanceof ErrandFailure) return cause;
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError')
    return new ErrandFailure('timed_out', `The vendor did not answer in ${timeoutMs / 1000} s.`);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new ErrandFailure('unreachable', `The vendor could not be reached: ${code}.`);
}

function headerWith({ place }: ErrandCall, credential: string): Record<string, string> {
  if (place.in === 'header') return { [place.name]: place.prefix + credential };
  if (place.in !== 'basic') return {};
  const pair = { username: `${credential}:`, password: `:${credential}`, pair: credential }[place.part];
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function bodyWith({ place, body }: ErrandCall, credential: string): string {
  const text = body ?? '';
  // A function: what is put in as text may have `$&` in it, which stands for something there.
  return place.in === 'body' ? text.replaceAll('{key}', () => JSON.stringify(credential).slice(1, -1)) : text;
}

const lookupOf =
  (addresses: ErrandAsk['addresses']): LookupFunction =>
  (_host, options, answer) => {
    const [first] = addresses;
    if (first === undefined)
      answer(new ErrandFailure('unreachable', 'The vendor’s host has no address.'), '');
    else if (options.all === true) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  };

/** `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfter(response: IncomingMessage): number | null {
  const text = response.headers['retry-after'];
  if (text === undefined) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(seconds, 86_400) * 1000;
  const until = Date.parse(text) - Date.now();
  return Number.isNaN(until) ? null : Math.min(Math.max(until, 0), 86_400_000);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ErrandFailure('not_json', 'The vendor’s answer is not JSON.');
  }
}

/** The value at `$.a.b`; undefined: there is none. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path.split('.').slice(1)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

function read(value: unknown, paths: Record<string, string>): ErrandValues {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, plain(at(value, path))]));
}

function plain(value: unknown): ErrandValue {
  if (typeof value === 'string') return value.slice(0, LONGEST_VALUE);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function secretIn(
  answer: unknown,
  { parts, template, base64 }: NonNullable<ErrandCall['take']>,
): { secret: string; texts: string[] } {
  const texts: string[] = [];
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const text = at(answer, parts[name] ?? '');
    if (typeof text !== 'string' || !/^[!-~]{1,4096}$/.test(text))
      throw new ErrandFailure('no_secret', `The vendor’s answer has no ${name} where the pack says it is.`);
    texts.push(text);
    return text;
  });
  return { secret: base64 ? Buffer.from(filled).toString('base64') : filled, texts: texts.slice(-1) };
}

/** A vendor that is hostile, or careless, may say a secret where something else belongs: that is not passed on. */
function keepSecret(said: readonly ErrandValues[], secrets: readonly string[]): void {
  for (const values of said)
    for (const value of Object.values(values))
      if (typeof value === 'string' && secrets.some((secret) => value.includes(secret))) throw echoed();
}

const echoed = (): ErrandFailure =>
  new ErrandFailure(
    'echoed',
    'The vendor’s answer has a secret in a place where none belongs. It was not read.',
  );
