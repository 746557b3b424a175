import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** The row that has the focus, as its link marks it. */
export const MESSAGE = 'data-message';

/** Milliseconds in which the second of a pair of keys (g c) belongs to its first. */
const PAIR = 1_200;

/** All between two rows of a list, both with them, whichever stands first; the second alone where the first is not there. */
export function between(ids: readonly string[], from: string | null, to: string): string[] {
  const [a, b] = [from === null ? -1 : ids.indexOf(from), ids.indexOf(to)];
  if (b === -1) return [];
  return a === -1 ? [to] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** Which rows of a list are chosen. What leaves the list is not chosen any more. */
export function useChosen(ids: readonly string[]) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  const chosen = useMemo(() => ids.filter((id) => picked.has(id)), [ids, picked]);
  const toggle = useCallback((id: string): void => {
    anchor.current = id;
    setPicked((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const extend = useCallback(
    (id: string): void => {
      const more = between(ids, anchor.current, id);
      anchor.current = id;
      setPicked((before) => new Set([...before, ...more]));
    },
    [ids],
  );
  const letGo = useCallback((): void => {
    anchor.current = null;
    setPicked(new Set());
  }, []);
  return { chosen, toggle, extend, letGo };
}

interface Acts {
  toggle: (id: string) => void;
  extend: (id: string) => void;
  letGo: () => void;
  /** `focused`: the row that has the focus, null where none has. */
  close: (focused: string | null) => void;
  undo: () => void;
}

/** Keys of the queue: x and X choose, u lets go, c closes, z takes back. None while somebody types or a sheet is open. */
export function useQueueKeys(acts: Acts): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    let goPressedAt = Number.NEGATIVE_INFINITY;
    function onKey(event: KeyboardEvent): void {
      const { target } = event;
      if (event.metaKey || event.ctrlKey || event.altKey || !(target instanceof HTMLElement)) return;
      if (target.closest('input:not([type=checkbox]), textarea, select, dialog') !== null) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (event.key === 'g') goPressedAt = event.timeStamp;
      if (event.timeStamp - goPressedAt < PAIR) return;
      const focused =
        target.closest('[data-row]')?.querySelector(`[${MESSAGE}]`)?.getAttribute(MESSAGE) ?? null;
      const { toggle, extend, letGo, close, undo } = latest.current;
      if (event.key === 'x' && focused !== null) toggle(focused);
      else if (event.key === 'X' && focused !== null) extend(focused);
      else if (event.key === 'u') letGo();
      else if (event.key === 'c') close(focused);
      else if (event.key === 'z') undo();
      else return;
      event.preventDefault();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
