import { createHash } from 'node:crypto';
import type { Leaf } from '@drawbridge/protocol';

/** What many crossings have in common: all but time, ids, sizes and counts. */
export interface CrossingKind {
  signature: string;
  vendor: string;
  service: string;
  connection: string;
  app: string;
  key: string;
  endpoint: string;
  class: string;
  method: string;
  decision: string;
  reason: string | null;
  stage: string | null;
  /** Field classes and, at the same places, what became of them. */
  classes: string[];
  treatments: string[];
  /** The recovery drill that they were part of, and as what; absent: none. */
  drill?: { id: string; part: 'first' | 'later' | 'held' };
}

/**
 * The treatment as it took effect: in a refused crossing nothing was sent, whatever the contract would have done with
 * the other fields.
 */
export function effectiveTreatment(decision: Leaf['decision'], treatment: string): string {
  return decision === 'refused' ? 'refuse' : treatment;
}

/** `kindOf` that works each kind out once: most leaves of a batch are of a few. */
export function kindsOfBatch(): (leaf: Leaf) => CrossingKind {
  const known = new Map<string, CrossingKind>();
  return (leaf) => {
    const parts: unknown[] = Object.values(namedOf(leaf));
    const drill = drillOfLeaf(leaf);
    parts.push(drill?.id, drill?.part);
    for (const [fieldClass, treatment] of leaf.fields) parts.push(fieldClass, treatment);
    // No text of a leaf holds a NUL: ingest refuses those that do.
    const key = parts.join('\u0000');
    const kind = known.get(key) ?? kindOf(leaf);
    known.set(key, kind);
    return kind;
  };
}

function kindOf(leaf: Leaf): CrossingKind {
  const pairs = new Set(
    leaf.fields.map(
      ([fieldClass, treatment]) => `${fieldClass} ${effectiveTreatment(leaf.decision, treatment)}`,
    ),
  );
  const fields = [...pairs].sort();
  const named = namedOf(leaf);
  const drill = drillOfLeaf(leaf);
  const signature = createHash('sha256')
    // Kinds of before there were drills keep their signatures.
    .update(JSON.stringify([Object.values(named), fields, ...(drill === undefined ? [] : [drill])]))
    .digest('base64url');
  return {
    signature,
    ...named,
    classes: fields.map((field) => field.split(' ')[0] ?? ''),
    treatments: fields.map((field) => field.split(' ')[1] ?? ''),
    ...(drill === undefined ? {} : { drill }),
  };
}

/** Of a request that was tried more than once, the first try stands for it. */
function drillOfLeaf({ drill, route }: Leaf): CrossingKind['drill'] {
  if (drill === undefined) return undefined;
  const part = drill.held === true ? 'held' : route?.first === undefined ? 'first' : 'later';
  return { id: drill.id, part };
}

function namedOf(leaf: Leaf): Omit<CrossingKind, 'signature' | 'classes' | 'treatments' | 'drill'> {
  return {
    vendor: leaf.vendor,
    service: leaf.service,
    connection: leaf.connection,
    app: leaf.app,
    key: leaf.key,
    endpoint: leaf.endpoint,
    class: leaf.class,
    method: leaf.method,
    decision: leaf.decision,
    reason: leaf.reason,
    stage: leaf.stage,
  };
}
