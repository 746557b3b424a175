import {
  onlineManager,
  type Query,
  type QueryClient,
  useIsFetching,
  useQueryClient,
} from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError, UnreachableError } from '../api/client.ts';
import { useLiveness } from '../api/live.ts';
import { Button } from '../design/button.tsx';
import { m } from '../messages/en.ts';

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
}

/** Why something on the page could not be read again, so that an older answer stands there; null when all is fresh. */
function staleError(client: QueryClient): string | null {
  const failed = client.getQueryCache().findAll({ type: 'active' }).find(isStale);
  const error = failed?.state.error;
  return error instanceof ApiError ? error.message : error ? m.problem.unexpected.title : null;
}

function isStale({ state }: Query): boolean {
  // A next page that failed is said where it would stand.
  if (state.status !== 'error' || state.data === undefined || state.fetchMeta?.fetchMore) return false;
  return !(state.error instanceof UnreachableError);
}

/** Says when nothing can be read or written just now, and that nothing typed is lost. */
export function Connectivity() {
  const client = useQueryClient();
  const online = useOnline();
  const liveness = useLiveness();
  const fetching = useIsFetching();
  const unreachable =
    liveness.state === 'lost' &&
    client
      .getQueryCache()
      .findAll({ type: 'active' })
      .some(
        (query) =>
          query.state.error instanceof UnreachableError ||
          query.state.fetchFailureReason instanceof UnreachableError,
      );
  const stale = online && !unreachable ? staleError(client) : null;
  if (online && !unreachable && stale === null) return null;
  return (
    <div
      role="status"
      className="sticky top-0 z-10 flex flex-wrap items-center justify-between gap-3 border-b border-alert bg-alert-wash px-4 py-2 max-lg:top-12 sm:px-8"
    >
      <p>{stale !== null ? m.pulse.stale(stale) : online ? m.pulse.unreachable : m.pulse.offline}</p>
      <Button slim disabled={fetching > 0} onClick={() => void client.invalidateQueries()}>
        {m.common.tryAgain}
      </Button>
    </div>
  );
}
