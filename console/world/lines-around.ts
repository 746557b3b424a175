/** Characters that a table of networks may have; the control plane takes no more. */
export const MOST_CHARACTERS = 3_500_000;
const LONGEST_SHOWN = 200;

export interface NumberedLine {
  /** From 1. */
  number: number;
  text: string;
}

/** A line of a text with the one before and the one behind it, each cut to 200 characters; none where there is no such line. */
export function linesAround(text: string, line: number): NumberedLine[] {
  const lines = text.split('\n');
  if (!Number.isInteger(line) || line < 1 || line > lines.length) return [];
  return [line - 1, line, line + 1]
    .filter((number) => number >= 1 && number <= lines.length)
    .map((number) => ({ number, text: (lines[number - 1] ?? '').slice(0, LONGEST_SHOWN) }));
}
