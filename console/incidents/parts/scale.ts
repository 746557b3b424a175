/** Where now stands on the wall, as a share of its width. */
export const NOW_AT = 0.3;

/**
 * Places a time on the wall: what is near now gets more room than what is far (by the square root), so that a duty of hours can
 * be seen beside one of a month. `past`, `ahead`: the farthest times shown, in ms before and after now; what is farther
 * stands at the edge. Returns 0 to 1.
 */
export function placeOf(at: number, now: number, past: number, ahead: number): number {
  const share = (distance: number, most: number): number =>
    most <= 0 ? 0 : Math.sqrt(Math.min(1, distance / most));
  return at < now ? NOW_AT * (1 - share(now - at, past)) : NOW_AT + (1 - NOW_AT) * share(at - now, ahead);
}
