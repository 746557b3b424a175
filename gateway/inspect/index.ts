import type { Incoming } from '../crossing.ts';
import type { CompiledEndpoint } from './match.ts';
import { type Inspection, read } from './read.ts';

export { nodeCodec } from './codec.ts';
export { basicPart, findKeys, withoutPrefix } from './keys.ts';
export {
  type CompiledEndpoint,
  compileEndpoint,
  type EndpointMatch,
  matchEndpoint,
  paramsOf,
} from './match.ts';
export type { Inspection } from './read.ts';

/**
 * Decodes and parses what the endpoint carries. Throws Refusal `body_unreadable`, `body_too_deep` or `bad_request`:
 * a body that must be read and can't be is not passed on, whatever the contract.
 */
export function inspect(incoming: Incoming, endpoint: CompiledEndpoint): Inspection {
  return read(incoming, endpoint);
}
