import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Approval } from '../api/trust-types.ts';

/** What waits for a second person is over by the clock, too: it is read again this often (ms). */
const readEvery = 60_000;

export function useApprovals() {
  const mayRead = useMay('approval.read');
  return useQuery({ ...queries.approvals(), enabled: mayRead, refetchInterval: readEvery });
}

/** Whether it is for this person to decide: somebody else asked, and nobody has answered. */
export const isFor = (approval: Approval, me: string | undefined): boolean =>
  approval.state === 'asked' && approval.askedBy.id !== me;

/** How many changes wait for whoever is signed in; 0 for who may not decide. */
export function useWaitingForMe(): number {
  const mayDecide = useMay('approval.decide');
  const me = useQuery(queries.session()).data?.actor?.id;
  const approvals = useApprovals();
  if (!mayDecide) return 0;
  return approvals.data?.items.filter((one) => isFor(one, me)).length ?? 0;
}
