import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';

/** Changes a connection, unless it was changed since `basedOn` was read. */
export function useConnectionChange(connection: Connection) {
  const client = useQueryClient();
  const { queryKey } = queries.connection(connection.id);
  return useMutation({
    mutationFn: ({ patch, reason, basedOn }: { patch: object; reason: string; basedOn: string }) =>
      write<Connection>('PATCH', `/connections/${encodeURIComponent(connection.id)}`, {
        body: patch,
        reason,
        ifMatch: basedOn,
      }),
    onSuccess: ({ notices: _notices, ...changed }) => {
      // The answer first, so that a form that starts again starts from it.
      client.setQueryData(queryKey, changed);
      return client.invalidateQueries();
    },
    onError: (error) => (isLostRace(error) ? client.invalidateQueries({ queryKey }) : undefined),
  });
}

/** Somebody else changed it first. */
export function isLostRace(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 412;
}
