import { z } from '@hono/zod-openapi';
import { decodeCursor, encodeCursor, invalid } from '../platform/index.ts';

/** How far a reader has got: in each log, and among the changes. What came after it is not in it, whenever it came. */
export interface Position {
  /** Whose logs: the numbers mean nothing elsewhere. */
  deployment: string;
  /** Events from before this time (milliseconds since 1970) are left out; null leaves out none. */
  from: number | null;
  /** The last change that was read. */
  place: number;
  /** The next index by log. A log that is not in it was not read yet. */
  logs: Map<number, number>;
}

const FORM = 1;
const Count = z.int().min(0);
const Form = z.tuple([z.literal(FORM), z.string().max(100), z.int().nullable(), Count, z.array(Count)]);

export function formatPosition({ deployment, from, place, logs }: Position): string {
  return encodeCursor([FORM, deployment, from, place, [...logs].flat()]);
}

/** Reads a cursor. Throws a Problem where it is none, or one of another deployment. */
export function parsePosition(text: string, deployment: string): Position {
  const [, whose, from, place, pairs] = decodeCursor(text, Form);
  if (whose !== deployment) {
    throw invalid('since', 'this cursor is of another deployment; give a time to start from instead');
  }
  const logs = new Map<number, number>();
  for (let at = 0; at + 1 < pairs.length; at += 2) logs.set(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  return { deployment, from, place, logs };
}
