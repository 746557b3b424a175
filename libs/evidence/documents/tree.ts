import { EvidenceError } from '../error.ts';

/**
 * A document as JSON, YAML, TOML and XML have it, with lines. A member's line is that of its name. Names are keys of a `Map`, so
 * that `__proto__` is a name like any other.
 */
export type Tree = Leaf | List | Table;
export interface Leaf {
  is: 'leaf';
  line: number;
  value: string | number | boolean | null;
}
export interface List {
  is: 'list';
  line: number;
  items: Tree[];
}
export interface Table {
  is: 'table';
  line: number;
  members: Map<string, Tree>;
}

/** Deeper documents are refused. */
export const DEEPEST = 100;
/** Documents with more values are refused. */
export const MOST_NODES = 5_000_000;

export function tooDeep(line: number): EvidenceError {
  return new EvidenceError('too_deep', `line ${line}: it is nested more than ${DEEPEST} levels deep`, {
    line,
  });
}

export function malformed(line: number, why: string, options?: ErrorOptions): EvidenceError {
  return new EvidenceError('malformed', `line ${line}: ${why}`, { line }, options);
}

/** The member under a path of names, or `undefined`; also where something on the way is no table. */
export function at(tree: Tree | undefined, ...path: string[]): Tree | undefined {
  let found = tree;
  for (const name of path) {
    if (found?.is !== 'table') return undefined;
    found = found.members.get(name);
  }
  return found;
}

/** Name and value of each member; nothing where it is no table. */
export function membersOf(tree: Tree | undefined): Iterable<[string, Tree]> {
  return tree?.is === 'table' ? tree.members : [];
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.is === 'list' ? tree.items : [];
}

export function textIn(tree: Tree | undefined): string | undefined {
  return tree?.is === 'leaf' && typeof tree.value === 'string' ? tree.value : undefined;
}
