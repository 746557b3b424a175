export { readRoots } from './roots.ts';
export {
  ClientGone,
  createUpstream,
  type Upstream,
  type UpstreamControl,
  UpstreamFailure,
  type UpstreamFailureKind,
  type UpstreamHandler,
  type UpstreamLimits,
  type UpstreamRequest,
  type UpstreamTarget,
} from './upstream.ts';
