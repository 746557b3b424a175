import { type Logger, pino } from 'pino';

/** What the gateway writes: one line of JSON per event. Never a body, a query string, a header value or a key. */
export type GatewayLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** `worker`: which one of several writes; null where there is one. */
export function createLog(level: string, gateway: string, worker: number | string | null = null): Logger {
  return pino({
    level,
    base: worker === null ? { gateway } : { gateway, worker, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

/** The file and line at the end of a stack's line, without directories. */
const PLACE = /^ {4}at .*?([\w.-]+\.(?:ts|js|mjs|cjs):\d+:\d+)\)?$/;

/** What may be said of an unexpected error: its message could quote a request, so only its kind and where it arose. */
export function traceOf(cause: unknown): { error: string; code?: string; at: string[] } {
  if (!(cause instanceof Error)) return { error: typeof cause, at: [] };
  const at = (cause.stack ?? '')
    .split('\n')
    .map((line) => PLACE.exec(line)?.[1] ?? '')
    .filter((place) => place !== '')
    .slice(0, 8);
  return 'code' in cause ? { error: cause.name, code: String(cause.code), at } : { error: cause.name, at };
}
