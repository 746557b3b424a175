import { compileAutomaton, type State, type Target } from './automaton.ts';
import { FieldMapError } from './error.ts';
import { isFromRoot, parsePath, type Step } from './path.ts';
import {
  type Action,
  actionFor,
  allowedNames,
  type FoundRules,
  readyTreatment,
  type Template,
  templateFor,
} from './treatment.ts';
import type { ContractRules, FieldMap, ReviewSighting } from './types.ts';

/** A contract's rules for names that no field map knows, ready to be applied. */
export interface CompiledNames {
  unmapped: Template;
  /** Names that the organisation allowed. */
  properties: ReadonlyMap<string, Template>;
  /** What an unmapped name is called in the review queue. */
  sightingKind: ReviewSighting['kind'];
}

/** One endpoint's field map under one contract. */
export interface CompiledMap {
  records: readonly Step[];
  start: State;
  /** What holds for members beside the records: rules whose paths begin at the body's root. */
  around: State;
  names: CompiledNames;
  /** For a body that does not have the first name on the way to the records; null: this map holds for every body. */
  otherwise: CompiledMap | null;
}

export interface CompileOptions {
  /** What an unmapped name is called in the review queue: `property` of an event, or `parameter` of an API. */
  sightingKind: 'property' | 'parameter';
  /** Paths where a key stands, within a record or (`$.`) from the root: it is put in there, never counted. */
  keyPaths?: readonly string[];
  /** What becomes of what is found within free text (`compileFound`); left out: it is not looked through. */
  found?: FoundRules | null;
}

/** Joins a field map and a contract. Throws FieldMapError naming the path. Done once per snapshot, never per request. */
export function compileMap(map: FieldMap, rules: ContractRules, options: CompileOptions): CompiledMap {
  const places = recordPlaces(map.records);
  let compiled: CompiledMap | null = null;
  for (const place of places.toReversed()) compiled = compileAt(place, map, rules, options, compiled);
  if (compiled === null) throw new FieldMapError('bad_path', map.records, 'says no place of records');
  return compiled;
}

/** The places that records may be at, in the order in which they count. Throws FieldMapError `bad_path`. */
export function recordPlaces(records: string): Step[][] {
  return records.split(' | ').map(parsePath);
}

function compileAt(
  records: Step[],
  map: FieldMap,
  rules: ContractRules,
  options: CompileOptions,
  otherwise: CompiledMap | null,
): CompiledMap {
  if (records.some((step) => step.take === 'any' || step.take === 'rest')) {
    throw new FieldMapError('bad_path', map.records, 'records are at names and `[*]` only');
  }
  const none = { action: null, subject: null, key: false };
  const targets: Target[] = [
    ...map.fields.map((rule) => ({
      ...none,
      path: rule.path,
      action: actionFor(rules, rule, options.found ?? null),
    })),
    ...map.subjects.map((rule) => ({ ...none, path: rule.path, subject: rule })),
    ...(options.keyPaths ?? []).map((path) => ({ ...none, path, key: true })),
  ];
  // Without a name on the way, a record is the body itself or an element of it: nothing lies beside, and a path from
  // the root is one within the record, where it gives way to one that says so.
  const hasBeside = records.some((step) => step.take === 'name');
  const isAround = (path: string) => hasBeside && isFromRoot(path);
  const within = (isRule: boolean) =>
    new Set(targets.filter(({ action }) => (action !== null) === isRule).map(({ path }) => path));
  const [mapped, marks] = [within(true), within(false)];
  const givesWay = ({ path, action }: Target) =>
    isFromRoot(path) && (action === null ? marks : mapped).has(path.slice(2));
  return {
    records,
    start: compileAutomaton(targets.filter((target) => !isAround(target.path) && !givesWay(target))),
    around: compileAutomaton(targets.filter(({ path }) => isAround(path))),
    names: compileNames(map.unmapped, rules, options.sightingKind, options.found ?? null),
    otherwise,
  };
}

export function compileNames(
  unmappedClass: string,
  rules: ContractRules,
  sightingKind: ReviewSighting['kind'],
  found: FoundRules | null = null,
): CompiledNames {
  const segments: Template['segments'] = { pass: rules.names.do === 'pass', allowed: allowedNames(rules) };
  return {
    unmapped: templateFor(unmappedClass, readyTreatment(rules.unmapped), segments, found),
    properties: new Map(
      Object.entries(rules.properties).map(([name, property]): [string, Template] => [
        name,
        templateFor(property.class, readyTreatment(property.treatment), segments, found),
      ]),
    ),
    sightingKind,
  };
}

/** The action for one value outside a body (a header, a query parameter, a path segment) of a known class. */
export function compileField(
  path: string,
  fieldClass: string,
  rules: ContractRules,
  found: FoundRules | null = null,
): Action {
  return actionFor(rules, { path, class: fieldClass }, found);
}
