import { familyOf } from './agent.ts';
import { hourOf } from './hour.ts';
import { networkOf } from './ip.ts';
import { countryCode, countryOf } from './place.ts';
import { SHAPES, shapeIndex } from './shape.ts';
import type { ContractRules, FieldRule, Grain, Shape, Treatment, TreatmentName } from './types.ts';
import { originOf } from './url.ts';

/** What stands for a value that the contract does not list. */
export const OTHER = 'other';

/** A treatment made ready: lists are sets. */
export interface ReadyTreatment {
  do: Treatment['do'];
  /** The coarse form of a value; null when it has none. Only for `generalise` to anything but `origin_path`. */
  coarse: ((text: string) => string | null) | null;
  originPath: boolean;
  /** What crosses; all else is "other". */
  listed: ((coarse: string) => boolean) | null;
}

/** Where a count is kept: one per action, treatment and shape, made when first used. */
export interface Slot {
  action: Action;
  treatment: TreatmentName;
  shape: Shape;
}

/** What happens at one place: a rule of the field map, with the contract's treatment of its class. */
export interface Action {
  path: string;
  class: string;
  treatment: ReadyTreatment;
  prefixes: readonly string[];
  json: boolean;
  queue: boolean;
  /** Whether values cross whatever they are: then they need not even be read. */
  passesAll: boolean;
  /** What becomes of what is found in the values, which pass else; null: they are not looked through. */
  text: FoundRules | null;
  /** By which values that cross as they are may hold no secrets: ids, settings; null: `text`, or they are not looked at. */
  guard: FoundRules | null;
  /** The actions for what was found, by class; made when first used. */
  found: Map<string, Action> | null;
  /** Names that cross as they are; null when the value is not a name given by the app. */
  names: { pass: boolean; allowed: ReadonlySet<string>; known: ReadonlySet<string> } | null;
  /** Path segments that cross as they are, where a URL becomes origin and path; null: all words do. */
  segments: { pass: boolean; allowed: ReadonlySet<string> } | null;
  slots: (Slot | undefined)[];
}

/** A contract's rules for what is found within free text, ready to be applied. */
export interface FoundRules {
  /** The classes of values that are looked through. */
  freeText: ReadonlySet<string>;
  /** The classes of values that are looked through where they are text, and not base64 or an address. */
  media: ReadonlySet<string>;
  treatmentOf(fieldClass: string): ReadyTreatment;
  /** What is written where something was dropped. */
  marker(fieldClass: string): string;
}

/**
 * Made once per contract; null where it does not have free text looked through. `freeText`: the classes of values that
 * are, `media`: those that are where they are text; `marker`: what is written where a finding was dropped.
 */
export function compileFound(
  rules: ContractRules,
  freeText: ReadonlySet<string>,
  marker: (fieldClass: string) => string,
  media: ReadonlySet<string> = new Set(),
): FoundRules | null {
  if (rules.text === undefined) return null;
  const { found, otherwise } = rules.text;
  const ready = new Map(Object.entries(found).map(([name, one]) => [name, readyTreatment(one)]));
  const other = readyTreatment(otherwise);
  return { freeText, media, marker, treatmentOf: (name) => ready.get(name) ?? other };
}

const treatmentIndex: Record<TreatmentName, number> = {
  pass: 0,
  generalise: 1,
  pseudonymise: 2,
  tokenise: 3,
  drop: 4,
  refuse: 5,
};

export function slotOf(action: Action, treatment: TreatmentName, shape: Shape): Slot {
  const index = treatmentIndex[treatment] * SHAPES + shapeIndex[shape];
  const known = action.slots[index];
  if (known !== undefined) return known;
  const slot: Slot = { action, treatment, shape };
  action.slots[index] = slot;
  return slot;
}

const coarseForms: Record<Exclude<Grain, 'origin_path'>, (text: string) => string | null> = {
  network: networkOf,
  family: familyOf,
  origin: originOf,
  hour: hourOf,
  country: countryOf,
};

export function readyTreatment(treatment: Treatment): ReadyTreatment {
  const values = treatment.do === 'pass' || treatment.do === 'generalise' ? treatment.values : undefined;
  const grain = treatment.do === 'generalise' ? treatment.to : null;
  return {
    do: treatment.do,
    coarse: grain === null || grain === 'origin_path' ? null : coarseForms[grain],
    originPath: grain === 'origin_path',
    listed: values === undefined ? null : listOf(values, grain),
  };
}

