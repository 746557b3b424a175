import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

export interface EntityId {
  type: string;
  id: string;
}

/** What a policy's head asks of principal, action or resource. `in`: to be, or to be below, one of these. */
export type Scope =
  | { op: 'all' }
  | { op: 'is'; type: string }
  | { op: '=='; entity: EntityId }
  | { op: 'in'; entities: readonly EntityId[] }
  | { op: 'is in'; type: string; entity: EntityId };

export interface Scopes {
  principal: Scope;
  action: Scope;
  resource: Scope;
}

/**
 * What a policy's conditions look at: dotted paths of attributes, such as `vendor.agreement`. An empty path is the
 * thing itself: who it is, what it is below, or all of the context at once.
 */
export interface Reads {
  principal: ReadonlySet<string>;
  action: ReadonlySet<string>;
  resource: ReadonlySet<string>;
  context: ReadonlySet<string>;
}

/** Whether an entity with these ancestors can be what a head asks for. */
export function mayMatch(scope: Scope, entity: EntityId, ancestors: readonly EntityId[] = []): boolean {
  const isOrIsBelow = (wanted: EntityId): boolean =>
    isSame(entity, wanted) || ancestors.some((each) => isSame(each, wanted));
  switch (scope.op) {
    case 'all':
      return true;
    case 'is':
      return entity.type === scope.type;
    case '==':
      return isSame(entity, scope.entity);
    case 'in':
      return scope.entities.some(isOrIsBelow);
    case 'is in':
      return entity.type === scope.type && isOrIsBelow(scope.entity);
  }
}

/** All that several policies look at. */
export function readsOf(policies: readonly { reads: Reads }[]): Reads {
  const all = (name: keyof Reads): Set<string> => new Set(policies.flatMap(({ reads }) => [...reads[name]]));
  return {
    principal: all('principal'),
    action: all('action'),
    resource: all('resource'),
    context: all('context'),
  };
}

function isSame(one: EntityId, other: EntityId): boolean {
  return one.id === other.id && one.type === other.type;
}

export function scopesIn(policy: PolicyJson): Scopes {
  const { principal, action, resource } = policy;
  return { principal: scopeIn(principal), action: scopeIn(action), resource: scopeIn(resource) };
}

function scopeIn(constraint: PolicyJson['principal'] | PolicyJson['action']): Scope {
  switch (constraint.op) {
    case 'All':
      return { op: 'all' };
    case 'is': {
      const within = constraint.in === undefined ? null : entityIn(constraint.in);
      const type = constraint.entity_type;
      return within === null ? { op: 'is', type } : { op: 'is in', type, entity: within };
    }
    case '==':
      return { op: '==', entity: entityIn(constraint) };
    case 'in':
      if ('entities' in constraint) return { op: 'in', entities: constraint.entities.map(plain) };
      return { op: 'in', entities: [entityIn(constraint)] };
  }
}

/** A template's slot never comes here: only whole policies are read. */
function entityIn(constraint: object): EntityId {
  if ('entity' in constraint) return plain(constraint.entity);
  throw new TypeError('a policy with a slot is a template, and has no scope');
}

function plain(entity: unknown): EntityId {
  const uid = isObject(entity) && isObject(entity.__entity) ? entity.__entity : entity;
  if (isObject(uid) && typeof uid.type === 'string' && typeof uid.id === 'string') {
    return { type: uid.type, id: uid.id };
  }
  throw new TypeError('the engine gave an entity of unknown form');
}

export function readsIn(policy: PolicyJson): Reads {
  const found = {
    principal: new Set<string>(),
    action: new Set<string>(),
    resource: new Set<string>(),
    context: new Set<string>(),
  };
  const note = (path: readonly string[]): boolean => {
    const [variable, ...attributes] = path;
    if (variable === undefined || !(variable in found)) return false;
    found[variable as keyof typeof found].add(attributes.join('.'));
    return true;
  };
  const visit = (expression: unknown): void => {
    if (!isObject(expression)) return;
    const path = pathIn(expression);
    if (path !== null && note(path)) return;
    for (const [operator, operands] of Object.entries(expression)) {
      // A constant looks at nothing.
      if (operator === 'Value' || !isObject(operands)) continue;
      // Functions have a list; a record has names of its own; all others have left, right, arg, if, then, else, in.
      for (const operand of Array.isArray(operands) ? operands : Object.values(operands)) visit(operand);
    }
  };
  for (const { body } of policy.conditions) visit(body);
  return found;
}

/** `resource.vendor.approved` and `resource.vendor has approved` as a list; null: it is no chain from a variable. */
export function pathIn(expression: Record<string, unknown>): string[] | null {
  if (typeof expression.Var === 'string') return [expression.Var];
  const access = expression['.'] ?? expression.has;
  if (!isObject(access) || !isObject(access.left)) return null;
  const path = pathIn(access.left);
  const { attr } = access;
  if (path === null) return null;
  if (typeof attr === 'string') return [...path, attr];
  return Array.isArray(attr) && attr.every((each) => typeof each === 'string') ? [...path, ...attr] : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
