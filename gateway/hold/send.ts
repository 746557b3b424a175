import type { Minimised } from '../crossing.ts';
import { requestHeaders } from '../forward/index.ts';
import {
  ClientGone,
  type Upstream,
  type UpstreamControl,
  type UpstreamFailure,
  type UpstreamTarget,
} from '../upstream/index.ts';

/** How a request ended that nobody waits for. */
export interface Sent {
  /** Null: no answer came. */
  status: number | null;
  rawHeaders: readonly string[];
  /** Address and port; null: nothing was sent. */
  remote: string | null;
  responseBytes: number;
  failure: UpstreamFailure | null;
}

/** Of an answer so much is read, so that its connection can be used again. */
const ANSWER_BYTES = 256 * 1024;

/** Sends a request and reads its answer away. `started`: told how it can be ended. Never rejects. */
export function sendOff(
  upstream: Upstream,
  target: UpstreamTarget,
  minimised: Minimised,
  waitMs: number,
  started: (control: UpstreamControl) => void,
): Promise<Sent> {
  return new Promise((resolve) => {
    const sent: Sent = { status: null, rawHeaders: [], remote: null, responseBytes: 0, failure: null };
    let control: UpstreamControl | null = null;
    let isOver = false;
    const late = setTimeout(() => control?.abort(new ClientGone()), waitMs);
    const end = (failure: UpstreamFailure | null): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(late);
      sent.failure = failure;
      resolve(sent);
    };
    control = upstream.dispatch(
      target,
      {
        method: minimised.method,
        path: minimised.query === '' ? minimised.path : `${minimised.path}?${minimised.query}`,
        headers: requestHeaders(minimised.headers),
        body: minimised.body.length === 0 ? null : minimised.body,
      },
      {
        started(steering, remote) {
          control = steering;
          sent.remote = remote;
        },
        head(status, rawHeaders) {
          sent.status = status;
          sent.rawHeaders = rawHeaders;
        },
        data(chunk) {
          sent.responseBytes += chunk.length;
          if (sent.responseBytes > ANSWER_BYTES) control?.abort(new ClientGone());
        },
        end: () => end(null),
        // What was said before it broke off counts.
        failed: (failure) => end(failure),
      },
    );
    started(control);
  });
}
