import type { ChainEdge, ChainLayer, ChainScope } from '../api/chain-types.ts';

const conditionKinds = ['plan', 'region', 'option'] as const;
type Condition = ChainEdge['conditions'][number];

/** What somebody says of a link, as fields hold it. Days are YYYY-MM-DD, `''`: nothing is said. */
export interface LinkDraft {
  layer: ChainLayer;
  scopes: readonly ChainScope[];
  kind: 'url' | 'file' | 'evidence';
  source: string;
  validFrom: string;
  validUntil: string;
  conditions: string;
  conditionsText: string;
  note: string;
}

export const emptyLink: LinkDraft = {
  layer: 'declared',
  scopes: [],
  kind: 'url',
  source: '',
  validFrom: '',
  validUntil: '',
  conditions: '',
  conditionsText: '',
  note: '',
};

const dayOf = (at: string | null): string => at?.slice(0, 10) ?? '';

export function draftOf(edge: ChainEdge): LinkDraft {
  const { kind, text } = edge.source;
  return {
    layer: edge.layer,
    scopes: edge.scopes,
    // What was computed or read from a list is a record, once a person says it anew.
    kind: kind === 'url' || kind === 'file' ? kind : 'evidence',
    source: text,
    validFrom: dayOf(edge.validFrom),
    validUntil: dayOf(edge.validUntil),
    conditions: edge.conditions.map((one) => `${one.kind}: ${one.is}`).join('\n'),
    conditionsText: edge.conditionsText ?? '',
    note: edge.note ?? '',
  };
}

/** The number of the first line that is no condition, from 1, or what the lines say. A line is `plan: Enterprise`. */
export function readConditions(text: string): { conditions: Condition[] } | { wrongLine: number } {
  const conditions: Condition[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, word = '', is = ''] = /^\s*([a-z]+)\s*:\s*(.+?)\s*$/i.exec(line) ?? [];
    const kind = conditionKinds.find((one) => one === word.toLowerCase());
    if (kind === undefined) return { wrongLine: at + 1 };
    conditions.push({ kind, is });
  }
  return { conditions };
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** A day as the beginning of it; where the day was not changed, the moment stays as exact as it was. */
const momentOf = (day: string, was: string | null): string | null =>
  day === '' ? null : day === dayOf(was) ? was : `${day}T00:00:00Z`;

/** What the API is asked, of an edge that is new (`was`: null) or is changed. */
export const saidOf = (draft: LinkDraft, was: ChainEdge | null, conditions: readonly Condition[]) => ({
  scopes: draft.scopes,
  source: { kind: draft.kind, text: draft.source.trim() },
  validFrom: momentOf(draft.validFrom, was?.validFrom ?? null),
  validUntil: momentOf(draft.validUntil, was?.validUntil ?? null),
  conditions,
  conditionsText: orNull(draft.conditionsText),
  note: orNull(draft.note),
});
