import type { PolicyProblem } from './errors.ts';

/** How much may stand within each other. The engine has room for some more, and breaks where it has none (measured). */
const MOST_BRACKETS = 40;
const MOST_IFS = 40;
/** `&&`, `||`, `.`, `+`, `-` and `*`: what they join lies in each other, too. */
const MOST_JOINED = 500;

/** Of sets and the like: reading a set takes longer than its length, and others wait for the same thread. */
const MOST_COMMAS = 1500;
/** Of patterns: one is tried at every place of a text, for each of its stars anew. */
const MOST_STARS = 200;

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\bif\b|&&|\|\||[([{]|[)\]}]|[.,+*-]/gs;

/** Where a text has more in each other than the engine can take; null: nowhere. Read without the engine. */
export function depthProblem(policy: string, text: string): PolicyProblem | null {
  let open = 0;
  let ifs = 0;
  let joined = 0;
  let commas = 0;
  let stars = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('//')) continue;
    if (token.startsWith('"')) stars += token.split('*').length - 1;
    else if ('([{'.includes(token)) open += 1;
    else if (')]}'.includes(token)) open -= 1;
    else if (token === 'if') ifs += 1;
    else if (token === ',') commas += 1;
    else joined += 1;
    const isLong = joined > MOST_JOINED || commas > MOST_COMMAS || stars > MOST_STARS;
    if (open <= MOST_BRACKETS && ifs <= MOST_IFS && !isLong) continue;
    const before = text.slice(0, index).split('\n');
    const from = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    return {
      policy,
      kind: 'syntax',
      message: `has more in it than can be read: at most ${MOST_BRACKETS} brackets in each other, ${MOST_IFS} times "if", ${MOST_JOINED} operators and dots, ${MOST_COMMAS} commas and ${MOST_STARS} stars in texts`,
      help: 'write a list as a set, such as ["a", "b"].contains(…), or make two policies of it',
      from,
      to: { line: from.line, column: from.column + token.length },
    };
  }
  return null;
}
