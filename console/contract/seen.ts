import { parse } from '@drawbridge/jsonedit';
import {
  compileMap,
  FieldRefusedError,
  type FieldRule,
  minimiseDocument,
  Observations,
  type Treatment,
} from '@drawbridge/minimise';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import { foundClasses, freeTextClasses } from '@drawbridge/protocol/vocabulary';
import type { SeenField, SeenShapes, ServiceDetail, TreatmentName } from '../api/types.ts';
import { treatmentOrder, vendorGot } from '../design/classes.ts';
import type { PreviewKeyed } from './keyed.ts';
import { madeUpValue } from './made-up.ts';
import { ruleFor, rulesForLibrary, withRule } from './rules.ts';

/** One place at which something was seen, and what the vendor would get from it under the rules that are edited. */
export interface SeenRow {
  field: SeenField;
  /** No rule of the pack maps the name, and the contract does not list it. */
  unmapped: boolean;
  would: TreatmentName;
  /** A made-up value of the seen shape, as JSON. */
  sent: string;
  /** What the vendor would get from it, as JSON; null: nothing. */
  got: string | null;
  /**
   * Against what crossed: the same; another treatment; the same treatment but another outcome than under the contract
   * in force; or one that hangs on the value, which is not known here.
   */
  change: 'same' | 'treatment' | 'form' | 'value';
}

export interface SeenEndpoint {
  endpoint: string;
  crossings: number;
  /** What the vendor would get most of first. */
  rows: SeenRow[];
}

/** What holds at one place, ready to be tried on a value: the only rule of a map of its own. */
interface Place {
  rule: Omit<FieldRule, 'path'> | null;
  /** The member's name; null where it is not known or does not matter. */
  name: string | null;
  /** What no rule maps here is of this class. */
  unmappedClass: string;
  /** It was found in the text there, whose class this is; null: it is what stands there. */
  foundIn: SeenField['class'] | null;
  /** It never crosses, whatever a contract says. */
  never: boolean;
  /** It was allowed by one of these names; which one is not recorded. */
  perhaps: string[];
}

const elsewhere = { path: 'made-up-elsewhere', class: 'event.unmapped' };
const nameless = 'made-up name';
const neverCross: readonly string[] = ['header:*', 'header:client-address'];

function placeOf(
  service: ServiceDetail,
  endpointId: string,
  field: SeenField,
  known: readonly ContractDocument[],
): Place {
  const map = service.endpoints.find(({ id }) => id === endpointId)?.fields;
  const unmappedClass = map?.unmapped ?? (service.kind === 'ai' ? 'content.unmapped' : 'event.unmapped');
  const never = neverCross.includes(field.path);
  const place = { rule: null, name: field.name, unmappedClass, never, perhaps: [], foundIn: null };
  if (field.path.startsWith('#')) return place;
  const rule = map?.fields.find(({ path }) => path === field.path);
  if (rule?.class === field.class) return { ...place, rule };
  const isFound = isFoundClass(field.class) && known.some(({ text }) => text !== undefined);
  if (rule !== undefined && isFound) return { ...place, rule: { class: field.class }, foundIn: rule.class };
  if (rule?.queue !== true) return { ...place, rule: { class: field.class } };
  const perhaps = known.flatMap(({ properties }) =>
    Object.entries(properties).flatMap(([name, one]) => (one.class === field.class ? [name] : [])),
  );
  return { ...place, rule, perhaps: [...new Set(perhaps)] };
}

function treatmentAt(place: Place, rules: ContractDocument): Treatment {
  if (place.never) return { do: 'drop' };
  if (place.foundIn !== null && place.rule !== null)
    return foundTreatment(place.foundIn, place.rule.class, rules);
  const listed = place.rule === null || place.rule.queue === true;
  const property = listed && place.name !== null ? rules.properties[place.name] : undefined;
  if (property !== undefined) return property.treatment;
  return place.rule === null ? rules.unmapped : ruleFor(rules, place.rule.class as SeenField['class']);
}

const found: ReadonlySet<string> = new Set(foundClasses);
const freeText: ReadonlySet<string> = new Set(freeTextClasses);
const isFoundClass = (name: string): boolean => found.has(name);

/** Where the text around is not passed as a whole, what was found in it shares its treatment. */
function foundTreatment(around: SeenField['class'], name: string, rules: ContractDocument): Treatment {
  const whole = ruleFor(rules, around);
  if (whole.do !== 'pass' || whole.values !== undefined) return whole;
  const { text } = rules;
  if (text === undefined || text.scan === 'off') return whole;
  return text.found[name as SeenField['class']] ?? text.otherwise;
}

interface Outcome {
  treatment: TreatmentName;
  got: string | null;
}

/** The rules with what becomes of a finding as what becomes of a value of its class. */
function asPlaced(place: Place, rules: ContractDocument): ContractDocument {
  if (place.foundIn === null || place.rule === null) return rules;
  return withRule(rules, place.rule.class as SeenField['class'], treatmentAt(place, rules));
}

/** What the gateway's own library makes of the value there. */
function tried(place: Place, value: unknown, rules: ContractDocument, keyed: PreviewKeyed): Outcome {
  if (place.never) return { treatment: 'drop', got: null };
  const name = place.name ?? nameless;
  // A map without a rule would treat the record as one value.
  const fields = [place.rule === null ? elsewhere : { ...place.rule, path: '*' }];
  const map = compileMap(
    { records: '$', fields, subjects: [], unmapped: place.unmappedClass },
    rulesForLibrary(asPlaced(place, rules)),
    { sightingKind: 'property' },
  );
  const seen = new Observations(keyed, new Set());
  try {
    const after = minimiseDocument(parse(JSON.stringify({ [name]: value })), map, seen, null);
    const got: unknown = JSON.parse(after);
    const left = got !== null && typeof got === 'object' && Object.hasOwn(got, name);
    return {
      treatment: seen.tally()[0]?.[1] ?? 'pass',
      got: left ? JSON.stringify(Reflect.get(got, name)) : null,
    };
  } catch (error) {
    if (error instanceof FieldRefusedError) return { treatment: 'refuse', got: null };
    throw error;
  }
}

