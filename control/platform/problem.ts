/** One wrong field of a request: where (dot path) and what to do. */
export interface FieldProblem {
  field: string;
  message: string;
}

/**
 * An error that is answered to whoever asked, as application/problem+json (RFC 9457). `code` is stable; `detail` says
 * what was wrong and what to do. Never holds a secret or personal data.
 */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;
  constructor(
    status: number,
    code: string,
    detail: string,
    errors?: readonly FieldProblem[],
    extra?: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.extra = extra;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request is not right',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'It conflicts with what is there',
  412: 'It was changed meanwhile',
  413: 'Too large',
  415: 'The request is not right',
  422: 'The request is not right',
  428: 'Say which version you changed',
  429: 'Too many requests',
  500: 'Something failed here',
  503: 'Not available just now',
};

export function problemBody(problem: Problem): Record<string, unknown> {
  return {
    type: `urn:drawbridge:problem:${problem.code}`,
    title: titles[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...problem.extra,
  };
}

export const notFound = (what: string): Problem =>
  new Problem(404, 'not_found', `There is no such ${what}. It may have been removed; look in the list.`);

/** A well-formed request that asks for what can't be: names the field, and what to do. */
export function invalid(field: string, message: string): Problem {
  return new Problem(422, 'invalid_request', `${field}: ${message}`, [{ field, message }]);
}
