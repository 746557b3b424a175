import type { ReadOptions } from './format.ts';
import { detailOf, isOwn, isPublicAddress, type Place, placeOf, type Target, targetOf } from './host.ts';
import { ADDRESSES_KEPT, type Grade, keep, type Seen, type Traces } from './trace.ts';

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

  constructor(traces: Traces, options: ReadOptions, via: string, grade: Grade = 'observed') {
    this.#traces = traces;
    this.#own = ownOf(options);
    this.#via = via;
    this.#grade = grade;
  }

  name(text: string, about: About, field: string | null = null): void {
    this.target({ place: placeOf(text), scheme: null, port: null }, about, field);
  }

  url(text: string, about: About, field: string | null = null): void {
    this.target(targetOf(text), about, field);
  }

  target(target: Target, about: About, field: string | null = null): void {
    const host = this.hostIn(target.place, about.line, field);
    if (host === null) return;
    const name = {
      kind: 'host',
      value: host,
      grade: this.#grade,
      detail: detailOf(this.#via, target),
    } as const;
    this.#traces.saw({ ...name, ...known(about) });
    if (about.addresses === undefined || about.addresses.length === 0) return;
    const trace = this.#traces.open({ ...name, line: about.line });
    if (trace === null) return;
    for (const address of about.addresses) {
      if (isPublicAddress(address)) keep(trace.addresses, address.toLowerCase(), ADDRESSES_KEPT);
    }
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

/** Without what is unknown. */
function known({ line, at, bytesOut, bytesIn, address, fields }: About): Pick<Seen, 'line'> & Partial<Seen> {
  return {
    line,
    ...(at === undefined ? {} : { at }),
    ...(bytesOut === undefined ? {} : { bytesOut }),
    ...(bytesIn === undefined ? {} : { bytesIn }),
    ...(address === undefined || !isPublicAddress(address) ? {} : { address: address.toLowerCase() }),
    ...(fields === undefined ? {} : { fields }),
  };
}
