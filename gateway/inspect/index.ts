import type { Incoming } from '../crossing.ts';
import type { Lifted } from '../mode.ts';
import type { CompiledEndpoint } from './match.ts';
import { type Inspection, read, readIfReadable } from './read.ts';

export { nodeCodec } from './codec.ts';
export { basicPart, findKeys, recordsOf, withoutPrefix } from './keys.ts';
export {
  type CompiledEndpoint,
  compileEndpoint,
  type EndpointMatch,
  matchEndpoint,
  paramsOf,
} from './match.ts';
export { type ModelPattern, modelOf, modelPatterns, patternFor } from './model.ts';
export type { Inspection } from './read.ts';

/**
 * Decodes and parses what the endpoint carries. Throws Refusal `body_unreadable`, `body_too_deep` or `bad_request`:
 * a body that must be read and can't be is not passed on, whatever the contract. Where it changes nothing (`lifted`),
 * only a body in which a key may stand must be read.
 */
export function inspect(
  incoming: Incoming,
  endpoint: CompiledEndpoint,
  lifted: Lifted | null = null,
): Inspection {
  return lifted?.lift.what === 'all' ? readIfReadable(incoming, endpoint) : read(incoming, endpoint);
}
