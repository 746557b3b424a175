import { useQuery } from '@tanstack/react-query';
import type { Action } from '../../control/platform/actions.ts';
import { queries } from './queries.ts';

/**
 * Whether who is signed in may do this, for everything or for what is theirs. False while that is not known: a button
 * that cannot work is not offered. The control plane decides each time, whatever is shown.
 */
export function useMay(action: Action, own?: 'own'): boolean {
  const session = useQuery(queries.session());
  const { actions = [], ownActions = [] } = session.data ?? {};
  return actions.includes(action) || (own === 'own' && ownActions.includes(action));
}
