import { type Grade, grades, type Trace } from '@drawbridge/evidence';
import { getDomain } from 'tldts';
import { comparable } from '../vendors/index.ts';
import { confidenceOf } from './confidence.ts';
import type { Identifier, Match } from './identify.ts';

/** One trace in one file, and whose it is. */
export interface Sighting {
  file: string;
  trace: Trace;
  match: Match | null;
}

/** What says whose a trace is: its name, not how often it was seen. */
export interface Named {
  trace: Pick<Trace, 'kind' | 'value' | 'detail'>;
  match: Match | null;
}

/** What sightings may be one vendor. */
export interface Candidate {
  /** `vendor:<id>` where it is known or suggested who, else what the sightings share: `domain:example.com`, `app:…`, `payee:…`. */
  key: string;
  vendor: string | null;
  name: string;
  /** At least one sighting says for sure whose it is. */
  sure: boolean;
  grade: Grade;
  confidence: number;
  sightings: Sighting[];
}

/** What a sighting belongs to; null: a name that says nothing of a vendor by itself (most packages are nobody's service). */
export function candidateKey({ trace, match: found }: Named): string | null {
  const match = gathering(found);
  if (match !== null && match.vendor !== null) return `vendor:${match.vendor}`;
  if (match !== null) return `web:${comparable(match.name)}`;
  switch (trace.kind) {
    case 'host':
      return `domain:${registrable(trace.value)}`;
    case 'dns':
      return trace.detail.record === 'txt' ? null : `domain:${registrable(trace.value)}`;
    case 'oauth_app':
      return `app:${trace.detail.client_id ?? comparable(trace.value)}`;
    case 'payee':
      return `payee:${comparable(trace.value)}`;
    case 'service':
      // A table of use says of no vendor which one it is of.
      return trace.detail.via === 'usage_report' ? null : `service:${comparable(trace.value)}`;
    case 'sender':
      // Whoever writes to us is no vendor yet; who bills us or tells us of our account may be.
      return trace.detail.about === undefined || trace.detail.about === 'other'
        ? null
        : `domain:${registrable(trace.value)}`;
    case 'package':
    case 'variable':
    case 'provider':
      return null;
  }
}

/** What was taken in from others suggests, and gathers nothing: null then. */
const gathering = (match: Match | null): Match | null => (match?.by === 'imported' ? null : match);

/** The part of a host that somebody registered, by the public suffix list with its private part: `acme.vercel.app` is Acme's. */
export function registrable(host: string): string {
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

/** Identifies all traces of a file. */
export function sightingsOf(file: string, traces: readonly Trace[], identifier: Identifier): Sighting[] {
  return traces.map((trace) => ({ file, trace, match: identifier.identify(trace) }));
}

const strength = (grade: Grade): number => grades.indexOf(grade);

/** The strongest grade of these. */
export function strongest(all: Iterable<Grade>): Grade {
  let best: Grade = 'transitive';
  for (const grade of all) if (strength(grade) < strength(best)) best = grade;
  return best;
}

/** Gathers sightings into candidates: the strongest and surest first, then by name. */
export function candidatesOf(sightings: readonly Sighting[]): Candidate[] {
  const byKey = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    const key = candidateKey(sighting);
    if (key === null) continue;
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [sighting]);
    else list.push(sighting);
  }
  const all = [...byKey].map(([key, list]): Candidate => {
    const matches = list.flatMap(({ match }) => gathering(match) ?? []);
    const named = matches.find(({ vendor }) => vendor !== null);
    return {
      key,
      vendor: named?.vendor ?? null,
      name: named?.name ?? matches[0]?.name ?? nameOf(key, list),
      sure: matches.some(({ sure }) => sure),
      grade: strongest(list.map(({ trace }) => trace.grade)),
      confidence: confidenceOf(list.map(({ trace }) => trace)),
      sightings: list,
    };
  });
  return all.sort(
    (a, b) =>
      strength(a.grade) - strength(b.grade) ||
      b.confidence - a.confidence ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** What is not known by name is called what its key or first sighting says. */
function nameOf(key: string, list: readonly Sighting[]): string {
  const [kind, ...rest] = key.split(':');
  return kind === 'domain' ? rest.join(':') : (list[0]?.trace.value ?? rest.join(':'));
}
