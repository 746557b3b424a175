import type { Grade, TraceKind } from '@drawbridge/evidence';
import { type Candidate, candidatesOf, registrable, type Sighting } from './candidates.ts';

/** What `drawbridge discover --json` prints: its members are kept as they are. */
export interface DiscoverReport {
  vendors: {
    id: string;
    name: string;
    grade: Grade;
    /** From 0 to 1. */
    confidence: number;
    /** Whether evidence names it for sure; false: it is suggested. */
    sure: boolean;
    /** Of hosts that were seen, as the vendor documents them. */
    regions: string[];
    first: string | null;
    last: string | null;
    evidence: Evidence[];
  }[];
  unknownHosts: {
    /** The part that somebody registered. */
    domain: string;
    hosts: string[];
    grade: Grade;
    /** Whom the public list of web hosts takes it for, which is no proof. */
    perhaps: string | null;
    evidence: Evidence[];
  }[];
  /** Apps, payees and services that no vendor is known for. */
  others: { kind: TraceKind; name: string; grade: Grade; evidence: Evidence[] }[];
  skipped: { file: string; line?: number; field?: string; why: string }[];
}

export interface Evidence {
  file: string;
  line: number;
  kind: TraceKind;
  value: string;
}

/** Puts what was found into the report. Transitive evidence only where it is asked for. */
export function reportOf(
  sightings: readonly Sighting[],
  skipped: DiscoverReport['skipped'],
  options: { transitive?: boolean | undefined } = {},
): DiscoverReport {
  const shown = options.transitive
    ? sightings
    : sightings.filter(({ trace }) => trace.grade !== 'transitive');
  const report: DiscoverReport = { vendors: [], unknownHosts: [], others: [], skipped };
  for (const candidate of candidatesOf(shown)) {
    const { key, vendor, name, grade, confidence, sure, sightings: seen } = candidate;
    const evidence = evidenceOf(seen);
    if (vendor !== null) {
      const regions = new Set(seen.flatMap(({ match }) => match?.region ?? []));
      report.vendors.push({
        id: vendor,
        name,
        grade,
        confidence: Math.round(confidence * 1000) / 1000,
        sure,
        regions: [...regions].sort(),
        ...timesOf(candidate),
        evidence,
      });
    } else if (key.startsWith('domain:') || key.startsWith('web:')) {
      report.unknownHosts.push(...unknownHosts(candidate));
    } else {
      const kind = seen[0]?.trace.kind ?? 'service';
      report.others.push({ kind, name, grade, evidence });
    }
  }
  return report;
}

/** What the web list takes for one company may be several domains: each stands by itself. */
function unknownHosts({ grade, key, name, sightings }: Candidate): DiscoverReport['unknownHosts'] {
  const byDomain = Map.groupBy(sightings, ({ trace }) => registrable(trace.value));
  return [...byDomain].map(([domain, seen]) => ({
    domain,
    hosts: [...new Set(seen.map(({ trace }) => trace.value))].sort(),
    grade,
    perhaps: key.startsWith('web:') ? name : null,
    evidence: evidenceOf(seen),
  }));
}

function evidenceOf(sightings: readonly Sighting[]): Evidence[] {
  return sightings.flatMap(({ file, trace }) =>
    trace.lines.map((line) => ({ file, line, kind: trace.kind, value: trace.value })),
  );
}

function timesOf({ sightings }: Candidate): { first: string | null; last: string | null } {
  let [first, last]: [number | null, number | null] = [null, null];
  for (const { trace } of sightings) {
    if (trace.first !== null && (first === null || trace.first < first)) first = trace.first;
    if (trace.last !== null && (last === null || trace.last > last)) last = trace.last;
  }
  const text = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  return { first: text(first), last: text(last) };
}
