import type { Format } from '../format.ts';
import { countOf, isObject, type JsonObject, jsonLineReader, member, textOf } from '../line-reader.ts';
import { keepAddress } from '../seen-host.ts';
import { timeOf } from '../time.ts';
import { count, FIELDS_KEPT, keep, type Traces } from '../trace.ts';

/** As the gateway writes a vendor and its service. */
const SERVICE = /^([a-z0-9][a-z0-9-]{0,60})\/([a-z0-9][a-z0-9-]{0,60})$/;

/**
 * What a gateway recorded of crossings, as `drawbridge export` writes its journal: JSON lines in OCSF or ECS. The vendor is named
 * by its id; what was refused went nowhere. `fields` are field classes.
 */
export const gateway: Format = {
  id: 'gateway',
  name: 'Crossings of a gateway (OCSF or ECS)',
  fits: (_name, head) => {
    const isOurs = /"(?:product":\{"name":"Drawbridge"|module":"drawbridge")/.test(head);
    return isOurs ? 0.97 : 0;
  },
  reader: (traces) =>
    jsonLineReader(traces, (record, line) => {
      const isOcsf = isObject(record.metadata);
      const code = textOf(member(record, isOcsf ? 'metadata.event_code' : 'event.action'));
      // Changes and sign-ins are in the same file.
      if (code !== 'crossing.forwarded' && code !== 'crossing.settled') return;
      if (isOcsf) ocsf(traces, record, code, line);
      else ecs(traces, record, code, line);
    }),
};

type Code = 'crossing.forwarded' | 'crossing.settled';

function ocsf(traces: Traces, record: JsonObject, code: Code, line: number): void {
  tell(traces, code, line, textOf(member(record, 'api.service.name')), {
    at: timeOf(record.time),
    bytesOut: countOf(member(record, 'unmapped.bytes_sent')),
    bytesIn: countOf(member(record, 'http_response.length')),
    address: textOf(member(record, 'dst_endpoint.ip')),
    fields: classesOf(member(record, 'unmapped.fields')),
  });
}

function ecs(traces: Traces, record: JsonObject, code: Code, line: number): void {
  tell(traces, code, line, textOf(member(record, 'service.target.name')), {
    at: timeOf(record['@timestamp']),
    bytesOut: countOf(member(record, 'http.request.body.bytes')),
    bytesIn: countOf(member(record, 'http.response.body.bytes')),
    address: textOf(member(record, 'destination.address')),
    fields: classesOf(member(record, 'drawbridge.fields')),
  });
}

interface Said {
  at: number | undefined;
  bytesOut: number | undefined;
  bytesIn: number | undefined;
  address: string | undefined;
  fields: string[];
}

/** Two records speak of one crossing: that it went, and what came of it. */
function tell(traces: Traces, code: Code, line: number, target: string | undefined, said: Said): void {
  const [, vendor, service] = SERVICE.exec(target ?? '') ?? [];
  if (vendor === undefined || service === undefined) {
    traces.skip(line, 'the record names no vendor and service', 'service');
    return;
  }
  if (said.at === undefined) traces.skip(line, 'the time is unreadable', 'time');
  const detail = { via: 'gateway', service };
  const trace = traces.open({ kind: 'service', value: vendor, grade: 'observed', line, detail });
  if (trace === null) return;
  if (code === 'crossing.forwarded') {
    count(trace, line, said.at);
    trace.bytesOut += said.bytesOut ?? 0;
    for (const field of said.fields) keep(trace.fields, field, FIELDS_KEPT);
    return;
  }
  // An export may begin between the two.
  if (trace.count === 0) count(trace, line, said.at);
  trace.bytesIn += said.bytesIn ?? 0;
  if (said.address !== undefined) keepAddress(trace, said.address);
}

function classesOf(fields: unknown): string[] {
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field) => {
    const name: unknown = isObject(field) ? field.class : undefined;
    return typeof name === 'string' && /^[a-z0-9_.-]{1,64}$/.test(name) ? [name] : [];
  });
}
