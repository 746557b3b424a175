import { hash } from 'node:crypto';
import type { ContractDocument } from '@drawbridge/protocol';
import type { Fields } from '../crossing.ts';

/** What is still to be done to a request that was minimised when it came, once it goes out. */

const hashes = new WeakMap<ContractDocument, string>();

/** SHA-256 of a contract's rules, base64url. */
export function rulesHash(rules: ContractDocument): string {
  const known = hashes.get(rules);
  if (known !== undefined) return known;
  const made = hash('sha256', JSON.stringify(rules), 'base64url');
  hashes.set(rules, made);
  return made;
}

/** Nothing: only the credential is put in. */
export const nothingLeft: ContractDocument = {
  classes: {},
  otherwise: { do: 'pass' },
  unmapped: { do: 'pass' },
  names: { do: 'pass', allowed: [] },
  properties: {},
};

/**
 * The contract in force, without what was done to every value of a class already and can't be done twice: a pseudonym of a
 * pseudonym is nobody's. What was only partly done is done again: stricter, and never laxer than either contract.
 */
export function restOf(inForce: ContractDocument, done: Fields): ContractDocument {
  const treatments = new Map<string, Set<string>>();
  for (const [name, treatment] of done) {
    const known = treatments.get(name);
    if (known === undefined) treatments.set(name, new Set([treatment]));
    else known.add(treatment);
  }
  const isDone = (name: string, treatment: { do: string }): boolean => {
    if (treatment.do !== 'pseudonymise' && treatment.do !== 'tokenise') return false;
    const found = treatments.get(name);
    return found !== undefined && found.size === 1 && found.has(treatment.do);
  };
  const classes: ContractDocument['classes'] = { ...inForce.classes };
  for (const name of treatments.keys()) {
    const known = name as keyof typeof classes;
    if (isDone(name, classes[known] ?? inForce.otherwise)) classes[known] = { do: 'pass' };
  }
  const properties = Object.fromEntries(
    Object.entries(inForce.properties).map(([name, { class: fieldClass, treatment }]) => [
      name,
      { class: fieldClass, treatment: isDone(fieldClass, treatment) ? { do: 'pass' as const } : treatment },
    ]),
  );
  return {
    ...inForce,
    classes,
    properties,
    unmapped: isDone('event.unmapped', inForce.unmapped) ? { do: 'pass' } : inForce.unmapped,
    names: isDone('event.name', inForce.names) ? { ...inForce.names, do: 'pass' } : inForce.names,
  };
}
