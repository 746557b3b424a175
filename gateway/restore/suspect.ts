import type { CompiledAnswer } from './channels.ts';

/**
 * What in an event of JSON, as it is written, may be a token's beginning at the end of a string, the beginning of a text that
 * is JSON itself, or the end of a channel. An event without any of it, and without a whole token, need not be read
 * while nothing is held back. One pattern per kinds of tokens and answer.
 */
export function suspectOf(answer: CompiledAnswer, kinds: readonly string[]): RegExp {
  let known = patterns.get(answer);
  if (known === undefined) {
    known = new Map();
    patterns.set(answer, known);
  }
  const name = kinds.join(' ');
  let pattern = known.get(name);
  if (pattern === undefined) {
    pattern = patternOf(answer, kinds);
    known.set(name, pattern);
  }
  return pattern;
}

/** There are no more of them than sets of kinds, and all go with the snapshot. */
const patterns = new WeakMap<CompiledAnswer, Map<string, RegExp>>();

function patternOf(answer: CompiledAnswer, kinds: readonly string[]): RegExp {
  const begun = kinds.map((kind) => `(?<![A-Z])${beginningOf(kind)}"`);
  const ends = answer.ends.flatMap(({ events, steps }) => {
    const last = steps.at(-1);
    if (events !== null) return [...events].map(literal);
    return last?.take === 'name' ? [`"${literal(last.name)}"\\s*:\\s*[^n\\s]`] : [];
  });
  return new RegExp(
    [
      // Brackets, markdown's escape, percent code, and what of a token may follow.
      '(?:[[%]|\\\\\\\\)[\\w\\\\[% ]{0,46}"',
      ...begun,
      // A text that begins as JSON does.
      ':\\s*"(?:[ \\t]|\\\\[nrt])*[{[]',
      ...ends,
    ].join('|'),
  );
}

/** `P(?:E(?:R…(?:_…)?)?)?`: the kind as far as it goes. */
function beginningOf(kind: string): string {
  let rest = '(?:\\\\*_?[0-9A-Z]*)';
  for (const letter of [...kind.slice(1)].reverse()) rest = `(?:${letter}${rest})?`;
  return `${kind.charAt(0)}${rest}`;
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
