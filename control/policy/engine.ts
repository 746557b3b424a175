import {
  type CedarRequest,
  decide,
  type Findings,
  format,
  type Policy,
  PolicyError,
  type PolicyProblem,
  PolicySet,
  parse,
  type Scope,
  validate,
} from '@drawbridge/cedar';
import {
  type CrossingFacts,
  crossingRequest,
  OTHERWISE,
  policySetHash,
  type VendorSeen,
  vendorAttributes,
} from '@drawbridge/protocol';
import { type Action, allActions, Problem } from '../platform/index.ts';
import type { AppFacts } from './facts.ts';
import { fullSchema } from './schema.ts';
import type { ProblemAt } from './schemas.ts';

/** A policy's name and text. */
export interface Named {
  name: string;
  text: string;
}

/** A policy that can be used, and what can be told of it from its text. */
export interface ReadPolicy extends Named {
  /** In the one spelling. */
  text: string;
  title: string;
  decides: { crossings: boolean; acts: boolean };
  /** Whether it lets itself be excepted from. */
  exceptions: boolean;
  policy: Policy;
}

type Read = { policy: ReadPolicy } | { problems: ProblemAt[] };

const LONGEST_TITLE = 120;
const READ_KEPT = 500;
const readBefore = new Map<string, Read>();

/** Reads one policy against the schema. What is read is kept in mind: lists read all policies, each time. */
export function readPolicy(name: string, text: string): Read {
  const key = `${name}\n${text}`;
  const known = readBefore.get(key);
  if (known !== undefined) return known;
  const read = readAnew(name, text);
  if (readBefore.size >= READ_KEPT) readBefore.delete(readBefore.keys().next().value ?? '');
  readBefore.set(key, read);
  return read;
}

const whole = (message: string): { problems: ProblemAt[] } => ({
  problems: [{ message, line: null, column: null }],
});

function readAnew(name: string, text: string): Read {
  if (name === OTHERWISE.name)
    return whole(`"${name}" is the name of what all policies stand on; take another`);
  let findings: Findings;
  try {
    findings = validate(fullSchema, [{ name, text }]);
  } catch (error) {
    if (error instanceof PolicyError) return whole(error.message);
    throw error;
  }
  const { errors, warnings } = findings;
  // What is valid and can not be meant is refused, too: a policy that can never apply, by a slip, says nothing.
  const wrong = [...errors, ...warnings];
  if (wrong.length > 0) return { problems: wrong.map(placed) };
  const formatted = formattedOr(text);
  const policy = parse(fullSchema, [{ name, text: formatted }]).policies[0];
  if (policy === undefined) return whole('it holds no policy');
  if (policy.effect === 'permit') {
    return whole(
      'a policy only forbids: keys, contracts and roles have said what may, and what no policy forbids is permitted. Write forbid (…) unless { … }',
    );
  }
  const title = policy.annotations.title?.trim() ?? '';
  if (title === '' || title.length > LONGEST_TITLE) {
    return {
      problems: [
        {
          message: `begin it with @title("…"): a sentence of at most ${LONGEST_TITLE} characters that says what holds`,
          line: 1,
          column: 1,
        },
      ],
    };
  }
  const exceptions = policy.reads.context.has('grants') && formatted.includes(JSON.stringify(name));
  return {
    policy: {
      name,
      text: formatted,
      title,
      decides: { crossings: decidesCrossings(policy), acts: decidesActs(policy) },
      exceptions,
      policy,
    },
  };
}

/** A text that is valid and that the formatter can not lay out stays as it was written. */
function formattedOr(text: string): string {
  try {
    return format(text);
  } catch (error) {
    if (error instanceof PolicyError) return text;
    throw error;
  }
}

function placed({ message, help, from }: PolicyProblem): ProblemAt {
  return { message: help === null ? message : `${message} (${help})`, line: from.line, column: from.column };
}

/** Whether a head can mean something of these types. */
function mayBe(scope: Scope, types: readonly string[]): boolean {
  switch (scope.op) {
    case 'all':
      return true;
    case 'is':
    case 'is in':
      return types.includes(scope.type);
    case '==':
      return types.includes(scope.entity.type);
    case 'in':
      return scope.entities.some(({ type }) => types.includes(type));
  }
}

function mayBeAction(scope: Scope, id: string): boolean {
  if (scope.op === '==') return scope.entity.id === id;
  if (scope.op === 'in') return scope.entities.some((entity) => entity.id === id);
  return true;
}

function decidesCrossings({ scopes }: Policy): boolean {
  return (
    mayBeAction(scopes.action, 'cross') &&
    mayBe(scopes.principal, ['App']) &&
    mayBe(scopes.resource, ['Connection', 'Vendor'])
  );
}

function decidesActs({ scopes }: Policy): boolean {
  return (
    mayBe(scopes.principal, ['Person', 'Token']) &&
    allActions.some((action) => mayBeAction(scopes.action, action))
  );
}

