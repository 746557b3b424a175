/** The rules of one `.gitignore`, in its own folder's terms (gitignore(5)). */
export interface IgnoreRules {
  /** What the last rule that fits says of a path below that folder; null where none fits. */
  ignores(path: string, isFolder: boolean): boolean | null;
}

interface Rule {
  pattern: RegExp;
  isNegated: boolean;
  foldersOnly: boolean;
  /** Compared with the last name only, not with the path. */
  byName: boolean;
}

const LONGEST_PATTERN = 1000;

export function parseIgnore(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap(ruleOf);
  rules.reverse();
  return {
    ignores(path, isFolder) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      for (const rule of rules) {
        if (rule.foldersOnly && !isFolder) continue;
        if (rule.pattern.test(rule.byName ? name : path)) return !rule.isNegated;
      }
      return null;
    },
  };
}

function ruleOf(line: string): Rule[] {
  // Spaces at the end count only behind a backslash.
  let text = line.replace(/(?<!\\) +$/, '');
  if (text === '' || text.startsWith('#') || text.length > LONGEST_PATTERN) return [];
  const isNegated = text.startsWith('!');
  if (isNegated) text = text.slice(1);
  const foldersOnly = text.endsWith('/');
  if (foldersOnly) text = text.slice(0, -1);
  const byName = !text.includes('/');
  const source = expressionOf(text.replace(/^\//, ''));
  return source === null || text === ''
    ? []
    : [{ pattern: new RegExp(`^${source}$`, 'su'), isNegated, foldersOnly, byName }];
}

/** Null: a pattern that fits nothing (a bracket that is never closed). */
function expressionOf(glob: string): string | null {
  let out = '';
  for (let at = 0; at < glob.length; ) {
    const char = glob[at] ?? '';
    if (char === '*') {
      const stars = /^\*+/.exec(glob.slice(at))?.[0].length ?? 1;
      const isWholeName = (at === 0 || glob[at - 1] === '/') && [undefined, '/'].includes(glob[at + stars]);
      if (stars === 2 && isWholeName) {
        const isLast = at + 2 >= glob.length;
        out += isLast ? '.+' : '(?:[^/]+/)*';
        at += isLast ? 2 : 3;
      } else {
        out += '[^/]*';
        at += stars;
      }
    } else if (char === '?') {
      out += '[^/]';
      at++;
    } else if (char === '[') {
      const set = bracketOf(glob, at);
      if (set === null) return null;
      out += set.source;
      at = set.end;
    } else {
      const isEscaped = char === '\\' && at + 1 < glob.length;
      out += literal(isEscaped ? (glob[at + 1] ?? '') : char);
      at += isEscaped ? 2 : 1;
    }
  }
  return out;
}

function bracketOf(glob: string, from: number): { source: string; end: number } | null {
  let at = from + 1;
  const isNegated = glob[at] === '!' || glob[at] === '^';
  if (isNegated) at++;
  let members = '';
  for (let isFirst = true; at < glob.length; isFirst = false) {
    const char = glob[at] ?? '';
    if (char === ']' && !isFirst) {
      return members === '' ? null : { source: `(?!/)[${isNegated ? '^' : ''}${members}]`, end: at + 1 };
    }
    if (char === '\\' && at + 1 < glob.length) at++;
    const low = glob[at] ?? '';
    if (glob[at + 1] === '-' && glob[at + 2] !== undefined && glob[at + 2] !== ']') {
      const high = glob[at + 2] ?? '';
      if (low <= high) members += `${literal(low)}-${literal(high)}`;
      at += 3;
    } else {
      members += literal(low);
      at++;
    }
  }
  return null;
}

const literal = (char: string): string => (/[\^$\\.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char);
