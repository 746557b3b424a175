interface Round {
  x: number;
  y: number;
  r: number;
}

const ROUNDS = 60;

/**
 * Marks that lie on each other, moved apart as little as it takes: Europe has many small countries. `fixed` stay where they are.
 * The same marks in the same order give the same places.
 */
export function apart<Item extends Round>(given: readonly Item[], fixed: readonly Round[]): Item[] {
  const marks = given.map((mark) => ({ ...mark }));
  for (let round = 0; round < ROUNDS; round += 1) {
    let moved = false;
    for (const [index, one] of marks.entries()) {
      for (const other of [...fixed, ...marks.slice(0, index)]) {
        const dx = one.x - other.x || 0.1 * (index + 1);
        const dy = one.y - other.y || 0.1;
        const distance = Math.hypot(dx, dy);
        const short = one.r + other.r - distance;
        if (short <= 0.1) continue;
        moved = true;
        const share = fixed.includes(other) ? 1 : 0.5;
        const [ux, uy] = [dx / distance, dy / distance];
        one.x += ux * short * share;
        one.y += uy * short * share;
        if (share === 1) continue;
        other.x -= ux * short * share;
        other.y -= uy * short * share;
      }
    }
    if (!moved) break;
  }
  return marks;
}
