import { named, textFormat } from '../documents/format.ts';
import { lineFinder, nameLines, tomlTree } from '../documents/toml.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { LockedPackages, tellPackage } from './package.ts';

/** PEP 508: the name, before extras, versions, an address and markers. */
function nameIn(requirement: string): string | undefined {
  return /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[[\s<>=!~;@,(#])/.exec(requirement)?.[1];
}

/**
 * `requirements.txt`. What pip-compile says came `via` other packages only is transitive. Options are passed over; files that it
 * refers to are told, since they have to be read too.
 */
export const requirements: Format = {
  id: 'pip-requirements',
  name: 'requirements.txt (pip)',
  fits: (name) => {
    if (/(?:^|\/)[^/]*requirements[^/]*\.(?:txt|in)$/i.test(name)) return 1;
    return /(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/i.test(name) ? 1 : 0;
  },
  reader: (traces) => {
    let last: { name: string; line: number; via: string[] } | null = null;
    let isVia = false;
    const settle = () => {
      if (last === null) return;
      const isDirect =
        last.via.length === 0 || last.via.some((via) => /^-[rc]\b|\(|\.(?:in|toml|txt)\b/.test(via));
      const grade = isDirect ? 'capable' : 'transitive';
      tellPackage(traces, { registry: 'pypi', name: last.name, grade, line: last.line });
      last = null;
    };
    return lineReader(
      traces,
      (text, line) => {
        const row = text.trim();
        // On a line of its own it is of the requirement above; else of its own line, which is looked at below.
        const [, comment] = /^#\s*(.*)$/.exec(row) ?? [];
        if (comment !== undefined && last !== null) {
          const [, via] = /^via\b\s*(.*)$/.exec(comment) ?? [];
          if (via !== undefined) isVia = true;
          const said = via ?? (isVia ? comment : '');
          if (said !== '' && last.via.length < 50) last.via.push(said);
        }
        if (row === '' || row.startsWith('#') || row.startsWith('--hash')) return;
        settle();
        isVia = false;
        if (/^(?:-r|--requirement|-c|--constraint)\b/.test(row)) {
          traces.skip(line, 'it refers to another file: read that too', 'requirement');
          return;
        }
        const [, egg] = /[#&]egg=([A-Za-z0-9._-]+)/.exec(row) ?? [];
        if (egg === undefined && /^(?:-|\.|\/|[a-z+]+:\/\/)/.test(row)) return;
        const name = egg ?? nameIn(row);
        if (name === undefined) traces.skip(line, 'this is no requirement', 'requirement');
        else {
          last = { name, line, via: [] };
          const [, via] = /#\s*via\s+(.+)$/.exec(row) ?? [];
          if (via !== undefined) last.via.push(via);
        }
      },
      settle,
    );
  },
};

/** PEP 621, PEP 735 groups, and Poetry's own tables. */
export const pyproject: Format = textFormat(
  { id: 'pyproject', name: 'pyproject.toml (Python)', fits: named(/^pyproject\.toml$/) },
  (text, traces) => {
    const tree = tomlTree(text);
    const lineOf = lineFinder(text);
    const tell = (name: string | undefined, after: string, dev: boolean) => {
      if (name === undefined) return;
      tellPackage(traces, { registry: 'pypi', name, grade: 'capable', line: lineOf(name, after), dev });
    };
    const lists = (tree: Tree | undefined, after: string, dev: boolean) => {
      for (const item of itemsOf(tree)) {
        const requirement = textIn(item);
        const name = requirement === undefined ? undefined : nameIn(requirement);
        tell(name, after, dev);
        // A group may include another: `{ include-group = "test" }`.
        if (name === undefined && item.is !== 'table') {
          traces.skip(lineOf('dependencies', after), 'this is no requirement', `${after}.dependencies`);
        }
      }
    };
    lists(at(tree, 'project', 'dependencies'), 'project', false);
    for (const [, group] of membersOf(at(tree, 'project', 'optional-dependencies'))) {
      lists(group, 'project.optional-dependencies', false);
    }
    for (const [, group] of membersOf(at(tree, 'dependency-groups'))) lists(group, 'dependency-groups', true);
    const poetry = at(tree, 'tool', 'poetry');
    const tables = (tree: Tree | undefined, after: string, dev: boolean) => {
      for (const [name] of membersOf(tree)) if (name !== 'python') tell(name, after, dev);
    };
    tables(at(poetry, 'dependencies'), 'tool.poetry.dependencies', false);
    tables(at(poetry, 'dev-dependencies'), 'tool.poetry.dev-dependencies', true);
    for (const [name, group] of membersOf(at(poetry, 'group'))) {
      tables(at(group, 'dependencies'), `tool.poetry.group.${name}.dependencies`, name !== 'main');
    }
  },
);

/** Doesn't say what the project asks for: `pyproject.toml` beside it does. */
export const poetryLock: Format = textFormat(
  { id: 'poetry-lock', name: 'poetry.lock (Python)', fits: named(/^(?:poetry|pdm)\.lock$/) },
  (text, traces) => {
    const lines = nameLines(text, 'package');
    itemsOf(at(tomlTree(text), 'package')).forEach((entry, index) => {
      const name = textIn(at(entry, 'name'));
      const line = lines[index] ?? 1;
      if (name === undefined) traces.skip(line, 'a package has no name', 'package.name');
      else tellPackage(traces, { registry: 'pypi', name, grade: 'transitive', line });
    });
  },
);

/** What has the project itself as its source asks for what is direct. */
export const uvLock: Format = textFormat(
  { id: 'uv-lock', name: 'uv.lock (Python)', fits: named(/^uv\.lock$/) },
  (text, traces) => {
    const packages = new LockedPackages(traces, 'pypi');
    const lines = nameLines(text, 'package');
    const lineByName = new Map<string, number>();
    const entries = itemsOf(at(tomlTree(text), 'package')).flatMap((entry, index) => {
      const name = textIn(at(entry, 'name'));
      const line = lines[index] ?? 1;
      if (name === undefined) traces.skip(line, 'a package has no name', 'package.name');
      else lineByName.set(name, line);
      return name === undefined ? [] : [{ name, entry, line }];
    });
    for (const { name, entry, line } of entries) {
      const isOwn = ['virtual', 'editable', 'directory'].some(
        (kind) => at(entry, 'source', kind) !== undefined,
      );
      if (!isOwn) {
        packages.locked(name, line);
        continue;
      }
      packages.own(name);
      const direct = (list: Tree | undefined, dev: boolean) => {
        for (const item of itemsOf(list)) {
          const asked = textIn(at(item, 'name'));
          if (asked !== undefined) packages.direct(asked, lineByName.get(asked) ?? line, dev);
        }
      };
      direct(at(entry, 'dependencies'), false);
      for (const [, list] of membersOf(at(entry, 'optional-dependencies'))) direct(list, false);
      for (const [, list] of membersOf(at(entry, 'dev-dependencies'))) direct(list, true);
    }
    packages.tell();
  },
);
