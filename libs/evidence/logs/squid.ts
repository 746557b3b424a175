import type { Format, Reader, ReadOptions } from '../format.ts';
import { detailOf, targetOf } from '../host.ts';
import { Lines, LONGEST_LINE } from '../lines.ts';
import { Hosts, keepAddress } from '../seen-host.ts';
import { ADDRESSES_KEPT, count, type Trace, type Traces } from '../trace.ts';

const LINE = /^\d{9,10}\.\d{3}\s+-?\d+\s+\S+\s+[A-Z_]+\/\d{3}\s+\d+\s+\S+\s+\S+\s+\S+\s+[A-Z_]+\/\S+/m;

/**
 * Squid's native access log: `time elapsed client code/status bytes method URL user hierarchy/peer type`
 * (https://wiki.squid-cache.org/Features/LogFormat). `bytes` is what was delivered to the client.
 */
export const squid: Format = {
  id: 'squid',
  name: 'Squid access log',
  fits: (_name, head) => (LINE.test(head) ? 0.95 : 0),
  reader: (traces, options) => new SquidReader(traces, options),
};

const FIELDS = 9;
const [CODE, BYTES, METHOD, URL, PEER] = [3, 4, 5, 6, 8];
const SPACE = 32;
const TAB = 9;
const SLASH = 47;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
/** Spellings of hosts, as they stand in the file, that are known at a time. */
const CACHED = 50_000;

/** What a spelling of a host stands for; null: nothing that is kept. */
type Known = Trace | null;

/** Works on bytes, and makes no text but of host and peer: a log has many lines and few names. */
class SquidReader implements Reader {
  readonly #traces: Traces;
  readonly #hosts: Hosts;
  readonly #lines: Lines;
  readonly #known = new Map<string, Known>();
  /** Where the fields of the line begin and end. */
  readonly #starts = new Int32Array(FIELDS);
  readonly #ends = new Int32Array(FIELDS);

  constructor(traces: Traces, options: ReadOptions) {
    this.#traces = traces;
    this.#hosts = new Hosts(traces, options, 'squid');
    this.#lines = new Lines({
      line: (bytes, start, end, line) => this.#line(bytes, start, end, line),
      tooLong: (line) => traces.skip(line, `the line is longer than ${LONGEST_LINE / 1024} KiB`),
    });
  }

  get lines(): number {
    return this.#lines.count;
  }

  write(chunk: Uint8Array): void {
    this.#lines.write(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  #line(bytes: Buffer, start: number, end: number, line: number): void {
    const starts = this.#starts;
    const ends = this.#ends;
    let found = 0;
    let at = start;
    while (found < FIELDS) {
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
      if (at >= end) break;
      starts[found] = at;
      // JavaScript's own loop is faster than a call for such short pieces.
      while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at += 1;
      ends[found] = at;
      found += 1;
    }
    if (found === 0) return;
    if (found < FIELDS) {
      this.#traces.skip(line, `${found} fields instead of at least ${FIELDS}`);
      return;
    }
    if (wasDenied(bytes, starts[CODE] ?? 0, ends[CODE] ?? 0)) return;
    const time = millisecondsOf(bytes, starts[0] ?? 0, ends[0] ?? 0);
    if (time === null) {
      this.#traces.skip(line, 'the time is no seconds with milliseconds', 'time');
      return;
    }
    const trace = this.#target(bytes, starts[URL] ?? 0, ends[URL] ?? 0, line);
    if (trace === null) return;
    count(trace, line, time);
    const size = digitsOf(bytes, starts[BYTES] ?? 0, ends[BYTES] ?? 0);
    if (size === null) this.#traces.skip(line, 'the size is no number', 'bytes');
    else trace.bytesIn += size;
    if (trace.addresses.length < ADDRESSES_KEPT) this.#peer(trace, bytes, starts[PEER] ?? 0, ends[PEER] ?? 0);
  }

  /** The trace of where the URL leads. Of the URL, no more than scheme, host and port is made a text. */
  #target(bytes: Buffer, start: number, end: number, line: number): Known {
    let from = start;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at];
      if (
        byte === SLASH &&
        bytes[at + 1] === SLASH &&
        at + 1 < end &&
        at > start &&
        bytes[at - 1] === 58 &&
        from === start
      ) {
        from = at + 2;
        break;
      }
      if (byte === SLASH || byte === 63) break;
    }
    let stop = from;
    while (stop < end) {
      const byte = bytes[stop];
      if (byte === SLASH || byte === 63 || byte === 35 || byte === 92) break;
      // A name and a password before the host make the spelling another one each time.
      if (byte === 64) return this.#begin(targetOf(bytes.toString('latin1', start, end)), line);
      stop += 1;
    }
    const spelling = bytes.toString('latin1', start, stop);
    const known = this.#known.get(spelling);
    if (known !== undefined && known !== null) return known;
    if (known === null) {
      // What is told as left out is counted each time; the rest of such names is nobody's.
      return this.#begin(targetOf(spelling), line);
    }
    const isConnect =
      from === start &&
      bytes.toString('latin1', this.#starts[METHOD] ?? 0, this.#ends[METHOD] ?? 0) === 'CONNECT';
    const trace = from === start && !isConnect ? this.#noUrl(line) : this.#begin(targetOf(spelling), line);
    if (this.#known.size >= CACHED) this.#known.clear();
    this.#known.set(spelling, trace);
    return trace;
  }

  #noUrl(line: number): null {
    this.#traces.skip(line, 'this is no URL', 'URL');
    return null;
  }

  #begin(target: ReturnType<typeof targetOf>, line: number): Known {
    // What Squid writes for requests that it could not read.
    if (target.scheme === 'error' || (target.place === 'no_name' && target.scheme === null))
      return this.#noUrl(line);
    const value = this.#hosts.hostIn(target.place, line, 'URL');
    if (value === null) return null;
    return this.#traces.open({
      kind: 'host',
      value,
      grade: 'observed',
      line,
      detail: detailOf('squid', target),
    });
  }

  /** The vendor's address, where Squid went there itself: `HIER_DIRECT/203.0.113.7`. A parent is a proxy of somebody's. */
  #peer(trace: Trace, bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, end);
    const slash = text.indexOf('/');
    const hierarchy = text.slice(0, slash);
    if (!hierarchy.endsWith('DIRECT') && hierarchy !== 'ORIGINAL_DST') return;
    keepAddress(trace, text.slice(slash + 1));
  }
}

/** `TCP_DENIED/403`, `NONE_NONE/400`, `TCP_DENIED_REPLY/407`: nothing went out. */
function wasDenied(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] === 78) return bytes.toString('latin1', start, Math.min(end, start + 4)) === 'NONE';
  return (
    bytes[start + 4] === 68 && bytes.toString('latin1', start, Math.min(end, start + 10)) === 'TCP_DENIED'
  );
}

function digitsOf(bytes: Buffer, start: number, end: number): number | null {
  if (end - start > 15 || start === end) return null;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return null;
    value = value * 10 + byte - ZERO;
  }
  return value;
}

/** `1793527200.123`, in milliseconds. */
function millisecondsOf(bytes: Buffer, start: number, end: number): number | null {
  let dot = start;
  while (dot < end && bytes[dot] !== DOT) dot += 1;
  const seconds = digitsOf(bytes, start, dot);
  if (seconds === null) return null;
  const part = dot + 1 < end ? digitsOf(bytes, dot + 1, Math.min(end, dot + 4)) : 0;
  return part === null ? null : seconds * 1000 + part;
}
