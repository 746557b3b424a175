import { isOwn, placeOf } from '../host.ts';
import type { Traces } from '../trace.ts';

/** One record, as any of the formats has it. `name` and names in `value` may end in a dot. */
export interface DnsRecord {
  /** The full name whose record it is, or `@` where the zone is not known. */
  name: string;
  type: string;
  /** As the type writes it; strings of a TXT record joined, without quotes. */
  value: string;
  line: number;
  /** The zone, where it is known: hosts below it are the organisation's own. */
  zone?: string | undefined;
}

const WORDS = /^[a-z0-9_.-]{1,60}$/i;

/** Tells what a record says of vendors. Values that prove control of a domain are cut at `=`: what follows is a token. */
export function tellRecord(traces: Traces, record: DnsRecord, own: readonly string[] = []): void {
  const type = record.type.toUpperCase();
  if (type === 'TXT' || type === 'SPF') {
    tellText(traces, record, own);
    return;
  }
  if (type === 'MX') {
    tellHost(traces, 'mx', record.value.trim().split(/\s+/).at(-1) ?? '', record, own);
    return;
  }
  if (type === 'NS') {
    tellHost(traces, 'ns', record.value, record, own);
    return;
  }
  if (type === 'CNAME' || type === 'ALIAS' || type === 'ANAME')
    tellHost(traces, 'cname', record.value, record, own);
}

function tellText(traces: Traces, record: DnsRecord, own: readonly string[]): void {
  const text = record.value.trim();
  if (/^v=spf1(?:\s|$)/i.test(text)) {
    tellSpf(traces, text, record, own);
    return;
  }
  if (/^v=dmarc1\s*(?:;|$)/i.test(text)) {
    tellDmarc(traces, text, record, own);
    return;
  }
  // Keys and policies of mail, which name nobody: DKIM, MTA-STS, TLS-RPT, BIMI.
  if (/^(?:v=(?:dkim1|stsv1|tlsrptv1|bimi1)\b|[kp]=)/i.test(text)) return;
  const mark = text.indexOf('=');
  const key = mark === -1 ? '' : text.slice(0, mark).trim();
  // What ends in `=` is a token in base64.
  if (WORDS.test(key) && !/^=*$/.test(text.slice(mark))) {
    tell(traces, 'txt', `${key}=`, record);
    return;
  }
  // `ca3-1a2b…`, `google-site-verification: …` and the like: without a mark between name and token nothing is kept.
  const [, word] = /^([a-z][a-z-]{2,60}):\s*\S/i.exec(text) ?? [];
  if (word !== undefined) tell(traces, 'txt', `${word}:`, record);
}

const MOST_TERMS = 100;

/** RFC 7208: names of others only. Addresses name nobody. */
function tellSpf(traces: Traces, text: string, record: DnsRecord, own: readonly string[]): void {
  const terms = text.split(/\s+/);
  if (terms.length > MOST_TERMS)
    traces.skip(record.line, `an SPF record has more than ${MOST_TERMS} terms`, 'spf');
  for (const term of terms.slice(1, MOST_TERMS)) {
    const [, name] = /^[+?~-]?(?:include:|redirect=|a:|mx:|exists:)([^/\s]+)/i.exec(term) ?? [];
    // What holds macros is a question about each mail: its fixed end names whom it asks.
    if (name !== undefined) tellHost(traces, 'spf', name.replace(/^.*%\{[^}]*\}\.?/, ''), record, own);
  }
}

/** RFC 7489: where reports go. Only the domain: what stands before `@` is cut. */
function tellDmarc(traces: Traces, text: string, record: DnsRecord, own: readonly string[]): void {
  for (const tag of text.split(';').slice(1, MOST_TERMS)) {
    const [, uris] = /^\s*ru[af]\s*=\s*(.*)$/i.exec(tag) ?? [];
    for (const uri of uris?.split(',').slice(0, MOST_TERMS) ?? []) {
      const [, domain] = /@([^!\s?]+)/.exec(uri) ?? [];
      if (domain !== undefined) tellHost(traces, 'dmarc_rua', domain, record, own);
    }
  }
}

function tellHost(
  traces: Traces,
  kind: string,
  text: string,
  record: DnsRecord,
  own: readonly string[],
): void {
  const place = placeOf(text);
  if (place === 'no_name') traces.skip(record.line, 'this is no name of a host', kind);
  if (typeof place === 'string' || !('host' in place)) return;
  const zone = record.zone === undefined ? [] : [withoutDot(record.zone)];
  if (!isOwn(place.host, [...own, ...zone])) tell(traces, kind, place.host, record);
}

function tell(traces: Traces, kind: string, value: string, record: DnsRecord): void {
  traces.saw({
    kind: 'dns',
    value,
    grade: 'configured',
    line: record.line,
    detail: { record: kind, name: relative(record.name, record.zone) },
  });
}

export const withoutDot = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Below its zone, as people write it: `@` for the zone itself. Labels that are tokens (long and random) are cut. */
function relative(name: string, zone: string | undefined): string {
  const full = withoutDot(name);
  const of = zone === undefined ? undefined : withoutDot(zone);
  const short =
    of === undefined || full === '@'
      ? full
      : full === of
        ? '@'
        : full.endsWith(`.${of}`)
          ? full.slice(0, -of.length - 1)
          : full;
  return short
    .split('.')
    .map((label) => (label.length > 24 ? '…' : label))
    .join('.')
    .slice(0, 253);
}
