import { useEffect } from 'react';
import type { Candidate } from '../api/discovery-types.ts';
import type { Decide } from './decider.ts';

/** The row that has the focus, as `CandidateName` marks it. */
export const CANDIDATE = 'data-candidate';

/** Decides about the row that has the focus, and goes on to the next: c ours, x none, l whose, p as an imported source suggests, s parts it. */
export function useQueueKeys(
  rows: readonly Candidate[] | undefined,
  decide: Decide,
  open: (sheet: string, key: string) => void,
): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.metaKey || event.ctrlKey || event.altKey || !(event.target instanceof HTMLElement)) return;
      const key = event.target.getAttribute(CANDIDATE);
      const candidate = rows?.find((one) => one.key === key);
      if (candidate === undefined) return;
      const row = event.target.closest('[data-row]');
      const next = row?.nextElementSibling?.querySelector<HTMLElement>('.row-link');
      const before = row?.previousElementSibling?.querySelector<HTMLElement>('.row-link');
      const decideAs = (act: 'confirm' | 'reject' | 'split') => {
        event.preventDefault();
        if (decide({ candidate: candidate.key, act })) (next ?? before)?.focus();
      };
      const suggested = candidate.perhaps;
      if (event.key === 'p' && suggested !== null) {
        event.preventDefault();
        if (suggested.vendor === null) open('link', candidate.key);
        else if (decide({ candidate: candidate.key, act: 'confirm', vendor: suggested.vendor }))
          (next ?? before)?.focus();
      } else if (event.key === 'c' && candidate.vendor !== null) decideAs('confirm');
      else if (event.key === 'x') decideAs('reject');
      else if (event.key === 's' && /^(domain|web):/.test(candidate.key)) decideAs('split');
      else if (event.key === 'l' || event.key === 'c') {
        event.preventDefault();
        open('link', candidate.key);
      }
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [rows, decide, open]);
}
