import { yamlFormat } from '../documents/format.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { Hosts } from '../seen-host.ts';
import { type Names, tellVariable } from './variable.ts';

interface Kind {
  id: string;
  name: string;
  fits: Format['fits'];
  /** Members that hold variables, wherever they stand. */
  holders: readonly string[];
}

const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name);

const kinds: readonly Kind[] = [
  {
    id: 'compose',
    name: 'Compose file (names of variables)',
    fits: (name) => (/(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/i.test(name) ? 1 : 0),
    holders: ['environment', 'args'],
  },
  {
    id: 'github-actions',
    name: 'GitHub Actions (names of variables and secrets)',
    fits: (name, head) => {
      if (!isYaml(name)) return 0;
      if (/(?:^|\/)\.github\/workflows\//.test(name)) return 1;
      return /^jobs:/m.test(head) && /^\s*runs-on:/m.test(head) ? 0.9 : 0;
    },
    holders: ['env'],
  },
  {
    id: 'gitlab-ci',
    name: 'GitLab CI (names of variables)',
    fits: (name) => (/\.gitlab-ci[^/]*\.ya?ml$|(?:^|\/)\.gitlab\/.*\.ya?ml$/i.test(name) ? 1 : 0),
    holders: ['variables'],
  },
  {
    id: 'kubernetes',
    name: 'Kubernetes (names of variables and secrets)',
    fits: (name, head) => (isYaml(name) && /^apiVersion:/m.test(head) && /^kind:/m.test(head) ? 0.95 : 0),
    holders: ['env'],
  },
  {
    id: 'helm-values',
    name: 'Helm values (names of variables)',
    fits: (name) => (/(?:^|\/)values[^/]*\.ya?ml$/i.test(name) ? 0.9 : 0),
    holders: ['env', 'extraEnv', 'extraEnvVars', 'environment', 'envVars', 'secretEnv'],
  },
];

/** Names in YAML files. Files that they refer to (`env_file`) are told, since they have to be read too. */
export const yamlNames: readonly Format[] = kinds.map(({ holders, ...about }) =>
  yamlFormat(about, (tree, traces, options) => {
    const names = { traces, hosts: new Hosts(traces, options, 'variable', 'configured') };
    const holds = new Set(holders);
    walk(tree, '', (member, of) => {
      if (holds.has(member)) tellHolder(names, of);
      else if (member === 'env_file')
        traces.skip(of.line, 'it refers to another file: read that too', 'env_file');
      else if (member === 'secretKeyRef' || member === 'configMapKeyRef') {
        const key = textIn(at(of, 'key'));
        if (key !== undefined) tellVariable(names, key, of.line);
      } else if (of.is === 'leaf') tellReferences(names, of);
    });
    const kind = about.id === 'kubernetes' ? textIn(at(tree, 'kind')) : undefined;
    if (kind !== 'Secret' && kind !== 'ConfigMap') return;
    for (const group of ['data', 'stringData']) {
      for (const [name, value] of membersOf(at(tree, group))) {
        tellVariable(names, name, value.line, kind === 'Secret' ? undefined : textIn(value));
      }
    }
  }),
);

function walk(tree: Tree, member: string, visit: (member: string, tree: Tree) => void): void {
  visit(member, tree);
  for (const [name, inner] of membersOf(tree)) walk(inner, name, visit);
  for (const item of itemsOf(tree)) walk(item, '', visit);
}

/** `A: value`, `- A=value`, or `- name: A`. */
function tellHolder(names: Names, tree: Tree): void {
  for (const [name, value] of membersOf(tree)) tellVariable(names, name, value.line, textIn(value));
  for (const item of itemsOf(tree)) {
    const [, pair, value] = /^([^=]+)(?:=(.*))?$/s.exec(textIn(item) ?? '') ?? [];
    const named = textIn(at(item, 'name'));
    if (named !== undefined) tellVariable(names, named, item.line, textIn(at(item, 'value')));
    else if (pair !== undefined) tellVariable(names, pair, item.line, value);
    else if (item.is === 'leaf') names.traces.skip(item.line, 'this is no NAME=value', 'env');
  }
}

const REFERENCE = /\b(?:secrets|vars)\.([A-Za-z_][A-Za-z0-9_]{0,199})/g;

/** `${{ secrets.X }}`. `GITHUB_TOKEN` is the runner's own. */
function tellReferences(names: Names, tree: Tree): void {
  const text = textIn(tree);
  if (text?.includes('${{') !== true) return;
  for (const [, name] of text.matchAll(REFERENCE)) {
    if (name !== undefined && name !== 'GITHUB_TOKEN') tellVariable(names, name, tree.line);
  }
}
