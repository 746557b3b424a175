import type { Service } from '@drawbridge/protocol';
import type { FoundKey, Incoming, LiveConnection } from '../crossing.ts';
import type { CompiledEndpoint, EndpointMatch } from './match.ts';

export { compileEndpoint, matchEndpoint } from './match.ts';
export type { CompiledEndpoint, EndpointMatch };

/** A request's body (and body in the query), decoded and parsed, with its path parameters. */
export interface Inspection {
  params: Readonly<Record<string, string>>;
}

/** Every place of the request where this service's SDKs put a key, and the text found there. Different keys are all returned. */
export function findKeys(
  service: Service,
  endpoint: CompiledEndpoint | null,
  incoming: Incoming,
): FoundKey[] {
  throw new Error(`findKeys is being built: ${service.id} ${endpoint?.id} ${incoming.method}`);
}

/** Decodes and parses what the endpoint carries. Throws Refusal `body_unreadable` or `body_too_deep`. */
export function inspect(incoming: Incoming, endpoint: CompiledEndpoint, live: LiveConnection): Inspection {
  throw new Error(`inspect is being built: ${incoming.method} ${endpoint.id} ${live.config.id}`);
}
