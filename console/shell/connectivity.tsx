import { onlineManager, useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { UnreachableError } from '../api/client.ts';
import { useLiveness } from '../api/live.ts';
import { Button } from '../design/button.tsx';
import { m } from '../messages/en.ts';

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
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
  if (online && !unreachable) return null;
  return (
    <div
      role="status"
      className="sticky top-0 z-10 flex flex-wrap items-center justify-between gap-3 border-b border-alert bg-alert-wash px-4 py-2 max-lg:top-12 sm:px-8"
    >
      <p>{online ? m.pulse.unreachable : m.pulse.offline}</p>
      <Button slim disabled={fetching > 0} onClick={() => void client.invalidateQueries()}>
        {m.common.tryAgain}
      </Button>
    </div>
  );
}
