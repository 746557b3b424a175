import { stringValue } from '@drawbridge/jsonedit';
import { percentDecode } from '@drawbridge/minimise';
import { type CompiledEndpoint, paramsOf } from './match.ts';
import type { Inspection } from './read.ts';

/**
 * The model that a request asks for: of the path where it stands there (`/model/{model}/converse`), else as the body
 * names it. Null where it names none, or several, of which vendors take this one or that.
 */
export function modelOf(endpoint: CompiledEndpoint, path: string, { body }: Inspection): string | null {
  if (endpoint.modelParam !== null) {
    const inPath = paramsOf(endpoint, path)[endpoint.modelParam];
    return inPath === undefined ? null : percentDecode(inPath, false);
  }
  if (body === null) return null;
  const { text, root } = body.document;
  const [model, ...more] = (root.members ?? []).filter(({ name }) => name === 'model');
  if (model === undefined || more.length > 0) return null;
  const { kind } = model.value;
  return kind === 'string' || kind === 'escaped' ? stringValue(text, model.value) : null;
}

/** A model's name, or with `*` at its end the beginning of several. */
export interface ModelPattern {
  /** As it was written. */
  text: string;
  start: string;
  isWhole: boolean;
}

/** Patterns, the longest first: the first that fits says most. */
export function modelPatterns(texts: Iterable<string>): ModelPattern[] {
  return [...new Set(texts)]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((text) => {
      const isWhole = !text.endsWith('*');
      return { text, isWhole, start: isWhole ? text : text.slice(0, -1) };
    });
}

/** The pattern that a model fits; null: none. */
export function patternFor(model: string, patterns: readonly ModelPattern[]): ModelPattern | null {
  for (const pattern of patterns) {
    if (pattern.isWhole ? model === pattern.start : model.startsWith(pattern.start)) return pattern;
  }
  return null;
}
