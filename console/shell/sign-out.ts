import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { forgetWhereTo } from './return.ts';

/** Ends the session and goes to the sign-in page; a failure is left to whoever asked to say. */
export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => write<null>('DELETE', '/session', {}),
    onSuccess: async () => {
      const { queryKey } = queries.session();
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
      await client.resetQueries({ queryKey });
      await navigate({ to: '/sign-in' });
      forgetWhereTo();
    },
  });
}
