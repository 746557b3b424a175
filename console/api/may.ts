import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Action } from '../../control/platform/actions.ts';
import { queries } from './queries.ts';

const none: readonly string[] = [];

/** What whoever is signed in may do, for everything. Nothing while that is not known. */
export function useActions(): ReadonlySet<string> {
  const actions = useQuery(queries.session()).data?.actions ?? none;
  return useMemo(() => new Set(actions), [actions]);
}

/**
 * Whether who is signed in may do this, for everything or, with `own`, for what is theirs. A button that cannot work is
 * not offered; the control plane decides each time, whatever is shown.
 */
export function useMay(action: Action, own?: 'own'): boolean {
  const ownActions = useQuery(queries.session()).data?.ownActions ?? none;
  return useActions().has(action) || (own === 'own' && ownActions.includes(action));
}
