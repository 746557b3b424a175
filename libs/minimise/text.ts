import { prefixOf } from './canonical.ts';
import type { Observations } from './observations.ts';
import { type Action, OTHER, type ReadyTreatment } from './treatment.ts';
import type { Shape } from './types.ts';
import { originPathOf } from './url.ts';

/**
 * Treats one text. Returns the text itself when it crosses as it is, another text that stands for it, or null when
 * it is dropped. Counts what was done. Throws FieldRefusedError.
 */
export function treatText(value: string, shape: Shape, action: Action, seen: Observations): string | null {
  const { treatment } = action;
  switch (treatment.do) {
    case 'refuse':
      seen.refuse(action, shape);
      return null;
    case 'drop':
      seen.count(action, 'drop', shape);
      return null;
    case 'pseudonymise':
      return pseudonymised(value, shape, action, seen);
    case 'generalise':
      seen.count(action, 'generalise', shape);
      return generalised(value, action, treatment, seen);
    case 'pass':
      return passed(value, shape, action, treatment, seen);
  }
}

function passed(
  value: string,
  shape: Shape,
  action: Action,
  treatment: ReadyTreatment,
  seen: Observations,
): string {
  if (action.names !== null && !crossesAsName(action.names, value)) {
    seen.sight('event_name', value, shape);
    return pseudonymised(value, shape, action, seen);
  }
  const crosses = treatment.listed === null || treatment.listed(value);
  seen.count(action, crosses ? 'pass' : 'generalise', shape);
  return crosses ? value : OTHER;
}

function crossesAsName(names: NonNullable<Action['names']>, value: string): boolean {
  return value === '' || names.pass || names.known.has(value) || names.allowed.has(value);
}

function pseudonymised(value: string, shape: Shape, action: Action, seen: Observations): string {
  if (action.names?.known.has(value) === true) {
    seen.count(action, 'pass', shape);
    return value;
  }
  seen.count(action, 'pseudonymise', shape);
  const prefix = prefixOf(value, action.prefixes);
  const bare = value.slice(prefix.length);
  // Nothing to hide, and vendors treat an empty id as none.
  return bare === '' ? value : prefix + seen.pseudonym(bare);
}

function generalised(value: string, action: Action, treatment: ReadyTreatment, seen: Observations): string {
  const coarse = treatment.originPath
    ? pathPattern(value, action, seen)
    : (treatment.coarse?.(value) ?? null);
  if (coarse === null) return value === '' ? value : OTHER;
  return treatment.listed === null || treatment.listed(coarse) ? coarse : OTHER;
}

function pathPattern(value: string, action: Action, seen: Observations): string | null {
  const { segments } = action;
  return originPathOf(value, (word) => {
    if (segments === null || segments.pass || segments.allowed.has(word)) return word;
    seen.sight('path_segment', word, 'string');
    return seen.pseudonym(word);
  });
}
