export { addressRange, plainAddress } from './address.ts';
export type { Lookup } from './pins.ts';
export { readRoots } from './roots.ts';
export {
  ClientGone,
  type UpstreamControl,
  UpstreamFailure,
  type UpstreamFailureKind,
  type UpstreamHandler,
  type UpstreamRequest,
} from './sending.ts';
export { openTunnel } from './tunnel.ts';
export { createUpstream, type Upstream, type UpstreamLimits, type UpstreamTarget } from './upstream.ts';
