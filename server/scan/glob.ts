/**
 * One step of a pattern. `star`: any number of characters within a name. `enter` and `folders`: any number of whole names with
 * their slashes, or none. `all`: anything.
 */
type Step =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'set'; isNegated: boolean; ranges: readonly [low: string, high: string][] }
  | { kind: 'star' | 'enter' | 'folders' | 'one' | 'all' };

/**
 * A pattern as gitignore(5) has them, to be compared with whole paths. Work is at most the length of the path times that
 * of the pattern, whatever the pattern. Null: it fits nothing (a bracket that is never closed).
 */
export function compileGlob(glob: string): ((path: string) => boolean) | null {
  const steps = stepsOf(glob);
  return steps === null ? null : (path) => fits(steps, path);
}

function fits(steps: readonly Step[], path: string): boolean {
  let now = new Set<number>();
  reach(steps, 0, now);
  for (const char of path) {
    const next = new Set<number>();
    for (const at of now) {
      const step = steps[at];
      if (step === undefined) continue;
      if (step.kind === 'folders') {
        reach(steps, at, next);
        if (char === '/') reach(steps, at + 1, next);
      } else if (step.kind === 'all') reach(steps, at, next);
      else if (step.kind === 'star') {
        if (char !== '/') reach(steps, at, next);
      } else if (takes(step, char)) reach(steps, at + 1, next);
    }
    if (next.size === 0) return false;
    now = next;
  }
  return now.has(steps.length);
}

/** Adds a place, and those to which it leads without a character. */
function reach(steps: readonly Step[], from: number, places: Set<number>): void {
  for (let at = from; !places.has(at); at++) {
    places.add(at);
    const kind = steps[at]?.kind;
    if (kind === 'enter') {
      places.add(at + 1);
      at++;
    } else if (kind !== 'star' && kind !== 'all') return;
  }
}

function takes(step: Step, char: string): boolean {
  if (step.kind === 'one') return true;
  if (step.kind === 'char') return step.char === char;
  if (char === '/') return false;
  if (step.kind !== 'set') return step.kind === 'any';
  return step.ranges.some(([low, high]) => low <= char && char <= high) !== step.isNegated;
}

function stepsOf(glob: string): Step[] | null {
  const chars = [...glob];
  const steps: Step[] = [];
  for (let at = 0; at < chars.length; ) {
    const char = chars[at] ?? '';
    if (char === '*') {
      let stars = 1;
      while (chars[at + stars] === '*') stars++;
      const after = chars[at + stars];
      const isWholeName = stars === 2 && (at === 0 || chars[at - 1] === '/');
      if (isWholeName && after === undefined) steps.push({ kind: 'one' }, { kind: 'all' });
      else if (isWholeName && after === '/') steps.push({ kind: 'enter' }, { kind: 'folders' });
      else steps.push({ kind: 'star' });
      at += stars + (isWholeName && after === '/' ? 1 : 0);
    } else if (char === '[') {
      const set = setOf(chars, at);
      if (set === null) return null;
      steps.push(set.step);
      at = set.end;
    } else if (char === '\\') {
      if (at + 1 >= chars.length) return null;
      steps.push({ kind: 'char', char: chars[at + 1] ?? '' });
      at += 2;
    } else {
      steps.push(char === '?' ? { kind: 'any' } : { kind: 'char', char });
      at++;
    }
  }
  return steps;
}

function setOf(chars: readonly string[], from: number): { step: Step; end: number } | null {
  let at = from + 1;
  const isNegated = chars[at] === '!' || chars[at] === '^';
  if (isNegated) at++;
  const ranges: [string, string][] = [];
  for (let isFirst = true; at < chars.length; isFirst = false) {
    if (chars[at] === ']' && !isFirst) return { step: { kind: 'set', isNegated, ranges }, end: at + 1 };
    if (chars[at] === '\\') at++;
    const low = chars[at] ?? '';
    if (chars[at + 1] === '-' && chars[at + 2] !== undefined && chars[at + 2] !== ']') {
      at += chars[at + 2] === '\\' ? 3 : 2;
      ranges.push([low, chars[at] ?? '']);
    } else {
      ranges.push([low, low]);
    }
    at++;
  }
  return null;
}
