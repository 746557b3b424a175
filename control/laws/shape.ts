/** What is wrong with JSON before its meaning: nesting deeper than `deepest`, a member that no schema sees; null: nothing. */
export function shapeProblem(value: unknown, deepest: number): string | null {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return `nests deeper than ${deepest}`;
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      if (Object.hasOwn(one, '__proto__')) return 'has a member __proto__';
      for (const member of Object.values(one)) next.push(member);
    }
    level = next;
  }
  return null;
}
