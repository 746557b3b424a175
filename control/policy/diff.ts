/** One line of a comparison: in both, only in the later, only in the earlier. */
export interface DiffLine {
  sign: ' ' | '+' | '-';
  text: string;
}

/** Texts of more lines than this are shown as gone and come, which bounds the work at lines squared. */
const MOST_LINES = 1000;

/** What is otherwise in the later of two texts, line by line: the longest common subsequence stays. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const fresh = linesOf(after);
  if (old.length > MOST_LINES || fresh.length > MOST_LINES) {
    return [...old.map((text) => minus(text)), ...fresh.map((text) => plus(text))];
  }
  const width = fresh.length + 1;
  // `common[i * width + j]`: how many lines the rests from i and j on have in common.
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        old[i] === fresh[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < fresh.length) {
    const [was, is] = [old[i] ?? '', fresh[j] ?? ''];
    if (was === is) {
      lines.push({ sign: ' ', text: is });
      i += 1;
      j += 1;
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      lines.push(minus(was));
      i += 1;
    } else {
      lines.push(plus(is));
      j += 1;
    }
  }
  return [...lines, ...old.slice(i).map(minus), ...fresh.slice(j).map(plus)];
}

const minus = (text: string): DiffLine => ({ sign: '-', text });
const plus = (text: string): DiffLine => ({ sign: '+', text });

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