/** What rules can do with values at a place: several where it hangs on the value. */
function possible(place: Place, rules: ContractDocument, main: TreatmentName): Set<TreatmentName> {
  const treatment = treatmentAt(place, rules);
  const all = new Set<TreatmentName>([main]);
  const known = (place.rule?.known ?? []).length > 0;
  if (treatment.do === 'pass') {
    if (treatment.values !== undefined) all.add('pass').add('generalise');
    if (place.rule?.name === true && rules.names.do === 'pseudonymise') {
      all.add('pseudonymise');
      if (known || rules.names.allowed.length > 0) all.add('pass');
    }
  }
  // What is not sure is never a reason to refuse: it becomes a token.
  if (treatment.do === 'refuse' && place.foundIn !== null) all.add('tokenise');
  if (treatment.do === 'pseudonymise' && place.rule?.name === true && known) all.add('pass');
  return all;
}

/** All that decides at a place, to tell whether it was edited. */
function decisive(place: Place, rules: ContractDocument): string {
  const treatment = treatmentAt(place, rules);
  const byName =
    place.rule?.name === true || (treatment.do === 'generalise' && treatment.to === 'origin_path');
  const several = place.perhaps.map((name) => rules.properties[name] ?? null);
  return JSON.stringify([treatment, byName ? rules.names : null, several]);
}

function rowOf(
  place: Place,
  field: SeenField,
  inForce: ContractDocument,
  rules: ContractDocument,
  keyed: PreviewKeyed,
): SeenRow {
  const value = madeUpValue(field.class, field.shape);
  const sent = JSON.stringify(value);
  const here = place.perhaps.length === 0 ? place : { ...place, name: place.perhaps[0] ?? null };
  const unmapped = place.rule === null && !Object.hasOwn(rules.properties, place.name ?? '');
  const edited = decisive(here, rules) !== decisive(here, inForce);
  const main = tried(here, value, rules, keyed);
  const outcomes = possible(here, rules, main.treatment);
  const asBefore = place.perhaps.length > 1 || outcomes.has(field.treatment);
  const would = asBefore ? field.treatment : main.treatment;
  const got = would === main.treatment ? main.got : otherwise(would, field.class, sent, keyed);
  const row = { field, sent, unmapped, would, got };
  if (!asBefore) return { ...row, change: 'treatment' };
  if (!edited) return { ...row, change: 'same' };
  if (outcomes.size > 1 || place.perhaps.length > 1) return { ...row, change: 'value' };
  return { ...row, change: tried(here, value, inForce, keyed).got === got ? 'same' : 'form' };
}

/** What another value than the made-up one became, as it hangs on the value. */
function otherwise(
  treatment: TreatmentName,
  fieldClass: string,
  sent: string,
  keyed: PreviewKeyed,
): string | null {
  if (treatment === 'pass') return sent;
  if (!vendorGot(treatment)) return null;
  if (treatment === 'tokenise') return JSON.stringify(keyed.token(fieldClass, sent));
  return JSON.stringify(treatment === 'generalise' ? 'other' : keyed.pseudonym(sent));
}

/**
 * What was seen of a connection, endpoint by endpoint, and what the vendor would get from it under `rules`: worked out
 * on made-up values of the seen shapes by the library that the gateway runs.
 */
export function seenUnder(
  service: ServiceDetail,
  shapes: SeenShapes,
  inForce: ContractDocument,
  rules: ContractDocument,
  keyed: PreviewKeyed,
): SeenEndpoint[] {
  return shapes.endpoints
    .map(({ endpoint, crossings, fields }) => ({
      endpoint,
      crossings,
      rows: fields
        .map((field) =>
          rowOf(placeOf(service, endpoint, field, [inForce, rules]), field, inForce, rules, keyed),
        )
        .sort(
          (a, b) =>
            treatmentOrder(a.would) - treatmentOrder(b.would) ||
            b.field.values - a.field.values ||
            a.field.path.localeCompare(b.field.path),
        ),
    }))
    .sort((a, b) => b.crossings - a.crossings || a.endpoint.localeCompare(b.endpoint));
}

/** How many values of each class were seen: those that stood in a field, and those that were found in texts. */
export function seenCounts(
  service: ServiceDetail,
  shapes: SeenShapes,
): { inFields: ReadonlyMap<string, number>; inTexts: ReadonlyMap<string, number> } {
  const inFields = new Map<string, number>();
  const inTexts = new Map<string, number>();
  for (const { endpoint, fields } of shapes.endpoints) {
    const map = service.endpoints.find(({ id }) => id === endpoint)?.fields;
    for (const field of fields) {
      const around = map?.fields.find(({ path }) => path === field.path)?.class;
      const counts = isFoundIn(around, field.class) ? inTexts : inFields;
      counts.set(field.class, (counts.get(field.class) ?? 0) + field.values);
    }
  }
  return { inFields, inTexts };
}

/** Whether what is of one class was found in a text, which is what a place holds. */
function isFoundIn(around: string | undefined, name: string): boolean {
  return around !== undefined && around !== name && freeText.has(around) && isFoundClass(name);
}