/** Only what would cross whatever it is is looked through. */
function textOf(fieldClass: string, treatment: ReadyTreatment, text: FoundRules | null): FoundRules | null {
  if (text === null || !passesAll(treatment)) return null;
  return text.freeText.has(fieldClass) || text.media.has(fieldClass) ? text : null;
}

/** The action for what was found in a value under another action. */
export function foundAction(action: Action, text: FoundRules, fieldClass: string, isUnsure: boolean): Action {
  const key = isUnsure ? `${fieldClass}?` : fieldClass;
  action.found ??= new Map();
  const known = action.found.get(key);
  if (known !== undefined) return known;
  const ready = text.treatmentOf(fieldClass);
  const treatment = isUnsure && ready.do === 'refuse' ? readyTreatment({ do: 'tokenise' }) : ready;
  return madeAction(action, action.found, key, fieldClass, treatment);
}

function madeAction(
  action: Action,
  found: Map<string, Action>,
  key: string,
  fieldClass: string,
  treatment: ReadyTreatment,
): Action {
  const { path, segments } = action;
  const made = actionFrom(path, { class: fieldClass, treatment, segments, text: null, guard: null });
  found.set(key, made);
  return made;
}

/** The action for a secret in a value that can't be changed: it may cross, or all is refused. */
export function guardAction(action: Action, rules: FoundRules, fieldClass: string): Action {
  const key = `${fieldClass}!`;
  action.found ??= new Map();
  const known = action.found.get(key);
  if (known !== undefined) return known;
  const passes = rules.treatmentOf(fieldClass).do === 'pass';
  return madeAction(
    action,
    action.found,
    key,
    fieldClass,
    readyTreatment({ do: passes ? 'pass' : 'refuse' }),
  );
}

function passesAll(treatment: ReadyTreatment): boolean {
  return treatment.do === 'pass' && treatment.listed === null;
}

/** Countries are compared by their code, so that "Germany" in a list lets DE cross. */
function listOf(values: readonly string[], grain: Grain | null): (text: string) => boolean {
  if (grain !== 'country') {
    const set = new Set(values);
    return (text) => set.has(text);
  }
  const codes = new Set(values.map((value) => countryCode(value) ?? value));
  return (text) => codes.has(countryCode(text) ?? text);
}

/** The contract's treatment of one rule's class, ready to be applied. */
export function actionFor(rules: ContractRules, rule: FieldRule, found: FoundRules | null): Action {
  const treatment = readyTreatment(rules.classes[rule.class] ?? rules.otherwise);
  const text = rule.name === true ? null : textOf(rule.class, treatment, found);
  return {
    path: rule.path,
    class: rule.class,
    treatment,
    passesAll: passesAll(treatment) && rule.name !== true && text === null,
    text,
    guard: text === null ? found : null,
    found: null,
    prefixes: rule.prefixes ?? [],
    json: rule.json ?? false,
    queue: rule.queue ?? false,
    names:
      rule.name === true
        ? { pass: rules.names.do === 'pass', allowed: allowedNames(rules), known: new Set(rule.known) }
        : null,
    segments: { pass: rules.names.do === 'pass', allowed: allowedNames(rules) },
    slots: [],
  };
}

const allowedByRules = new WeakMap<ContractRules, ReadonlySet<string>>();

/**
 * Allowed event names and path segments; a property that passes by its name may be named in a value too. One that is
 * dropped or pseudonymised may not: its name was put into the contract to keep it in.
 */
export function allowedNames(rules: ContractRules): ReadonlySet<string> {
  const known = allowedByRules.get(rules);
  if (known !== undefined) return known;
  const passing = Object.entries(rules.properties).filter(([, { treatment }]) => treatment.do === 'pass');
  const allowed = new Set([...rules.names.allowed, ...passing.map(([name]) => name)]);
  allowedByRules.set(rules, allowed);
  return allowed;
}

/** What happens to values that no rule maps, or whose name the organisation allowed. */
export interface Template {
  class: string;
  treatment: ReadyTreatment;
  segments: Action['segments'];
  text: FoundRules | null;
  guard: FoundRules | null;
}

export function templateFor(
  fieldClass: string,
  treatment: ReadyTreatment,
  segments: Action['segments'],
  found: FoundRules | null,
): Template {
  const text = textOf(fieldClass, treatment, found);
  return { class: fieldClass, treatment, segments, text, guard: text === null ? found : null };
}

export function actionFrom(path: string, template: Template): Action {
  return {
    path,
    ...template,
    passesAll: passesAll(template.treatment) && template.text === null,
    found: null,
    prefixes: [],
    json: false,
    queue: false,
    names: null,
    slots: [],
  };
}
