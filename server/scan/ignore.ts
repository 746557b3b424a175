import { compileGlob } from './glob.ts';

/** The rules of one `.gitignore`, in its own folder's terms (gitignore(5)). */
export interface IgnoreRules {
  /** What the last rule that fits says of a path below that folder; null where none fits. */
  ignores(path: string, isFolder: boolean): boolean | null;
}

interface Rule {
  fits: (path: string) => boolean;
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
        if (rule.fits(rule.byName ? name : path)) return !rule.isNegated;
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
  const fits = compileGlob(text.replace(/^\//, ''));
  return fits === null || text === '' ? [] : [{ fits, isNegated, foldersOnly, byName }];
}