/** Of policies that were saved: one that this release can no longer read forbids everything until it is mended. */
function readable({ name, text }: Named): ReadPolicy {
  const read = readPolicy(name, text);
  if ('policy' in read) return read.policy;
  throw new Problem(
    409,
    'policy_unreadable',
    `The policy "${name}" is in force and can no longer be read: ${read.problems[0]?.message ?? 'unknown'}. Change it, or take it out of force.`,
  );
}

let base: readonly Policy[] | null = null;

/** Read when it is first asked for: who has no policies does without the engine. */
function otherwise(): readonly Policy[] {
  base ??= parse(fullSchema, [OTHERWISE]).policies;
  return base;
}

/** Policies of one kind of question, to be asked many times. */
export interface Asked<Facts> {
  /** Nothing in it can decide such a question: everything is permitted. */
  isEmpty: boolean;
  policies: readonly Policy[];
  /** Names of the policies that forbid it, in order; none: it is permitted. An error forbids, and names who made it. */
  deniedBy(facts: Facts): string[];
  /** The same without those that `isLeftOut`. */
  without(isLeftOut: (policy: Policy) => boolean): Asked<Facts>;
}

function asked<Facts>(policies: readonly Policy[], requestOf: (facts: Facts) => CedarRequest): Asked<Facts> {
  let set: PolicySet | null = null;
  return {
    isEmpty: policies.length === 0,
    policies,
    deniedBy(facts) {
      if (policies.length === 0) return [];
      set ??= new PolicySet([...otherwise(), ...policies]);
      const { allowed, reasons, errors } = decide(set, requestOf(facts));
      if (allowed) return [];
      const names = [...reasons, ...errors.map(({ policy }) => policy ?? OTHERWISE.name)];
      return names.length === 0 ? [OTHERWISE.name] : [...new Set(names)].sort();
    },
    without(isLeftOut) {
      const kept = policies.filter((policy) => !isLeftOut(policy));
      return kept.length === policies.length ? this : asked(kept, requestOf);
    },
  };
}

/** Those of these policies that can decide crossings. Throws Problem 409 `policy_unreadable`. */
export function crossingSet(policies: readonly Named[]): Asked<CrossingFacts> {
  const read = policies.map(readable).filter(({ decides }) => decides.crossings);
  return asked(
    read.map(({ policy }) => policy),
    crossingRequest,
  );
}

/** Names and texts of those that can decide crossings, in order of names: what gateways get. */
export function crossingItems(policies: readonly Named[]): Named[] {
  return crossingSet(policies).policies.map(({ name, text }) => ({ name, text }));
}

/** As records of crossings name the set; null: no policy of it decides crossings. */
export function hashOfSet(policies: readonly Named[]): string | null {
  const items = crossingItems(policies);
  return items.length === 0 ? null : policySetHash(items);
}

/** What somebody does in the console or by the API, as policies know it. */
export interface ActFacts {
  principal: { kind: 'person' | 'token'; id: string; roles: readonly string[] };
  action: Action;
  resource:
    | { kind: 'deployment' }
    | { kind: 'app'; app: AppFacts }
    | { kind: 'vendor'; vendor: VendorSeen }
    | {
        kind: 'connection';
        connection: { id: string; service: string; region: string; jurisdiction: string };
        vendor: VendorSeen;
      };
  hour: number;
  weekday: string;
  level: number;
  steppedUp: boolean;
}

/** Those of these policies that can decide what people do. Throws Problem 409 `policy_unreadable`. */
export function actSet(policies: readonly Named[]): Asked<ActFacts> {
  const read = policies.map(readable).filter(({ decides }) => decides.acts);
  return asked(
    read.map(({ policy }) => policy),
    actRequest,
  );
}

function actRequest({
  principal,
  action,
  resource,
  hour,
  weekday,
  level,
  steppedUp,
}: ActFacts): CedarRequest {
  const who = { type: principal.kind === 'person' ? 'Person' : 'Token', id: principal.id };
  const roles = [...principal.roles];
  const attrs: CedarRequest['entities'][number]['attrs'] =
    principal.kind === 'person' ? { roles } : { roles, scopes: [] };
  const entities: CedarRequest['entities'] = [{ uid: who, attrs, parents: [] }];
  return {
    principal: who,
    action: { type: 'Action', id: action },
    resource: entityOf(resource, entities),
    context: { hour, weekday, level, steppedUp },
    entities,
  };
}

/** The thing's id; what is known of it is put to `entities`. */
function entityOf(resource: ActFacts['resource'], entities: CedarRequest['entities']) {
  if (resource.kind === 'deployment') return { type: 'Deployment', id: 'this' };
  if (resource.kind === 'app') {
    const { id, tags, team, owner } = resource.app;
    const uid = { type: 'App', id };
    entities.push({ uid, attrs: { tags: [...tags], team, owner }, parents: [] });
    return uid;
  }
  const { vendor } = resource;
  const above = { type: 'Vendor', id: vendor.id };
  entities.push({ uid: above, attrs: vendorAttributes(vendor), parents: [] });
  if (resource.kind === 'vendor') return above;
  const { id, ...attrs } = resource.connection;
  const uid = { type: 'Connection', id };
  entities.push({ uid, attrs: { ...attrs, vendor: { __entity: above } }, parents: [above] });
  return uid;
}
