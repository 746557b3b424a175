import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Action } from '../../control/platform/actions.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { App } from '../api/types.ts';

/** Whether an app is this person's: its owner is their e-mail address. A team's name is nobody's. */
export function isOwnApp({ owner }: Pick<App, 'owner'>, email: string | null | undefined): boolean {
  return email != null && owner.trim().toLowerCase() === email.trim().toLowerCase();
}

/** Says of an app whether whoever is signed in may do this with it, as for all or as for one's own. */
export function useMayWithApp(action: Action): (app: Pick<App, 'owner'> | undefined) => boolean {
  const [all, own] = [useMay(action), useMay(action, 'own')];
  const email = useQuery(queries.session()).data?.person?.email;
  return useCallback((app) => all || (own && app !== undefined && isOwnApp(app, email)), [all, own, email]);
}
