import { type Edge, type Layer, type Scope, US } from '../chain/index.ts';
import { waysTo } from '../incidents/index.ts';
import type { grades } from './schemas.ts';

/** A vendor of ours behind which a party stands, and how. */
export interface Dependent {
  vendor: string;
  /** From the vendor to the party, which is last. */
  through: readonly string[];
  /** Of the weakest link. */
  layer: Layer;
  /** How surely we use the vendor ourselves. */
  grade: (typeof grades)[number];
  scopes: readonly Scope[] | null;
}

/** Every vendor of ours from which data may get to the party, the shortest way of each; the party itself where we use it. */
export function dependentsOf(party: string, edges: readonly Edge[]): Dependent[] {
  const ours = edges.filter(({ from }) => from === US);
  return waysTo(party, edges).flatMap(({ through, layer, scopes }) => {
    const [vendor] = through;
    return vendor === undefined ? [] : [{ vendor, through, layer, grade: gradeOf(vendor, ours), scopes }];
  });
}

function gradeOf(vendor: string, ours: readonly Edge[]): Dependent['grade'] {
  const mine = ours.filter(({ to }) => to === vendor);
  if (mine.some(({ layer }) => layer === 'observed')) return 'observed';
  if (mine.some(({ layer, source }) => layer === 'declared' && source.kind === 'connection'))
    return 'configured';
  return 'capable';
}
