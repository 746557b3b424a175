import { useEffect, useRef } from 'react';

/** Moves the focus to the heading whenever `step` becomes another one; the first is left to the browser. */
export function useHeadingOf(step: string): void {
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [step]);
}
