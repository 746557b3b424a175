import type { Evidence } from './types.ts';

type Given = Partial<Pick<Evidence, 'source' | 'value'>>;

const make =
  (weighs: Evidence['weighs'], strength: Evidence['strength']) =>
  (signal: string, text: string, { source = 'claimed', value = null }: Given = {}): Evidence => ({
    signal,
    source,
    weighs,
    strength,
    text,
    value,
  });

export const speaksFor = make('for', 'strong');
export const strongly = make('against', 'strong');
export const weakly = make('against', 'weak');
export const note = make('note', 'weak');

const rank = (one: Evidence): number =>
  one.weighs === 'against' ? (one.strength === 'strong' ? 0 : 1) : one.weighs === 'for' ? 2 : 3;

/** The most telling first; what was found twice stands once. */
export function inOrder(evidence: readonly Evidence[]): Evidence[] {
  const once = new Map(evidence.map((one) => [`${one.signal} ${one.value ?? ''}`, one]));
  return [...once.values()].sort((a, b) => rank(a) - rank(b));
}
