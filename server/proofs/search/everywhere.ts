import { setTimeout as wait } from 'node:timers/promises';
import type { Place } from '../leaks/places.ts';
import { type Finding, type Needle, searchFor } from './search.ts';

/** Searches all places. Gives way between them, so that the test's runner hears from this process. */
export async function searchAll(needles: readonly Needle[], places: readonly Place[]): Promise<Finding[]> {
  const search = searchFor(needles);
  const found: Finding[] = [];
  for (const { where, bytes } of places) {
    found.push(...search(where, bytes));
    await wait(0);
  }
  return found;
}

/** Findings in words, each once. */
export const told = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.map(({ needle, how, where }) => `${needle} (${how}) in ${where}`))].sort();
