import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** Where something is wrong in a file of facts. Lines and columns from 1; `field`: members joined by dots. */
export interface PackFileProblem {
  file: string;
  line: number;
  column: number;
  field: string;
  message: string;
}

export type Add = (path: readonly PropertyKey[], message: string) => void;

/** Characters that a pack may have. */
export const LARGEST_PACK = 256 * 1024;

/** What nests deeper is no pack: reading it would take a stack of its own depth. */
const DEEPEST = 24;

/**
 * Reads a pack: YAML without aliases, by a schema, then by `sense`, which is told what the schema can't say. All problems are
 * given, or the value. `file`: its name in problems.
 */
export function readYaml<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
  sense: (value: T, add: Add) => void,
): { value: T } | { problems: PackFileProblem[] } {
  const only = (field: string, message: string): { problems: PackFileProblem[] } => ({
    problems: [{ file, line: 1, column: 1, field, message }],
  });
  if (text.length > LARGEST_PACK) return only('(file)', `has more than ${LARGEST_PACK} characters`);
  if (nestsTooDeep(text)) return only('(yaml)', `nests deeper than ${DEEPEST}`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const problems: PackFileProblem[] = [];
  const add: Add = (path, message) => {
    let node: unknown = document.contents;
    for (let depth = path.length; depth >= 0; depth -= 1) {
      node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      if (node !== undefined && node !== null) break;
    }
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
    const offset = Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
    const { line, col } = lines.linePos(offset);
    problems.push({ file, line, column: col, field: path.map(String).join('.') || '(file)', message });
  };
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({ file, line, column: col, field: '(yaml)', message: error.message });
  }
  if (problems.length > 0) return { problems };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    add([], 'has aliases: write each fact out');
    return { problems };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    for (const { path, message } of told(parsed.error.issues)) add(path, message);
    return { problems };
  }
  sense(parsed.data, add);
  return problems.length > 0 ? { problems } : { value: parsed.data };
}

/** Issues with the member that is meant in their path: of members that there are none of, each one. */
export function told(issues: readonly z.core.$ZodIssue[]): { path: PropertyKey[]; message: string }[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such member' }));
    if (issue.code === 'invalid_union') {
      // The branch that came furthest says what is meant.
      const [best] = issue.errors.filter((branch) => branch.length > 0).toSorted((a, b) => rank(b) - rank(a));
      if (best !== undefined)
        return told(best).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
    }
    if (issue.code === 'invalid_key')
      return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }];
    return [{ path: [...issue.path], message: issue.message }];
  });
}

/** Deeper is nearer; a member that is not known is further off than one that is wrong. */
function rank(branch: readonly z.core.$ZodIssue[]): number {
  const unknown = branch.some(({ code }) => code === 'unrecognized_keys') ? 1 : 0;
  return Math.max(...branch.map(({ path }) => path.length)) * 10 - unknown * 5 - branch.length;
}

/** By brackets of flow style and by the width of indentation: never less than the parser would nest. */
function nestsTooDeep(text: string): boolean {
  let open = 0;
  let dashes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') open += 1;
    else if ((character === '}' || character === ']') && open > 0) open -= 1;
    // `- - - -` and `? ? ? ?` nest within one line.
    if (character === '-' || character === '?') dashes += 1;
    else if (character !== ' ') dashes = 0;
    if (open > DEEPEST || dashes > DEEPEST) return true;
  }
  return /^ {120}/m.test(text);
}
