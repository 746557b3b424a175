import type { ContractRules, Grain, Treatment } from '@drawbridge/minimise';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import type { ServiceDetail } from '../api/types.ts';
import { classNames } from '../design/classes.ts';
import { isTextRules, textDifferences } from './texts.ts';

/** How coarse values of a class can sensibly be made. A class that is missing here has no coarser form. */
const grains: Partial<Record<FieldClass, readonly Grain[]>> = {
  'network.ip': ['network'],
  'device.user_agent': ['family'],
  'device.browser': ['family'],
  'device.os': ['family'],
  'web.url': ['origin_path', 'origin'],
  'web.referrer': ['origin', 'origin_path'],
  'event.time': ['hour'],
  'geo.country': ['country'],
};

/** A treatment as one word for a list of choices: `pass`, `drop`, `generalise:origin`. */
export function choiceOf(treatment: Treatment): string {
  return treatment.do === 'generalise' ? `generalise:${treatment.to}` : treatment.do;
}

function isGrain(text: string | undefined): text is Grain {
  return ['network', 'family', 'origin', 'origin_path', 'hour', 'country'].includes(text ?? '');
}

/** Reads a choice back. Listed values stay where the new treatment can have them. */
export function treatmentOf(choice: string, before: Treatment): Treatment {
  const [word, to] = choice.split(':');
  const values = 'values' in before && before.values !== undefined ? { values: before.values } : {};
  if (word === 'generalise' && isGrain(to)) return { do: 'generalise', to, ...values };
  if (word === 'pass') return { do: 'pass', ...values };
  if (word === 'pseudonymise') return { do: 'pseudonymise' };
  if (word === 'tokenise') return { do: 'tokenise' };
  if (word === 'refuse') return { do: 'refuse' };
  return { do: 'drop' };
}

/** The choices for one class, most to least revealing; what is chosen now is always among them. */
export function choicesFor(name: FieldClass | null, now: Treatment): string[] {
  const coarse = name === null ? [] : (grains[name] ?? []).map((grain) => `generalise:${grain}`);
  const all = ['pass', ...coarse, 'pseudonymise', 'tokenise', 'drop', 'refuse'];
  const chosen = choiceOf(now);
  return all.includes(chosen) ? all : [chosen, ...all];
}

export function ruleFor(rules: ContractDocument, name: FieldClass): Treatment {
  return rules.classes[name] ?? rules.otherwise;
}

export function withRule(rules: ContractDocument, name: FieldClass, treatment: Treatment): ContractDocument {
  return { ...rules, classes: { ...rules.classes, [name]: mutable(treatment) } };
}

/** The document's schema has plain arrays where the library's types are read-only. */
export function mutable(treatment: Treatment): ContractDocument['otherwise'] {
  if ('values' in treatment && treatment.values !== undefined) {
    return { ...treatment, values: [...treatment.values] };
  }
  const { ...plain } = treatment;
  return plain as ContractDocument['otherwise'];
}

/** Lets an event name or path segment cross as it is. */
export function withAllowedName(rules: ContractDocument, name: string): ContractDocument {
  if (rules.names.allowed.includes(name)) return rules;
  return { ...rules, names: { ...rules.names, allowed: [...rules.names.allowed, name] } };
}

/** Says what a property of this name is and what becomes of it. */
export function withProperty(
  rules: ContractDocument,
  name: string,
  property: { class: FieldClass; treatment: Treatment },
): ContractDocument {
  const { class: fieldClass, treatment } = property;
  return {
    ...rules,
    properties: { ...rules.properties, [name]: { class: fieldClass, treatment: mutable(treatment) } },
  };
}

export function withoutProperty(rules: ContractDocument, name: string): ContractDocument {
  const { [name]: _gone, ...properties } = rules.properties;
  return { ...rules, properties };
}

/** The classes that this service's requests can hold, in the vocabulary's order. */
export function classesOf(service: ServiceDetail): FieldClass[] {
  const used = new Set<FieldClass>();
  for (const header of service.headers) used.add(header.class);
  for (const endpoint of service.endpoints) {
    for (const field of endpoint.fields?.fields ?? []) used.add(field.class);
    for (const parameter of endpoint.query) used.add(parameter.class);
    for (const name of Object.values(endpoint.path_params ?? {})) used.add(name);
  }
  return classNames.filter((name) => used.has(name));
}

/** Words and lines as a list: one per line or comma, blanks left out, none twice. */
export function listOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[\n,]/)
        .map((part) => part.trim())
        .filter(Boolean),
    ),
  ];
}

/** How many rules differ between two documents. */
export function differences(a: ContractDocument, b: ContractDocument): number {
  const names = new Set([...Object.keys(a.classes), ...Object.keys(b.classes)]) as Set<FieldClass>;
  const same = (x: unknown, y: unknown): number => (JSON.stringify(x) === JSON.stringify(y) ? 0 : 1);
  let count = same(a.otherwise, b.otherwise) + same(a.unmapped, b.unmapped) + same(a.names, b.names);
  count += textDifferences(a.text, b.text).length;
  for (const name of names) count += same(ruleFor(a, name), ruleFor(b, name));
  for (const name of new Set([...Object.keys(a.properties), ...Object.keys(b.properties)])) {
    count += same(a.properties[name], b.properties[name]);
  }
  return count;
}

/**
 * Whether a stored draft still has the form of a contract. The control plane validates what is saved; this only keeps
 * a draft of an older page from breaking this one. (The protocol's schema would bring its validator, which compiles
 * code: the console's content policy refuses that.)
 */
export function isContract(draft: unknown): draft is ContractDocument {
  if (draft === null || typeof draft !== 'object') return false;
  const parts = ['classes', 'otherwise', 'unmapped', 'names', 'properties'];
  const text: unknown = Reflect.get(draft, 'text');
  return (
    parts.every((part) => part in draft && typeof Reflect.get(draft, part) === 'object') &&
    (text === undefined || isTextRules(text))
  );
}

/** The document as the minimising library takes it: classes without a rule are left out. */
export function rulesForLibrary(document: ContractDocument): ContractRules {
  const classes: Record<string, Treatment> = {};
  for (const [name, treatment] of Object.entries(document.classes)) {
    if (treatment !== undefined) classes[name] = treatment;
  }
  // Text is looked through in gateways alone: the preview finds nothing in it.
  const { text: _, ...rest } = document;
  return { ...rest, classes };
}
