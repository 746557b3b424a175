import type { Service } from '@drawbridge/protocol';
import type { LiveConnection } from '../crossing.ts';

/** An hour: browsers cap it at two hours or less anyway. */
const MAX_AGE_SECONDS = '3600';
const MAX_REQUESTED_HEADERS = 40;
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]{1,60}$/;
/** Headers that any SDK may set on a request with a body. */
const always = ['content-type', 'accept', 'authorization'];
const EXPOSED =
  'retry-after, x-request-id, x-drawbridge-crossing, x-drawbridge-refusal, x-drawbridge-route, x-drawbridge-connection, x-drawbridge-tried';

/** Raw header pairs that let a browser of this origin read the answer; only `Vary` when the origin is not listed. */
export function corsHeaders(connection: LiveConnection, origin: string | undefined): string[] {
  if (connection.config.origins.length === 0) return [];
  if (origin === undefined || !originListed(connection, origin)) return ['Vary', 'Origin'];
  return [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Credentials',
    'true',
    'Access-Control-Expose-Headers',
    EXPOSED,
    'Vary',
    'Origin',
  ];
}

/** Exact comparison of serialised origins; `null`, which any sandboxed page can send, is never listed. */
export function originListed(connection: LiveConnection, origin: string): boolean {
  return origin !== 'null' && connection.config.origins.includes(origin);
}

/** The answer to a preflight from a listed origin: raw header pairs for status 204. */
export function preflightHeaders(
  connection: LiveConnection,
  origin: string,
  methods: readonly string[],
  requestedHeaders: string | undefined,
): string[] {
  const allowed = allowedHeaders(connection.service, requestedHeaders ?? '');
  const headers = corsHeaders(connection, origin);
  headers.push('Access-Control-Allow-Methods', methods.join(', '), 'Access-Control-Max-Age', MAX_AGE_SECONDS);
  if (allowed.length > 0) headers.push('Access-Control-Allow-Headers', allowed.join(', '));
  return headers;
}

/** Of the requested headers those that the service knows: the others would be dropped on the way anyway. */
function allowedHeaders(service: Service, requested: string): string[] {
  const known = new Set(always);
  const prefixes: string[] = [];
  for (const { name } of service.headers) {
    if (name.endsWith('*')) prefixes.push(name.slice(0, -1));
    else known.add(name);
  }
  for (const placement of service.auth) {
    if (placement.in === 'header') known.add(placement.name.toLowerCase());
  }
  return requested
    .toLowerCase()
    .split(',', MAX_REQUESTED_HEADERS)
    .map((name) => name.trim())
    .filter(
      (name) => TOKEN.test(name) && (known.has(name) || prefixes.some((each) => name.startsWith(each))),
    );
}
