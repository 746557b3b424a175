import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { places } from './places.ts';

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

/** How long after `g` the second key still counts, in milliseconds. */
const pairWithin = 1200;

/** Keys that work on every page: ⌘K, ?, / and g followed by a page's letter. */
export function useShortcuts({ onPalette, onKeys }: { onPalette: () => void; onKeys: () => void }): void {
  const navigate = useNavigate();
  const acts = useRef({ onPalette, onKeys });
  acts.current = { onPalette, onKeys };

  useEffect(() => {
    // Not 0: a page is younger than a pair of keys when its first key is pressed.
    let goPressedAt = Number.NEGATIVE_INFINITY;

    function onKey(event: KeyboardEvent): void {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        acts.current.onPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const place = places.find((candidate) => candidate.key === event.key);
      if (place !== undefined && event.timeStamp - goPressedAt < pairWithin) {
        goPressedAt = Number.NEGATIVE_INFINITY;
        void navigate({ to: place.to });
      } else if (event.key === 'g') {
        goPressedAt = event.timeStamp;
      } else if (event.key === '?') {
        acts.current.onKeys();
      } else if (event.key === '/') {
        const filter = document.querySelector<HTMLElement>('main [data-filter]');
        if (filter !== null) {
          event.preventDefault();
          filter.focus();
        }
      }
    }

    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
}
