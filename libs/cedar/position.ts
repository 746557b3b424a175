import type { Position } from './errors.ts';

/** Positions of two byte offsets in the UTF-8 form of `text`; offsets beyond its end are its end. */
export function positionsIn(text: string, start: number, end: number): [Position, Position] {
  const bytes = new TextEncoder().encode(text);
  return [positionOf(bytes, start), positionOf(bytes, end)];
}

function positionOf(bytes: Uint8Array, offset: number): Position {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
