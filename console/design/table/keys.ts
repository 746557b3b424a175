import { type FocusEvent, type RefObject, useEffect, useRef } from 'react';

function typesInto(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable], dialog') !== null
  );
}

/**
 * j and k walk the rows by focusing each row's link, so that Enter opens it and a screen reader reads it.
 * A row that is not drawn yet is scrolled to first.
 */
export function useRowKeys(
  body: RefObject<HTMLTableSectionElement | null>,
  rowCount: number,
  scrollTo: (index: number) => void,
): { onFocus: (event: FocusEvent) => void } {
  const active = useRef(-1);
  const reveal = useRef(scrollTo);
  reveal.current = scrollTo;

  useEffect(() => {
    function focusRow(index: number, triesLeft: number): void {
      const link = body.current?.querySelector<HTMLElement>(`[data-row="${index}"] .row-link`);
      if (link) {
        link.focus();
        return;
      }
      if (triesLeft === 0) return;
      reveal.current(index);
      requestAnimationFrame(() => focusRow(index, triesLeft - 1));
    }

    function onKey(event: KeyboardEvent): void {
      if (event.metaKey || event.ctrlKey || event.altKey || typesInto(event.target)) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      if (rowCount === 0) return;
      event.preventDefault();
      const next = event.key === 'j' ? active.current + 1 : active.current - 1;
      active.current = Math.min(rowCount - 1, Math.max(0, next));
      focusRow(active.current, 20);
    }

    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [body, rowCount]);

  return {
    onFocus: (event) => {
      const row = (event.target as HTMLElement).closest('[data-row]');
      if (row !== null) active.current = Number(row.getAttribute('data-row'));
    },
  };
}
