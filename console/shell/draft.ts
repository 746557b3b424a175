import { useEffect, useState } from 'react';

/**
 * What is being typed into a form, kept for this tab through a reload or a lost connection. Never give it a
 * credential: those live in component state alone.
 */
export function useDraft<Draft extends object>(
  name: string,
  initial: Draft,
): [Draft, (patch: Partial<Draft>) => void, () => void] {
  const place = `drawbridge.draft.${name}`;
  const [draft, setDraft] = useState<Draft>(() => ({ ...initial, ...stored<Draft>(place) }));

  useEffect(() => {
    sessionStorage.setItem(place, JSON.stringify(draft));
  }, [place, draft]);

  function change(patch: Partial<Draft>): void {
    setDraft((previous) => ({ ...previous, ...patch }));
  }

  function forget(): void {
    setDraft(initial);
    sessionStorage.removeItem(place);
  }

  return [draft, change, forget];
}

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
