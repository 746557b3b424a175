import type { ReadOptions } from './format.ts';
import { detailOf, isOwn, isPublicAddress, type Place, placeOf, type Target, targetOf } from './host.ts';
import { ADDRESSES_KEPT, count, FIELDS_KEPT, type Grade, keep, type Trace, type Traces } from './trace.ts';

const SPELLINGS = 20_000;
const LONGEST_SPELLING = 256;

/** What is known beside the host. */
export interface About {
  line: number;
  at?: number | undefined;
  bytesOut?: number | undefined;
  bytesIn?: number | undefined;
  /** As the file has it; what is no address, or one of an inside network, is left out. */
  address?: string | undefined;
  addresses?: readonly string[] | undefined;
  fields?: readonly string[] | undefined;
}

/**
 * Tells hosts, normalised, to `traces`; the organisation's own are left out. What is no name, and what has only an address, is
 * told as left out.
 */
export class Hosts {
  readonly #traces: Traces;
  readonly #own: readonly string[];
  readonly #via: string;
  readonly #grade: Grade;
  /** Traces of hosts of which no more than the name is said. */
  readonly #plain = new Map<string, Trace>();
  /** What spellings name: a file has many places and few names. */
  readonly #places = new Map<string, Place>();

  constructor(traces: Traces, options: ReadOptions, via: string, grade: Grade = 'observed') {
    this.#traces = traces;
    this.#own = ownOf(options);
    this.#via = via;
    this.#grade = grade;
  }

  name(text: string, about: About, field: string | null = null): void {
    this.target({ place: this.placeOf(text), scheme: null, port: null }, about, field);
  }

  /** `placeOf`, remembered. */
  placeOf(text: string): Place {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = placeOf(text);
    if (text.length > LONGEST_SPELLING) return place;
    if (this.#places.size >= SPELLINGS) this.#places.clear();
    this.#places.set(text, place);
    return place;
  }

  url(text: string, about: About, field: string | null = null): void {
    this.target(targetOf(text), about, field);
  }

  target(target: Target, about: About, field: string | null = null): void {
    const host = this.hostIn(target.place, about.line, field);
    if (host === null) return;
    const trace = this.#traceOf(host, target, about.line);
    if (trace === null) return;
    count(trace, about.line, about.at);
    trace.bytesOut += about.bytesOut ?? 0;
    trace.bytesIn += about.bytesIn ?? 0;
    if (about.address !== undefined) keepAddress(trace, about.address);
    for (const address of about.addresses ?? []) keepAddress(trace, address);
    for (const name of about.fields ?? []) keep(trace.fields, name, FIELDS_KEPT);
  }

  #traceOf(host: string, target: Target, line: number): Trace | null {
    const isPlain = target.scheme === null && (target.port === null || target.port === 443);
    const known = isPlain ? this.#plain.get(host) : undefined;
    if (known !== undefined) return known;
    const detail = detailOf(this.#via, target);
    const trace = this.#traces.open({ kind: 'host', value: host, grade: this.#grade, line, detail });
    // No more than there are traces.
    if (isPlain && trace !== null) this.#plain.set(host, trace);
    return trace;
  }

  /** The host where it is one to keep; else null, and told where that is worth it. */
  hostIn(place: Place, line: number, field: string | null): string | null {
    if (place === 'inside') return null;
    if (place === 'no_name') {
      this.#traces.skip(line, 'this is no name of a host', field);
      return null;
    }
    if ('address' in place) {
      if (isPublicAddress(place.address)) this.#traces.skip(line, 'an address without a name', field);
      return null;
    }
    return isOwn(place.host, this.#own) ? null : place.host;
  }
}

export function ownOf({ own = [] }: ReadOptions): string[] {
  return own.flatMap((name) => {
    const place = placeOf(name);
    return typeof place === 'object' && 'host' in place ? [place.host] : [];
  });
}

/** Keeps an address beside a name, where it is a public one. */
export function keepAddress({ addresses }: Trace, address: string): void {
  if (addresses.length >= ADDRESSES_KEPT || addresses.includes(address)) return;
  if (isPublicAddress(address)) keep(addresses, address.toLowerCase(), ADDRESSES_KEPT);
}
