import type { ReactNode } from 'react';
import { useActions } from '../api/may.ts';

/** What the desk asks rights for. */
type MessageAction = 'message.report' | 'message.read' | 'message.decide' | 'message.change_intake';

/** Whether who is signed in may do this of the desk. */
export const useMayOfDesk = (action: MessageAction): boolean => useActions().has(action);

/** What works for who may do it alone; others are shown nothing of it. */
export function MayOfDesk({ action, children }: { action: MessageAction; children: ReactNode }) {
  return useMayOfDesk(action) ? children : null;
}
