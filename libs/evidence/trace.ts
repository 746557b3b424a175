import type { UsageReport } from './usage/report.ts';

/** How strongly a trace shows that something is used, from strong to weak: data went there; it is set up; it could; something that
 * we depend on could. */
export const grades = ['observed', 'configured', 'capable', 'transitive'] as const;
export type Grade = (typeof grades)[number];

/**
 * What kind of name was found, and what `detail` says of it:
 * - `host`: a name of a host, lower case, ASCII (punycode), no dot at its end. detail: `port`, `scheme`, `via` (`csp`, `har`, …)
 * - `package`: a package as its registry spells it. detail: `registry` (npm, pypi, go, maven, rubygems, packagist, cargo, nuget)
 * - `variable`: the name of an environment variable or secret, never its value
 * - `dns`: a record's value. detail: `record` (txt, spf, mx, cname, ns, dmarc_rua), `name` (whose record it is)
 * - `oauth_app`: an app that was granted access, by its name. detail: `client_id`, `scopes` (with spaces between)
 * - `payee`: who was paid, as the books write it
 * - `sender`: the domain that a message comes from. detail: `about` (invoice, welcome, security, other)
 * - `provider`: a Terraform provider (`registry.terraform.io/datadog/datadog`). detail: `region` where the file says it
 * - `service`: a service by the name of who provides it (CycloneDX)
 */
export const traceKinds = [
  'host',
  'package',
  'variable',
  'dns',
  'oauth_app',
  'payee',
  'sender',
  'provider',
  'service',
] as const;
export type TraceKind = (typeof traceKinds)[number];

/** One name at one place, as a reader tells it. Times are ms since 1970, sizes are bytes. */
export interface Seen {
  kind: TraceKind;
  value: string;
  grade: Grade;
  /** Where it stands, from 1; in a document without lines of its own, the number of the record. */
  line: number;
  at?: number;
  detail?: Readonly<Record<string, string>>;
  bytesOut?: number;
  bytesIn?: number;
  /** The address that was talked to. */
  address?: string;
  /** Names of fields that were sent there, never values. */
  fields?: readonly string[];
}

/** All that one file says of one name. */
export interface Trace {
  kind: TraceKind;
  value: string;
  grade: Grade;
  detail: Readonly<Record<string, string>>;
  count: number;
  /** The first places, in order; at most `LINES_KEPT`. */
  lines: number[];
  first: number | null;
  last: number | null;
  /** How often on which day: days since 1970 in UTC, in the order in which they were first seen; at most `DAYS_KEPT`. */
  days: [day: number, count: number][];
  bytesOut: number;
  bytesIn: number;
  addresses: string[];
  fields: string[];
}

/** What could not be read, and was left out. `field` where it is known. */
export interface Unread {
  line: number;
  field: string | null;
  why: string;
}

export const LINES_KEPT = 5;
export const ADDRESSES_KEPT = 8;
export const FIELDS_KEPT = 64;
/** A little more than a year: what is kept of days grows with the names of a file, not with its length. */
export const DAYS_KEPT = 400;
export const UNREAD_KEPT = 100;
/** Longer names are no names; they are left out and told. */
export const LONGEST_VALUE = 512;

/** Gathers what a reader sees, by name: its memory grows with the names of a file, not with its length, and is bounded. */
export class Traces {
  readonly #byKey = new Map<string, Trace>();
  readonly #most: number;
  readonly unread: Unread[] = [];
  /** How many places could not be read, kept above or not. */
  unreadCount = 0;
  /** Names beyond `most`, by how often one was seen. */
  overflow = 0;
  /** Of a vendor's report of use; null: the file is none. */
  usage: UsageReport | null = null;

  /** @param most distinct names that are kept. */
  constructor(most = 200_000) {
    this.#most = most;
  }

  saw(seen: Seen): void {
    const trace = this.open(seen);
    if (trace === null) return;
    count(trace, seen.line, seen.at);
    trace.bytesOut += seen.bytesOut ?? 0;
    trace.bytesIn += seen.bytesIn ?? 0;
    if (seen.address !== undefined) keep(trace.addresses, seen.address, ADDRESSES_KEPT);
    for (const field of seen.fields ?? []) keep(trace.fields, field, FIELDS_KEPT);
  }

  /**
   * The trace of a name, begun where it is new, for a reader that keeps it at hand and counts by itself (`count`); null where it
   * is no name or there are too many, which is told.
   */
  open(seen: Pick<Seen, 'kind' | 'value' | 'grade' | 'line' | 'detail'>): Trace | null {
    if (seen.value === '') return null;
    if (seen.value.length > LONGEST_VALUE) {
      this.skip(seen.line, `a ${seen.kind} of ${seen.value.length} characters is no name`);
      return null;
    }
    // Half a character, or a NUL: no name has them, and no database takes them.
    if (!seen.value.isWellFormed() || seen.value.includes('\0')) {
      this.skip(seen.line, `a ${seen.kind} with characters that no name has was left out`);
      return null;
    }
    const detail = seen.detail ?? NOTHING;
    const key = `${seen.kind}\n${seen.grade}\n${seen.value}\n${detail === NOTHING ? '' : spelt(detail)}`;
    return this.#byKey.get(key) ?? this.#begin(key, seen, detail);
  }

  /** Tells that something was left out. `why` holds nothing of its content. */
  skip(line: number, why: string, field: string | null = null): void {
    this.unreadCount += 1;
    if (this.unread.length < UNREAD_KEPT) this.unread.push({ line, field, why });
  }

  /** In the order in which they were first seen. */
  list(): Trace[] {
    return [...this.#byKey.values()];
  }

  #begin(
    key: string,
    { kind, value, grade }: Pick<Seen, 'kind' | 'value' | 'grade'>,
    detail: Readonly<Record<string, string>>,
  ): Trace | null {
    if (this.#byKey.size >= this.#most) {
      this.overflow += 1;
      return null;
    }
    const trace: Trace = {
      kind,
      value,
      grade,
      detail,
      count: 0,
      lines: [],
      first: null,
      last: null,
      days: [],
      bytesOut: 0,
      bytesIn: 0,
      addresses: [],
      fields: [],
    };
    this.#byKey.set(key, trace);
    return trace;
  }
}

/** One text per detail, whose parts have lengths so that no two are alike. Faster than JSON. */
function spelt(detail: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in detail) {
    const value = detail[name] ?? '';
    text += `${name}${value.length}=${value}`;
  }
  return text;
}

const NOTHING: Readonly<Record<string, string>> = {};

/** One more place of a name. */
export function count(trace: Trace, line: number, at?: number): void {
  trace.count += 1;
  if (trace.lines.length < LINES_KEPT && trace.lines.at(-1) !== line) trace.lines.push(line);
  if (at === undefined) return;
  if (trace.first === null || at < trace.first) trace.first = at;
  if (trace.last === null || at > trace.last) trace.last = at;
  countDay(trace.days, Math.floor(at / DAY_MS));
}

const DAY_MS = 86_400_000;

/** Logs come in the order of time: the day is nearly always the last one. */
function countDay(days: Trace['days'], day: number): void {
  const last = days.at(-1);
  const there = last?.[0] === day ? last : days.find(([known]) => known === day);
  if (there !== undefined) there[1] += 1;
  else if (days.length < DAYS_KEPT) days.push([day, 1]);
}

export function keep(list: string[], value: string, most: number): void {
  if (list.length < most && !list.includes(value)) list.push(value);
}
