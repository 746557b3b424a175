import { type RefObject, useEffect } from 'react';

/** Milliseconds in which a page has drawn what stands above. */
const SETTLED = 3_000;
const byHand = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;

/**
 * Brings a part of a page into sight that the address names behind `#`, and keeps it there while what stands above it still
 * grows, until somebody moves by themselves. `id`: undefined while the part is not there.
 */
export function useArrival(part: RefObject<HTMLElement | null>, id: string | undefined): void {
  useEffect(() => {
    if (id === undefined || location.hash !== `#${id}`) return;
    const watch = new ResizeObserver(() => part.current?.scrollIntoView());
    const stop = (): void => {
      watch.disconnect();
      for (const act of byHand) removeEventListener(act, stop);
    };
    watch.observe(document.body);
    for (const act of byHand) addEventListener(act, stop);
    const end = setTimeout(stop, SETTLED);
    return () => {
      clearTimeout(end);
      stop();
    };
  }, [part, id]);
}
