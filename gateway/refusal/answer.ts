import type { Service } from '@drawbridge/protocol';
import type { Refusal } from './refusal.ts';

/** An answer of the gateway's own, ready to be written. */
export interface WireAnswer {
  status: number;
  /** Raw header pairs, without length. */
  headers: string[];
  body: Buffer;
}

interface ErrorShape {
  /** Template parts; the odd ones are placeholders: `message` or `code`. */
  parts: readonly string[];
  headers: readonly string[];
}

/** A vendor's error bodies, prepared once per snapshot. */
export interface ErrorShapes {
  refused: ErrorShape;
  later: ErrorShape;
}

/** Prepares the error shapes of a service. */
export function compileErrorShapes(errors: Service['errors']): ErrorShapes {
  return { refused: compileShape(errors.refused), later: compileShape(errors.later) };
}

function compileShape(shape: Service['errors']['refused']): ErrorShape {
  const headers = ['Content-Type', shape.content_type];
  for (const [name, value] of Object.entries(shape.headers ?? {})) headers.push(name, value);
  return { parts: shape.body.split(/\{(message|code)\}/), headers };
}

/**
 * The refusal in the vendor's own shape, so that its SDK shows it and acts on it. `page`: where in the console the
 * crossing is shown; null when there is none to show.
 */
export function vendorProblem(refusal: Refusal, shapes: ErrorShapes, page: string | null = null): WireAnswer {
  const shape = refusal.later ? shapes.later : shapes.refused;
  const message = page === null ? refusal.message : `${refusal.message} Details: ${page}`;
  let body = '';
  for (const [index, part] of shape.parts.entries()) {
    if (index % 2 === 0) body += part;
    else body += inJsonString(part === 'code' ? refusal.code : message);
  }
  return {
    status: refusal.status,
    headers: [...shape.headers, ...ownHeaders(refusal)],
    body: Buffer.from(body),
  };
}

/** The refusal where no vendor is known yet: problem+json (RFC 9457). */
export function plainProblem(refusal: Refusal): WireAnswer {
  const body = JSON.stringify({
    type: `urn:drawbridge:refusal:${refusal.code}`,
    title: refusal.code.replaceAll('_', ' '),
    status: refusal.status,
    code: refusal.code,
    detail: refusal.message,
  });
  return {
    status: refusal.status,
    headers: ['Content-Type', 'application/problem+json', ...ownHeaders(refusal)],
    body: Buffer.from(body),
  };
}

function ownHeaders(refusal: Refusal): string[] {
  const headers = ['Cache-Control', 'no-store', 'X-Drawbridge-Refusal', refusal.code];
  if (refusal.retryAfterSeconds !== null) headers.push('Retry-After', String(refusal.retryAfterSeconds));
  return headers;
}

function inJsonString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
