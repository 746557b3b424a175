/** A place in the heat map: row, column. */
export type Place = readonly [row: number, column: number];

const steps: Readonly<Record<string, Place>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where Tab enters: the last filled square of the first row that has one. Null: no square is filled. */
export function startOf(filled: readonly (readonly boolean[])[]): Place | null {
  const row = filled.findIndex((squares) => squares.includes(true));
  return row === -1 ? null : [row, filled[row]?.lastIndexOf(true) ?? 0];
}

/**
 * Where an arrow key leads: along a row to the next filled square, over rows to the one nearest in time. The place
 * itself where there is none; null for any other key.
 */
export function afterKey(key: string, from: Place, filled: readonly (readonly boolean[])[]): Place | null {
  const step = steps[key];
  if (step === undefined) return null;
  let [row, column] = from;
  if (step[0] === 0) {
    const squares = filled[row] ?? [];
    do column += step[1];
    while (column >= 0 && column < squares.length && !squares[column]);
    return squares[column] ? [row, column] : from;
  }
  do row += step[0];
  while (filled[row] !== undefined && !filled[row]?.includes(true));
  const nearest = nearestIn(filled[row] ?? [], column);
  return nearest === null ? from : [row, nearest];
}

function nearestIn(squares: readonly boolean[], wanted: number): number | null {
  let nearest: number | null = null;
  for (const [column, isFilled] of squares.entries()) {
    if (!isFilled) continue;
    if (nearest === null || Math.abs(column - wanted) < Math.abs(nearest - wanted)) nearest = column;
  }
  return nearest;
}
