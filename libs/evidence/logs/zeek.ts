import type { Format, Reader, ReadOptions } from '../format.ts';
import { countOf, isObject, type JsonObject, lineReader, parsed } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';

/** The logs that are read, and what tells them apart where no header says it. */
const kinds = ['ssl', 'dns', 'http'] as const;
type Kind = (typeof kinds)[number];

/**
 * Zeek's `ssl.log`, `dns.log` and `http.log`, as tab-separated values (with their `#` headers) and as JSON lines
 * (https://docs.zeek.org/en/master/logs/index.html).
 */
export const zeek: Format = {
  id: 'zeek',
  name: 'Zeek ssl, dns or http log',
  fits: (_name, head) => {
    if (/^#separator \\x[0-9a-f]{2}/m.test(head) && /^#fields/m.test(head)) return 0.98;
    if (!head.includes('"id.resp_h"') || !head.includes('"ts"')) return 0;
    return /"(?:server_name|query|host)"/.test(head) ? 0.95 : 0;
  },
  reader: (traces, options) => new ZeekReader(traces, options).reader,
};

/** A record's value by the name of its field; `undefined` where it is not set. */
type Get = (field: string) => unknown;

class ZeekReader {
  readonly reader: Reader;
  readonly #traces: Traces;
  readonly #hosts: { readonly [kind in Kind]: Hosts };
  #separator = '\t';
  #setSeparator = ',';
  #unset = '-';
  #empty = '(empty)';
  /** Where each field stands. */
  #fields: ReadonlyMap<string, number> = new Map();
  #kind: Kind | null = null;

  constructor(traces: Traces, options: ReadOptions) {
    this.#traces = traces;
    this.#hosts = {
      ssl: new Hosts(traces, options, 'zeek-ssl'),
      dns: new Hosts(traces, options, 'zeek-dns'),
      http: new Hosts(traces, options, 'zeek-http'),
    };
    this.reader = lineReader(traces, (text, line) => this.#line(text, line));
  }

  #line(text: string, line: number): void {
    if (text.startsWith('#')) {
      this.#header(text);
      return;
    }
    if (text.startsWith('{')) {
      const record = parsed(text);
      if (!isObject(record)) {
        this.#traces.skip(line, 'the line is no JSON object');
        return;
      }
      const kind = kindOfJson(record);
      if (kind === null) {
        this.#traces.skip(line, 'the record is of no ssl, dns or http log');
        return;
      }
      this.#record(kind, (field) => record[field], line);
      return;
    }
    if (this.#fields.size === 0) {
      this.#traces.skip(line, 'the line comes before any #fields');
      return;
    }
    // Of another log, whose header was read and told.
    if (this.#kind === null) return;
    const values = text.split(this.#separator, this.#fields.size);
    if (values.length < this.#fields.size) {
      this.#traces.skip(line, `${values.length} values instead of ${this.#fields.size}`);
      return;
    }
    const get: Get = (field) => {
      const value = values[this.#fields.get(field) ?? -1];
      return value === this.#unset || value === this.#empty ? undefined : value;
    };
    this.#record(this.#kind, get, line);
  }

  #header(text: string): void {
    if (text.startsWith('#separator ')) {
      this.#separator = unescaped(text.slice('#separator '.length).trim()) || '\t';
      return;
    }
    const [name = '', ...values] = text.slice(1).split(this.#separator);
    const value = values[0] ?? '';
    if (name === 'set_separator' && value !== '') this.#setSeparator = value;
    else if (name === 'unset_field') this.#unset = value;
    else if (name === 'empty_field') this.#empty = value;
    else if (name === 'path') this.#kind = kinds.find((kind) => kind === value) ?? null;
    else if (name === 'fields') {
      this.#fields = new Map(values.slice(0, MOST_FIELDS).map((field, place) => [field, place]));
      this.#kind ??= kindOfFields((field) => values.includes(field));
    }
  }

  #record(kind: Kind, get: Get, line: number): void {
    const text = (field: string): string | undefined => {
      const value = get(field);
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const at = timeOf(get('ts'));
    if (at === undefined) this.#traces.skip(line, 'the time is unreadable', 'ts');
    const address = text('id.resp_h');
    const hosts = this.#hosts[kind];
    if (kind === 'ssl') {
      const name = text('server_name');
      // A handshake without a name names nobody.
      if (name !== undefined)
        hosts.target(
          { place: hosts.placeOf(name), scheme: null, port: countOf(get('id.resp_p')) ?? null },
          { line, at, address },
          'server_name',
        );
    } else if (kind === 'http') {
      const name = text('host');
      if (name === undefined) return;
      const sizes = {
        bytesOut: countOf(get('request_body_len')),
        bytesIn: countOf(get('response_body_len')),
      };
      hosts.url(`http://${name}`, { line, at, address, ...sizes }, 'host');
    } else {
      const name = text('query');
      const type = text('qtype_name');
      if (name === undefined || text('rcode_name') === 'NXDOMAIN' || type === 'PTR') return;
      hosts.name(name, { line, at, addresses: this.#list(get('answers')) }, 'query');
    }
  }

  #list(value: unknown): string[] {
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
    return typeof value === 'string' ? value.split(this.#setSeparator) : [];
  }
}

const MOST_FIELDS = 256;

function kindOfFields(has: (field: string) => boolean): Kind | null {
  if (has('server_name') && has('cipher')) return 'ssl';
  if (has('query') && has('qtype_name')) return 'dns';
  return has('host') && has('method') ? 'http' : null;
}

function kindOfJson(record: JsonObject): Kind | null {
  const path = record._path;
  if (typeof path === 'string') return kinds.find((kind) => kind === path) ?? null;
  const has = (field: string) => Object.hasOwn(record, field);
  if (has('server_name') || has('cipher')) return 'ssl';
  if (has('query') || has('qtype_name')) return 'dns';
  return has('host') || has('method') ? 'http' : null;
}

const unescaped = (text: string): string =>
  text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
