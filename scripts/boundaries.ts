import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';

/**
 * The rules of the house on imports: floors point down only; gateway and control never meet; console takes only types
 * from control; a capability is used through its index; no circles.
 */
export interface Breach {
  file: string;
  imports: string;
  rule: string;
}

interface Import {
  from: string;
  /** Repository path of what is imported, or the bare package name. */
  to: string;
  typeOnly: boolean;
}

const below: Readonly<Record<string, readonly string[]>> = {
  libs: ['libs'],
  protocol: ['protocol', 'libs'],
  gateway: ['gateway', 'protocol', 'libs'],
  control: ['control', 'protocol', 'libs'],
  console: ['console', 'protocol', 'libs'],
  standins: ['standins'],
  server: ['server', 'console', 'control', 'gateway', 'protocol', 'libs', 'standins'],
};
const free = new Set(['bench', 'conformance', 'scripts']);
const IMPORT =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

async function sources(folder: string): Promise<string[]> {
  const out: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) out.push(...(await sources(path)));
    else if (/\.(ts|tsx)$/.test(entry.name)) out.push(path);
  }
  return out;
}

function target(root: string, file: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(root, normalize(join(dirname(file), specifier)))
      .split(sep)
      .join('/');
  const own = /^@drawbridge\/([a-z]+)(?:\/(.+))?$/.exec(specifier);
  if (own === null) return specifier;
  const name = own[1] ?? '';
  const place = name in below || free.has(name) ? name : `libs/${name}`;
  return `${place}/${own[2] ?? 'index'}.ts`;
}

async function imports(root: string): Promise<Import[]> {
  const found: Import[] = [];
  for (const file of await sources(root)) {
    const text = await readFile(file, 'utf8');
    const from = relative(root, file).split(sep).join('/');
    for (const match of text.matchAll(IMPORT)) {
      const specifier = match[2] ?? match[3];
      if (specifier === undefined) continue;
      found.push({ from, to: target(root, file, specifier), typeOnly: match[1] !== undefined });
    }
  }
  return found;
}

const floor = (path: string): string => path.split('/')[0] ?? '';
const isTest = (path: string): boolean => /(\.test\.tsx?|\/testing(\/|[-.]))/.test(path);

function ruleBroken({ from, to, typeOnly }: Import): string | null {
  const [here, there] = [floor(from), floor(to)];
  if (free.has(here) || !(there in below || free.has(there))) return null;
  if (here === 'console' && there === 'control') {
    return typeOnly ? null : 'the console takes only types from control (import type)';
  }
  if (isTest(from) && (there === 'standins' || to.startsWith('libs/postgres'))) return null;
  if (!(below[here] ?? []).includes(there)) return `${here} may not use ${there}: imports point down only`;
  if (here === 'control' && there === 'control') {
    const [mine, theirs] = [from.split('/')[1], to.split('/')[1]];
    const inside = from.split('/').length > 2 && to.split('/').length > 2;
    if (
      inside &&
      mine !== theirs &&
      to !== `control/${theirs}/index.ts` &&
      !(isTest(from) && /\/testing[-./]/.test(to))
    ) {
      return `a capability is used through its index: control/${theirs}/index.ts`;
    }
  }
  if (
    here === 'libs' &&
    there === 'libs' &&
    from.split('/')[1] !== to.split('/')[1] &&
    !/^libs\/[a-z]+\/(index|testing)\.ts$/.test(to)
  ) {
    return 'a library is used through its index';
  }
  return null;
}

/** Circles among files (types aside), and among the capabilities of control. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    state.set(node, 'open');
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      if (state.get(next) === 'open') found.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    path.pop();
    state.set(node, 'done');
  };
  for (const node of edges.keys()) if (!state.has(node)) visit(node);
  return found;
}

function graph(list: readonly Import[], name: (path: string) => string | null): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, typeOnly } of list) {
    if (typeOnly || isTest(from)) continue;
    const [a, b] = [name(from), name(to)];
    if (a === null || b === null || a === b) continue;
    const set = edges.get(a) ?? new Set();
    set.add(b);
    edges.set(a, set);
  }
  return edges;
}

/** All breaches below `root`. Empty means the house stands. */
export async function findBreaches(root: string): Promise<Breach[]> {
  const list = await imports(root);
  const breaches: Breach[] = [];
  for (const one of list) {
    const rule = ruleBroken(one);
    if (rule !== null) breaches.push({ file: one.from, imports: one.to, rule });
  }
  const files = circles(graph(list, (path) => (/\.tsx?$/.test(path) ? path : null)));
  const rooms = circles(
    graph(list, (path) =>
      floor(path) === 'control' && path.split('/').length > 2 ? path.split('/').slice(0, 2).join('/') : null,
    ),
  );
  for (const circle of [...files, ...rooms]) {
    breaches.push({
      file: circle[0] ?? '',
      imports: circle.slice(1).join(' → '),
      rule: 'a circle of imports',
    });
  }
  return breaches;
}
