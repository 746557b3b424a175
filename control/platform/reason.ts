import type { Context } from 'hono';
import { ReasonSchema } from './http.ts';
import { Problem } from './problem.ts';

/**
 * Why a write is done: the body's `reason`, or the header `x-drawbridge-reason` (percent-encoded where it has letters
 * beyond Latin-1). Throws a Problem that names `reason`.
 */
export function givenReason(c: Context, inBody?: string): string {
  const header = c.req.header('x-drawbridge-reason');
  const parsed = ReasonSchema.safeParse(inBody ?? (header === undefined ? undefined : decoded(header)));
  if (parsed.success) return parsed.data;
  const message = 'Say why, in 3 to 500 characters: in the body, or in the header x-drawbridge-reason.';
  throw new Problem(400, 'reason_missing', message, [{ field: 'reason', message }]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // "100 % sure" is a reason too.
    if (error instanceof URIError) return text;
    throw error;
  }
}
