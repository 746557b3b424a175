import { useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { queries } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { Bones } from '../design/state.tsx';
import { takeWhereTo } from '../shell/return.ts';

/** Asks anew who is signed in, after something that changed it. Where that leads, the page then says with `Elsewhere`. */
export function useEnter(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    const { queryKey } = queries.session();
    // An answer that is still on its way speaks of who was here before.
    await client.cancelQueries({ queryKey });
    // What was answered to somebody with fewer rights, or to somebody else, is not shown again.
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
    await client.fetchQuery({ ...queries.session(), staleTime: 0 });
  }, [client]);
}

/** Where somebody has to be who is not signed in yet; null for those who are. */
export function placeFor(session: Session): '/sign-in' | '/welcome' | null {
  if (session.stage === 'signed_in') return null;
  return session.stage === 'enrolling' ? '/welcome' : '/sign-in';
}

/** Leads to where this session has to be, and whoever is signed in to where they were going. */
export function Elsewhere({ session }: { session: Session }) {
  const place = placeFor(session);
  return place === null ? <WhereTheyWereGoing /> : <Navigate to={place} replace />;
}

function WhereTheyWereGoing() {
  const navigate = useNavigate();
  const gone = useRef(false);
  useEffect(() => {
    // The place is told once.
    if (gone.current) return;
    gone.current = true;
    void navigate({ href: takeWhereTo(), replace: true });
  }, [navigate]);
  return <Bones lines={3} />;
}
