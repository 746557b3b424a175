import type { ContractDocument, Service } from '@drawbridge/protocol';
import type { FoundKey, Incoming, LiveConnection, Minimised } from '../crossing.ts';
import type { CompiledEndpoint, Inspection } from '../inspect/index.ts';

/** A service's endpoints and a contract's rules, made into one decision table once per snapshot. */
export interface CompiledContract {
  service: Service;
  rules: ContractDocument;
}

export function compileContract(service: Service, rules: ContractDocument): CompiledContract {
  return { service, rules };
}

/**
 * The request as the vendor will get it: treated by the contract, with the real credential where the virtual key
 * stood. Throws Refusal `field_refused`, or `key_mixed` when a record holds another key than the one authenticated.
 */
export function minimise(
  incoming: Incoming,
  endpoint: CompiledEndpoint,
  inspection: Inspection,
  live: LiveConnection,
  found: readonly FoundKey[],
): Minimised {
  throw new Error(
    `minimise is being built: ${incoming.method} ${endpoint.id} ${live.config.id} ${found.length} ${Object.keys(inspection.params).length}`,
  );
}
