import type { Leak } from '../api/leak-types.ts';
import { leaks } from '../messages/pages/leaks.ts';

/** How a leak is called, in a sentence's beginning. */
export function nameOf({ kind, of, detector }: Leak): string {
  return leaks.one.ofKind[kind](of?.name ?? detector);
}

/** Whether there is something to be done that takes the key out of force. */
export function canRotate({ kind, state, of }: Leak): boolean {
  return state === 'open' && of !== null && (kind === 'virtual_key' || kind === 'credential');
}
