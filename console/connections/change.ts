import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, write } from '../api/client.ts';
import type { Connection } from '../api/types.ts';
import { m } from '../messages/en.ts';

/** Changes a connection, unless somebody else changed it since it was read. */
export function useConnectionChange(connection: Connection) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ patch, reason }: { patch: object; reason: string }) =>
      write<Connection>('PATCH', `/connections/${encodeURIComponent(connection.id)}`, {
        body: patch,
        reason,
        ifMatch: connection.etag,
      }),
    onSuccess: () => client.invalidateQueries(),
  });
}

/** The error to show: a lost race is said in words. */
export function changeError(error: Error | null): Error | null {
  if (error instanceof ApiError && error.status === 412) {
    return new ApiError(412, { title: error.title, code: error.code, detail: m.connection.meanwhile });
  }
  return error;
}
