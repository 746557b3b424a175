import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import type { Action } from './actions.ts';
import { type FieldProblem, Problem, problemBody } from './problem.ts';

/** Who acts, as it is written beside every change. */
export interface Actor {
  id: string;
  name: string;
  /** What acted in their name, where it was not they themselves: a token. Written into the change's detail. */
  via?: { kind: 'token'; id: string };
}

/** Who asks, and what it may. */
export interface Caller extends Actor {
  /** `command`: the `drawbridge` command on this machine. */
  kind: 'person' | 'token' | 'command';
  /** Of the person; of a token its creator’s. A command has none. */
  roles: readonly string[];
  /** 2: a passkey, or two factors. 1: one is missing yet, and only enrolment and sign-in answer. */
  level: 1 | 2;
  /** When a factor was last used, in ms; null: never. A command's file beside the keys is its factor. */
  steppedUpAt: number | null;
  /** What its roles or scopes permit. */
  actions: ReadonlySet<Action>;
  /** What they permit with what it owns. */
  ownActions: ReadonlySet<Action>;
}

/** What the middleware puts into each request's context. */
export interface HttpEnv {
  Variables: {
    actor: Caller;
    /** Of whom: where it came with a session of a person. */
    session?: { id: string; stage: string };
    requestId: string;
    /** Throws a Problem 403 where roles or policies do not permit this too, to what the path speaks of. Set by the gate. */
    expectMay?: (action: Action) => Promise<void>;
    /** Set by a handler whose answer shows a secret once: such an answer is not kept in clear. */
    shownOnce?: boolean;
  };
}
export type Router = OpenAPIHono<HttpEnv>;

/** Wrong fields that one answer names: nobody reads more, and a body can have a million of them. */
const MOST_ERRORS = 50;

/** A router whose validation errors are problems that name the field. Every capability's routes start with it. */
export function createRouter(): Router {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const errors = result.error.issues.flatMap((issue) => fieldProblems(issue)).slice(0, MOST_ERRORS);
      const first = errors[0];
      throw new Problem(
        400,
        'invalid_request',
        first === undefined
          ? 'The request does not have the documented form.'
          : `${first.field}: ${first.message}`,
        errors,
      );
    },
  });
}

/** One validation issue as fields: unknown members by name, and of alternatives the one that came closest. */
function fieldProblems(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): FieldProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldName([...path, key]), message: 'is not a member here' }));
  }
  if (issue.code === 'invalid_union') {
    const depth = (branch: readonly z.core.$ZodIssue[]) =>
      Math.max(0, ...branch.map((one) => one.path.length));
    const closest = issue.errors.reduce<readonly z.core.$ZodIssue[]>(
      (best, branch) => (depth(branch) > depth(best) ? branch : best),
      [],
    );
    if (closest.length > 0) return closest.flatMap((one) => fieldProblems(one, path));
  }
  return [{ field: fieldName(path), message: issue.message }];
}

const LONGEST_NAME = 100;
/** The form that keys have: who pasted one where a name belongs must not read it in an answer or a log. */
const KEYLIKE = /(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}/;

function shownName(name: PropertyKey): string {
  const text = String(name);
  return text.length > LONGEST_NAME || KEYLIKE.test(text) ? '(not shown)' : text;
}

const fieldName = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '(body)' : path.map(shownName).join('.');

export function answerProblem(c: Context, problem: Problem): Response {
  const retryAfter = problem.extra?.retryAfter;
  return c.body(JSON.stringify(problemBody(problem)), problem.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    ...(typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {}),
  });
}

/** What PostgreSQL says of a text with a NUL character, which it can't hold: in a column, in JSON. */
const NO_SUCH_TEXT = new Set(['22021', '22P05']);
/** And of JSON with half of a character in it, as all that is written as JSON is well formed but for that. */
const HALF_CHARACTER = { code: '22P02', says: 'invalid input syntax for type json' };

/** What other libraries throw where it was the request that was wrong; null for errors of ours. */
function callersFault(error: Error): Problem | null {
  // hono's own: a body that is not JSON, or not said to be
  if ('getResponse' in error && 'status' in error) {
    if (error.status === 400) {
      return new Problem(400, 'invalid_request', 'The body is not the JSON that is documented.');
    }
    if (error.status === 415) {
      return new Problem(415, 'not_json', 'Send the body as JSON, with "content-type: application/json".');
    }
  }
  if ('code' in error && typeof error.code === 'string' && NO_SUCH_TEXT.has(error.code)) {
    return new Problem(
      400,
      'invalid_request',
      'A text holds a NUL character, which no name or id has. Leave it out.',
    );
  }
  if ('code' in error && error.code === HALF_CHARACTER.code && error.message === HALF_CHARACTER.says) {
    return new Problem(
      400,
      'invalid_request',
      'A text holds half of a character: one part of a surrogate pair (UTF-16) without the other. Leave it out.',
    );
  }
  return null;
}

/** The one error handler: problems are answered as they are; anything else is logged and answered without detail. */
export function handleErrors(log: Logger): (error: Error, c: Context) => Response {
  return (error, c) => {
    if (error instanceof Problem) return answerProblem(c, error);
    const theirs = callersFault(error);
    if (theirs !== null) return answerProblem(c, theirs);
    log.error({ err: error, requestId: c.get('requestId'), path: c.req.path }, 'request failed');
    return answerProblem(
      c,
      new Problem(
        500,
        'internal',
        'This failed here, and was logged. Try again, then report the request id.',
      ),
    );
  };
}

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

/** The error answers that every route documents. */
export const problemResponses = {
  default: {
    description: 'What was wrong and what to do',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
} as const;

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } } as const;
}

export const ReasonSchema = z
  .string()
  .trim()
  .min(3, 'say why, in at least 3 characters')
  .max(500)
  .refine((text) => !text.includes('\0'), 'holds a NUL character; leave it out')
  .openapi({ description: 'Why this is done: recorded beside the change', example: 'First connection' });

export const PageQuerySchema = z.object({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** Keyset cursors: the sort key of the last row, opaque to callers. */
export function encodeCursor(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Reads a cursor of the given form. Throws a Problem that names `cursor`. */
export function decodeCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new Problem(
        400,
        'invalid_request',
        'cursor: not a cursor of this list; leave it out to start again.',
        [{ field: 'cursor', message: 'not a cursor of this list' }],
      );
    }
    throw error;
  }
}

/** Cuts `limit + 1` rows into a page, with the cursor of the last row kept. */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly (string | number)[],
  item: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(item),
    next: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null,
  };
}
