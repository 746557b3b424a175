import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { depthProblem } from './depth.ts';
import { engine } from './engine.ts';
import { PolicyError, type PolicyProblem, problemOf, problemText } from './errors.ts';

/** One statement of Cedar, and the name by which decisions speak of it. */
export interface NamedPolicy {
  name: string;
  text: string;
}

export interface Findings {
  /** With any of these the policies are not to be used. */
  errors: PolicyProblem[];
  /** What is allowed and probably not meant: a policy that can never apply, a name that looks like another. */
  warnings: PolicyProblem[];
}

/**
 * Checks policies against a schema, strictly. Each text must hold exactly one statement. Throws PolicyError
 * `schema_invalid` or `name_twice`.
 */
export function validate(schema: string, policies: readonly NamedPolicy[]): Findings {
  const names = new Set<string>();
  const errors: PolicyProblem[] = [];
  const readable = new Map<string, string>();
  for (const { name, text } of policies) {
    if (names.has(name)) throw new PolicyError('name_twice', `Two policies have the name "${name}".`);
    names.add(name);
    const read = readPolicy({ name, text });
    if ('problem' in read) errors.push(read.problem);
    else readable.set(name, text);
  }
  const answer = engine().validate({ schema, policies: { staticPolicies: Object.fromEntries(readable) } });
  if (answer.type === 'failure') {
    const problems = answer.errors.map((error) => problemOf(error, null, 'syntax', schema));
    throw new PolicyError(
      'schema_invalid',
      `The schema can't be used: ${problems.map(problemText).join('; ')}`,
      problems,
    );
  }
  const found = (each: (typeof answer.validationErrors)[number]): PolicyProblem =>
    problemOf(each.error, each.policyId, 'type', readable.get(each.policyId) ?? '');
  return {
    errors: [...errors, ...answer.validationErrors.map(found)],
    warnings: answer.validationWarnings.map(found),
  };
}

/** The policy in its one spelling: indented, a line per condition, with a line break at its end. Throws PolicyError `policies_invalid`. */
export function format(text: string): string {
  const deep = depthProblem('', text);
  if (deep !== null) throw new PolicyError('policies_invalid', problemText(deep), [deep]);
  const answer = engine().formatPolicies({ policyText: text });
  if (answer.type === 'success') return answer.formatted_policy;
  const problems = answer.errors.map((error) => problemOf(error, '', 'syntax', text));
  throw new PolicyError('policies_invalid', problems.map(problemText).join('; '), problems);
}

/** A policy as the engine reads it, or why it can't. */
export function readPolicy({ name, text }: NamedPolicy): { json: PolicyJson } | { problem: PolicyProblem } {
  const deep = depthProblem(name, text);
  if (deep !== null) return { problem: deep };
  const answer = engine().policyToJson(text);
  if (answer.type === 'success') return { json: answer.json };
  const [error] = answer.errors;
  const unknown = { message: 'it can’t be read', help: null, code: null, url: null, severity: null };
  return { problem: problemOf(error ?? unknown, name, 'syntax', text) };
}

/** Ids of all entities of a type that policies name anywhere. Policies that can't be read name none. */
export function entitiesNamed(type: string, policies: readonly NamedPolicy[]): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === type && 'id' in value && typeof value.id === 'string')
      found.add(value.id);
    for (const member of Object.values(value)) visit(member);
  };
  for (const policy of policies) {
    const read = readPolicy(policy);
    if ('json' in read) visit(read.json);
  }
  return found;
}
