import type { ReactNode } from 'react';
import type { Action } from '../../control/platform/actions.ts';
import { useMay } from '../api/may.ts';
import { m } from '../messages/en.ts';

/**
 * What works for who may do it alone. Others are shown nothing of it, or with `told` the sentence that says who can give
 * them the right.
 */
export function Permitted({
  action,
  own,
  told = false,
  children,
}: {
  action: Action;
  /** Permitted for what is theirs is enough. */
  own?: 'own';
  told?: boolean;
  children: ReactNode;
}) {
  const may = useMay(action, own);
  if (may) return children;
  return told ? (
    <p className="text-soft">
      {m.problem.notPermitted} {m.problem.whoCan}
    </p>
  ) : null;
}
