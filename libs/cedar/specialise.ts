import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { pathIn, readsIn, scopesIn } from './analysis.ts';
import type { CedarValue } from './decide.ts';
import { engine } from './engine.ts';
import { PolicyError } from './errors.ts';
import type { Policy } from './policy-set.ts';

/** What paths such as `resource.vendor.approved` are for all requests of a kind. */
export type Constants = ReadonlyMap<string, CedarValue>;

/**
 * The policy for requests that its head matches and for which these paths have these values: it decides the same, and
 * asks for no more than is left open. What it is handed is most of the engine's work (measured). Nothing is evaluated
 * here: values take the place of paths, and the engine does the rest. A policy with a number that JSON does not carry
 * stays as it is, and so does one whose conditions are too long for the engine to write them down again.
 */
export function specialised(policy: Policy, constants: Constants): Policy {
  const { name, effect, annotations, json } = policy;
  if (!isCarried(json.conditions)) return policy;
  const conditions = json.conditions.map(({ kind, body }) => ({ kind, body: folded(body, constants) }));
  const fixed = {
    effect,
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions,
  } as PolicyJson;
  const text = textOf(fixed);
  if (text === null) return policy;
  return {
    name,
    effect,
    annotations,
    json: fixed,
    text,
    scopes: scopesIn(fixed),
    reads: readsIn(fixed),
  };
}

/** Null: the engine can't write it. It reads JSON some hundred levels deep, and a text deeper than that. */
function textOf(json: PolicyJson): string | null {
  try {
    const answer = engine().policyToText(json);
    return answer.type === 'success' ? answer.text : null;
  } catch (error) {
    if (error instanceof PolicyError) return null;
    throw error;
  }
}

function folded(expression: unknown, constants: Constants): unknown {
  if (Array.isArray(expression)) return expression.map((each) => folded(each, constants));
  if (typeof expression !== 'object' || expression === null) return expression;
  const path = pathIn({ ...expression })?.join('.');
  if (path !== undefined) {
    if ('has' in expression) {
      if (isKnown(path, constants)) return { Value: true };
    } else {
      const value = constants.get(path);
      if (value !== undefined) return { Value: value };
    }
  }
  return Object.fromEntries(
    Object.entries(expression).map(([name, each]) => [
      name,
      name === 'Value' ? each : folded(each, constants),
    ]),
  );
}

function isKnown(path: string, constants: Constants): boolean {
  for (const known of constants.keys()) if (known === path || known.startsWith(`${path}.`)) return true;
  return false;
}

/** Cedar counts to 2^63, JSON here to 2^53: beyond it a number would come back as another. */
function isCarried(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isCarried);
}
