import type { Grade, TraceKind } from '@drawbridge/evidence';

/**
 * How sure one kind of evidence makes that a vendor is in use, by how it was seen: set by us, for want of measured figures. That
 * a package is installed says little (of a project's direct dependencies about half stood for vendors that were used).
 */
const weights: Readonly<Record<Grade, number>> = {
  observed: 0.95,
  configured: 0.7,
  capable: 0.3,
  transitive: 0.02,
};
/** Kinds that say less than the others of their grade. */
const lesser: Partial<Record<TraceKind, number>> = { variable: 0.5, sender: 0.5, payee: 0.8, service: 0.5 };

export function weightOf(kind: TraceKind, grade: Grade): number {
  return Math.min(weights[grade], lesser[kind] ?? 1);
}

/**
 * How sure all evidence together makes, from 0 to 1: kinds are independent of each other, pieces of one kind are not, so of each
 * kind the best counts once: 1 − Π(1 − w).
 */
export function confidenceOf(evidence: Iterable<{ kind: TraceKind; grade: Grade }>): number {
  const best = new Map<TraceKind, number>();
  for (const { kind, grade } of evidence)
    best.set(kind, Math.max(best.get(kind) ?? 0, weightOf(kind, grade)));
  let doubt = 1;
  for (const weight of best.values()) doubt *= 1 - weight;
  return 1 - doubt;
}
