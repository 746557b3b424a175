import { prefixOf } from './canonical.ts';
import type { Observations } from './observations.ts';
import { type Replacement, withReplaced } from './replace.ts';
import { shapeOfText } from './shape.ts';
import {
  type Action,
  type FoundRules,
  foundAction,
  guardAction,
  OTHER,
  type ReadyTreatment,
} from './treatment.ts';
import type { Shape } from './types.ts';
import { originPathOf } from './url.ts';

/**
 * Treats one text. Returns the text itself when it crosses as it is, another text that stands for it, or null when
 * it is dropped. Counts what was done. Throws FieldRefusedError.
 */
export function treatText(value: string, shape: Shape, action: Action, seen: Observations): string | null {
  const { treatment } = action;
  if (action.guard !== null && seen.leaves(action)) guardText(value, action, action.guard, seen);
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
    case 'tokenise':
      return tokenised(value, shape, action, seen);
    case 'pass':
      if (action.text !== null) return treatFreeText(value, shape, action, seen);
      return passed(value, shape, action, treatment, seen);
  }
}

function tokenised(value: string, shape: Shape, action: Action, seen: Observations): string {
  seen.count(action, 'tokenise', shape);
  // Of what stays as it is no token may be put into an answer.
  return value === '' || seen.leaves(action) ? value : seen.token(action.class, value);
}

/** A text outside a body: its name is the last step of its rule's path (`query:note`). */
function treatFreeText(value: string, shape: Shape, action: Action, seen: Observations): string {
  seen.count(action, 'pass', shape);
  const name = action.path.slice(Math.max(action.path.lastIndexOf(':'), action.path.lastIndexOf('.')) + 1);
  return withReplaced(value, treatFound(value, name, action, seen));
}

/** No value that somebody keeps is shorter, and none that a rule tells. */
export const SHORTEST_SECRET = 8;

/**
 * Looks for secrets in a text that crosses as it is: in an id or a setting nothing can be put in their place. Returns whether
 * there are none. Throws FieldRefusedError where one is found that the contract does not let pass, and what the scanner throws.
 */
export function guardText(value: string, action: Action, rules: FoundRules, seen: Observations): boolean {
  if (value.length < SHORTEST_SECRET) return true;
  let isClean = true;
  for (const { class: fieldClass, start, end } of seen.secrets(value, action.class)) {
    isClean = false;
    const found = guardAction(action, rules, fieldClass);
    const shape = shapeOfText(value.slice(start, end));
    if (found.treatment.do === 'refuse') seen.refuse(found, shape);
    else seen.count(found, 'pass', shape);
  }
  return isClean;
}

/** What `treatFound` returns where nothing was found; where all was left as it is, another empty list. */
export const nothing: readonly Replacement[] = [];

/**
 * Treats what is found in a text that would pass as a whole: each finding by its own class. Returns what is to be
 * replaced, in order. `name`: of the member that the text stands under, or ''. Throws FieldRefusedError, and what the
 * scanner throws.
 */
export function treatFound(
  text: string,
  name: string,
  action: Action,
  seen: Observations,
): readonly Replacement[] {
  if (action.text === null || text === '') return nothing;
  const findings = seen.find(text, name);
  if (findings.length === 0) return nothing;
  const replaced: Replacement[] = [];
  let at = 0;
  for (const { class: fieldClass, start, end, isUnsure } of findings) {
    // What was found can't be cut out of a text that it does not stand in: nothing crosses then.
    if (!(start >= at && end > start && end <= text.length)) throw new RangeError('findings that do not fit');
    at = end;
    const found = foundAction(action, action.text, fieldClass, isUnsure);
    const value = text.slice(start, end);
    const treated = treatText(value, shapeOfText(value), found, seen);
    if (treated === value || seen.leaves(found)) continue;
    // In the midst of a text "other" would read as one of its words.
    const gone = treated === null || treated === OTHER;
    replaced.push({ start, end, text: gone ? action.text.marker(fieldClass) : treated });
  }
  return replaced;
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
  if (action.guard !== null && treatment.listed === null) guardText(value, action, action.guard, seen);
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
