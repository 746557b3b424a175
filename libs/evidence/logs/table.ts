import { Csv, headingOf, headLines } from '../csv.ts';
import { EvidenceError } from '../error.ts';
import type { Format, Mapping, Reader, ReadOptions } from '../format.ts';
import { countOf, type JsonObject, jsonLineReader, member } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';

type Column = 'host' | 'url' | 'at' | 'bytesOut' | 'bytesIn' | 'address';
const columns: readonly Column[] = ['host', 'url', 'at', 'bytesOut', 'bytesIn', 'address'];

/** What columns are called where nobody says which is what; the first that is there is taken. */
const usual: { readonly [column in Column]: readonly string[] } = {
  host: [
    'host',
    'hostname',
    'domain',
    'fqdn',
    'sni',
    'server_name',
    'dest_host',
    'destination_host',
    'dst_host',
    'qname',
    'query',
    'destination.domain',
    'url.domain',
  ],
  url: ['url', 'uri', 'request_url', 'cs-uri', 'url.full'],
  at: ['at', 'time', 'timestamp', 'date', 'datetime', 'ts', '@timestamp', 'event_time'],
  bytesOut: [
    'bytes_out',
    'bytesout',
    'bytes_sent',
    'sent_bytes',
    'sentbyte',
    'upload',
    'source.bytes',
    'cs-bytes',
  ],
  bytesIn: [
    'bytes_in',
    'bytesin',
    'bytes_received',
    'received_bytes',
    'rcvdbyte',
    'download',
    'destination.bytes',
    'sc-bytes',
  ],
  address: [
    'address',
    'dest_ip',
    'dst_ip',
    'destination_ip',
    'dstip',
    'remote_ip',
    'server_ip',
    'destination.ip',
  ],
};

const HEADS = 0.45;

/** Any table with a column of hosts or URLs. */
export const csvTable: Format = {
  id: 'csv',
  name: 'CSV with a column of hosts or URLs',
  fits: (name, head) => {
    const heading = headingOf(headLines(head)[0] ?? '');
    const hasHosts =
      heading.length > 1 &&
      heading.some((column) => usual.host.includes(column) || usual.url.includes(column));
    if (hasHosts) return HEADS;
    return /\.(?:csv|tsv)$/i.test(name) && heading.length > 1 ? 0.3 : 0;
  },
  reader: (traces, options) => new CsvTable(traces, options),
};

/** JSON lines with a member that is a host or a URL. */
export const jsonLines: Format = {
  id: 'jsonl',
  name: 'JSON lines with a member that is a host or URL',
  fits: (name, head) => {
    const [first = ''] = head.split('\n', 1);
    const isLines = /^\s*\{.*\}\s*$/.test(first);
    if (!isLines) return 0;
    const names = [...usual.host, ...usual.url];
    if (names.some((member) => first.includes(`"${member}"`))) return 0.4;
    return /\.(?:jsonl|ndjson)$/i.test(name) ? 0.3 : 0;
  },
  reader: (traces, options) => {
    const hosts = new Hosts(traces, options, 'jsonl');
    const mapping = checked(options.mapping);
    return jsonLineReader(traces, (record, line) => {
      const get = (column: Column): unknown => {
        const path = mapping?.[column];
        return mapping === null
          ? firstOf(record, usual[column])
          : path === undefined
            ? undefined
            : member(record, path);
      };
      row(traces, hosts, get, line);
    });
  },
};

function firstOf(record: JsonObject, names: readonly string[]): unknown {
  for (const name of names) {
    const value = member(record, name);
    if (typeof value === 'string' || typeof value === 'number') return value;
  }
  return undefined;
}

/** The mapping where one of hosts is given; null: names are to be guessed. */
function checked(mapping: Mapping | undefined): Mapping | null {
  if (mapping === undefined) return null;
  if (mapping.host === undefined && mapping.url === undefined) {
    throw new EvidenceError(
      'bad_mapping',
      'the mapping says neither which column is the host nor which is the URL',
      {
        field: 'host',
      },
    );
  }
  return mapping;
}

class CsvTable implements Reader {
  readonly #traces: Traces;
  readonly #hosts: Hosts;
  readonly #mapping: Mapping | null;
  readonly #csv: Csv;
  #places: { readonly [column in Column]: number } | null = null;

  constructor(traces: Traces, options: ReadOptions) {
    this.#traces = traces;
    this.#hosts = new Hosts(traces, options, 'csv');
    this.#mapping = checked(options.mapping);
    this.#csv = new Csv({ record: (values, line) => this.#record(values, line) });
  }

  get lines(): number {
    return this.#csv.count;
  }

  write(chunk: Uint8Array): void {
    this.#csv.write(chunk);
  }

  end(): void {
    this.#csv.end();
  }

  #record(values: readonly string[], line: number): void {
    if (this.#places === null) {
      this.#places = placesIn(values, this.#mapping);
      return;
    }
    const places = this.#places;
    row(this.#traces, this.#hosts, (column) => values[places[column]], line);
  }
}

/** Where each column stands; -1: nowhere. */
function placesIn(
  heading: readonly string[],
  mapping: Mapping | null,
): { readonly [column in Column]: number } {
  const names = heading.map((name) => name.trim().toLowerCase());
  const find = (column: Column): number => {
    if (mapping === null) {
      const name = usual[column].find((name) => names.includes(name));
      return name === undefined ? -1 : names.indexOf(name);
    }
    const asked = mapping[column];
    if (asked === undefined) return -1;
    const place = names.indexOf(asked.trim().toLowerCase());
    if (place === -1) {
      throw new EvidenceError(
        'bad_mapping',
        `the table has no column of the name that is given for ${column}`,
        {
          line: 1,
          field: column,
        },
      );
    }
    return place;
  };
  const places = Object.fromEntries(columns.map((column) => [column, find(column)])) as {
    [column in Column]: number;
  };
  if (places.host === -1 && places.url === -1) {
    throw new EvidenceError(
      'bad_mapping',
      `none of its ${names.length} columns is known to hold hosts or URLs: say which does, with a mapping of host or url`,
      { line: 1, field: 'host' },
    );
  }
  return places;
}

function row(traces: Traces, hosts: Hosts, get: (column: Column) => unknown, line: number): void {
  const text = (column: Column): string | undefined => {
    const value = get(column);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const time = get('at');
  const at = timeOf(time);
  if (at === undefined && time !== undefined && time !== null && time !== '') {
    traces.skip(line, 'the time is unreadable', 'at');
  }
  const about = {
    line,
    at,
    bytesOut: countOf(get('bytesOut')),
    bytesIn: countOf(get('bytesIn')),
    address: text('address'),
  };
  const url = text('url');
  const host = text('host');
  if (url !== undefined) hosts.url(url, about, 'url');
  else if (host !== undefined) hosts.url(host, about, 'host');
  else traces.skip(line, 'no host', 'host');
}
