import { useEffect, useState } from 'react';

/**
 * What is being typed into a form, kept for this tab through a reload or a lost connection. Only what was touched is
 * kept: everything else is as `initial` says now, so that what others change meanwhile is seen and not put back. Never
 * give it a credential: those live in component state alone.
 */
export function useDraft<Draft extends object>(
  name: string,
  initial: Draft,
): [Draft, (patch: Partial<Draft>) => void, () => void] {
  const place = placeOf(name);
  const [touched, setTouched] = useState(() => stored<Draft>(place));

  useEffect(() => {
    if (Object.keys(touched).length === 0) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(touched));
  }, [place, touched]);

  function change(patch: Partial<Draft>): void {
    setTouched((previous) => ({ ...previous, ...patch }));
  }

  function forget(): void {
    setTouched({});
    sessionStorage.removeItem(place);
  }

  return [{ ...initial, ...touched }, change, forget];
}

/** Whether something that was typed is kept under this name. */
export function hasDraft(name: string): boolean {
  return sessionStorage.getItem(placeOf(name)) !== null;
}

const placeOf = (name: string): string => `drawbridge.draft.${name}`;

function stored<Draft>(place: string): Partial<Draft> {
  const text = sessionStorage.getItem(place);
  if (text === null) return {};
  try {
    return JSON.parse(text) as Partial<Draft>;
  } catch {
    // Not ours or cut off: start from the beginning rather than fail the page.
    sessionStorage.removeItem(place);
    return {};
  }
}
