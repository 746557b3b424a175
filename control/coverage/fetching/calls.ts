import { type ErrandCall, ErrandError, type RunErrand } from '../../vault/index.ts';
import type { VendorFacts } from '../../vendors/index.ts';

export type UsageApi = NonNullable<VendorFacts['usage_api']>;

/** Why a report could not be fetched. `message` is ours, never what the vendor wrote. */
export class FetchError extends Error {
  readonly code: 'unauthorised' | 'refused' | 'limited' | 'unreachable' | 'unexpected' | 'failed' | 'stopped';
  /** Milliseconds that the vendor asks to wait. */
  readonly retryAfterMs: number | null;
  constructor(code: FetchError['code'], message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'FetchError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
  /** Whether other reports of the same vendor would fare no better now. */
  get isOfAll(): boolean {
    return this.code !== 'refused' && this.code !== 'unexpected';
  }
}

export interface ReportAsked {
  run: RunErrand;
  api: UsageApi;
  /** As facts have it, with places for the time. */
  path: string;
  place: { scheme: 'https' | 'http'; host: string; port: number; private: boolean };
  header: { name: string; prefix: string };
  credential: { wrapped: Uint8Array; context: Uint8Array };
  /** Midnights, UTC, in ms since 1970; `to` is not included. */
  from: number;
  to: number;
  /** Before each call: throws FetchError where none is to be made any more. */
  check: () => void;
}

/** A page of a report: what an errand's process can hold as JSON. */
export const LARGEST_PAGE = 4 * 1024 * 1024;
const LARGEST_REPORT = 64 * 1024 * 1024;
const MOST_PAGES = 120;
/** Values of answers are cut at this length where they are read. */
const LONGEST_CURSOR = 500;
/** Days in a page. A page that gets too large is asked for day by day. */
const DAYS_A_PAGE = 7;
const MINUTE_MS = 60_000;

/** A report for a time, page by page, as the vendor answered it. Throws FetchError. */
export async function fetchReport(asked: ReportAsked): Promise<Uint8Array[]> {
  try {
    return await pagesOf(asked, DAYS_A_PAGE);
  } catch (error) {
    if (!(error instanceof ErrandError)) throw error;
    if (error.code !== 'too_large') throw sayable(error);
  }
  return pagesOf(asked, 1).catch((error: unknown) => {
    throw error instanceof ErrandError ? sayable(error) : error;
  });
}

async function pagesOf(asked: ReportAsked, days: number): Promise<Uint8Array[]> {
  const { run, api, place, header, credential, check } = asked;
  const url = urlOf(asked, days);
  const pages: Uint8Array[] = [];
  const seen = new Set<string>();
  let length = 0;
  for (;;) {
    check();
    const call: ErrandCall = {
      method: 'GET',
      url: url.href,
      body: null,
      place: { in: 'header', name: header.name, prefix: header.prefix },
      headers: api.headers,
      read: { more: api.page.more, next: api.page.next },
      list: null,
      take: null,
      whole: LARGEST_PAGE,
    };
    const { status, retryAfterMs, values, whole } = await run({
      call,
      credential,
      isPrivate: place.private,
    });
    expectGood(status, retryAfterMs);
    if (whole === null) throw new FetchError('unexpected', 'The vendor answered with nothing.');
    length += whole.length;
    if (length > LARGEST_REPORT)
      throw new FetchError('unexpected', `The report has more than ${LARGEST_REPORT} bytes.`);
    pages.push(whole);
    if (values.more !== true) return pages;
    const { next } = values;
    if (typeof next !== 'string' || next === '')
      throw new FetchError('unexpected', 'The vendor says that there are more pages, and not which.');
    if (next.length >= LONGEST_CURSOR)
      throw new FetchError('unexpected', 'What the vendor calls the next page is too long.');
    // A vendor that leads back would be followed for ever, and its pages counted twice.
    if (seen.has(next)) throw new FetchError('unexpected', 'The vendor’s pages lead back to one another.');
    if (pages.length >= MOST_PAGES)
      throw new FetchError('unexpected', `The report has more than ${MOST_PAGES} pages.`);
    seen.add(next);
    url.searchParams.set(api.page.parameter, next);
  }
}

/** Where a report is asked for. `{to_iso}` is a minute later: some APIs give only spans that end before it. */
export function urlOf(
  { place, path, from, to }: Pick<ReportAsked, 'place' | 'path' | 'from' | 'to'>,
  days: number,
): URL {
  const values: Record<string, string> = {
    from: String(from / 1000),
    to: String(to / 1000),
    from_iso: isoOf(from),
    to_iso: isoOf(to + MINUTE_MS),
    days: String(days),
  };
  const { scheme, host, port } = place;
  const base = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const filled = path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  );
  return new URL(base + filled);
}

const isoOf = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

function expectGood(status: number, retryAfterMs: number | null): void {
  if (status >= 200 && status <= 299) return;
  if (status === 429) throw new FetchError('limited', 'The vendor asks to wait (429).', retryAfterMs);
  if (status >= 500) throw new FetchError('unreachable', `The vendor failed (${status}).`, retryAfterMs);
  if (status === 401)
    throw new FetchError(
      'unauthorised',
      'The vendor refuses the credential (401): it may be revoked, or be no admin key. Enter it anew.',
    );
  if (status === 403)
    throw new FetchError('refused', 'The credential may not read this report (403).', retryAfterMs);
  throw new FetchError('refused', `The vendor refuses to give this report (${status}).`, retryAfterMs);
}

function sayable({ code, message }: ErrandError): FetchError {
  const isBroken = ['not_json', 'no_secret', 'echoed', 'too_large'].includes(code);
  return new FetchError(isBroken ? 'unexpected' : 'unreachable', message);
}
