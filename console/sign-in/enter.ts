import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { queries } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { takeWhereTo } from '../shell/return.ts';

/** Asks anew who is signed in and goes where that leads: to what they wanted, to enrolling, or to the next factor. */
export function useEnter(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    // An answer that is still on its way speaks of who was here before.
    await client.cancelQueries({ queryKey: queries.session().queryKey });
    const session = await client.fetchQuery({ ...queries.session(), staleTime: 0 });
    const place = placeFor(session);
    // What was answered to somebody with fewer rights, or to somebody else, is not shown again.
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== '/session' });
    await navigate({ href: place === null ? takeWhereTo() : place, replace: true });
  }, [client, navigate]);
}

/** Where somebody has to be who is not signed in yet; null for those who are. */
export function placeFor(session: Session): '/sign-in' | '/welcome' | null {
  if (session.stage === 'signed_in') return null;
  return session.stage === 'enrolling' ? '/welcome' : '/sign-in';
}
