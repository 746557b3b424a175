import { parse, toValue } from '@drawbridge/jsonedit';
import {
  compileMap,
  FieldRefusedError,
  KeyMixedError,
  minimiseDocument,
  Observations,
  type Tally,
} from '@drawbridge/minimise';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { ReviewKind, ServiceDetail, TreatmentName } from '../api/types.ts';
import { m } from '../messages/en.ts';
import { type PreviewKeyed, previewKeyed, pseudonymLength } from './keyed.ts';
import { rulesForLibrary } from './rules.ts';
import { SampleError } from './sample.ts';

const words = m.connect.sample;

/** One line of the two texts, laid side by side. `null`: the line is not there on that side. */
export interface PreviewLine {
  depth: number;
  before: string | null;
  after: string | null;
  /** What became of the value on this line; null for brackets. */
  treatment: TreatmentName | null;
}

/** A name that no rule knows, found in the sample. Known here because the sample never leaves the browser. */
export interface PreviewName {
  name: string;
  kind: ReviewKind;
}

export interface Preview {
  lines: PreviewLine[];
  tally: readonly Tally[];
  names: PreviewName[];
  bytes: { before: number; after: number };
  /** The class because of which the whole request would be refused. */
  refused: string | null;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Every name is revealed: the sample is on this page alone. */
const everyHash: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

const standInCredential = words.credential;

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  if (path.length === 0) return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : valueAt(value[0] ?? null, path);
  if (value === null || typeof value !== 'object') return undefined;
  const [name = '', ...rest] = path;
  const next = Object.hasOwn(value, name) ? value[name] : undefined;
  return next === undefined ? undefined : valueAt(next, rest);
}

/** Where the service takes its key from the body: what stands there is swapped for the real one. */
function keyIn(service: ServiceDetail, sample: Json): { paths: string[]; found: string | null } {
  const paths = service.auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : []));
  for (const path of paths) {
    const found = valueAt(
      sample,
      path.split('.').filter((step) => step !== '$'),
    );
    if (typeof found === 'string') return { paths, found };
  }
  return { paths: [], found: null };
}

/**
 * What would leave, before and after, of one request body to one endpoint under a contract. Runs the same library
 * as the gateway, in this browser, on values that go nowhere. Throws SampleError when the sample cannot be one.
 */
export function previewOf(
  service: ServiceDetail,
  endpointId: string,
  rules: ContractDocument,
  sampleJson: string,
): Preview {
  const endpoint = service.endpoints.find((candidate) => candidate.id === endpointId);
  if (endpoint?.fields === undefined) throw new SampleError(words.noBody);
  const keyed = previewKeyed();
  const seen = new Observations(keyed, everyHash);
  const document = parse(sampleJson);
  const before = toValue(document.text, document.root) as Json;
  const key = keyIn(service, before);
  const map = compileMap(endpoint.fields, rulesForLibrary(rules), {
    sightingKind: service.kind === 'ai' ? 'parameter' : 'property',
    keyPaths: key.paths,
  });
  const size = new TextEncoder().encode(sampleJson).length;
  try {
    const swap = key.found === null ? null : { found: key.found, credential: standInCredential };
    const treated = minimiseDocument(document, map, seen, swap);
    const after = JSON.parse(treated) as Json;
    return {
      lines: linesOf(before, after, keyed),
      tally: seen.tally(),
      names: namesOf(seen),
      bytes: { before: size, after: new TextEncoder().encode(treated).length },
      refused: null,
    };
  } catch (error) {
    if (error instanceof KeyMixedError) {
      throw new SampleError(words.mixedKeys);
    }
    if (!(error instanceof FieldRefusedError)) throw error;
    return {
      lines: linesOf(before, undefined, keyed),
      tally: seen.tally(),
      names: namesOf(seen),
      bytes: { before: size, after: 0 },
      refused: error.message,
    };
  }
}

function namesOf(seen: Observations): PreviewName[] {
  const names = new Map<string, PreviewName>();
  for (const { sightings } of seen.observed()) {
    for (const { name, kind } of sightings) {
      if (name !== undefined) names.set(`${kind} ${name}`, { name, kind });
    }
  }
  return [...names.values()];
}

function linesOf(before: Json, after: Json | undefined, keyed: PreviewKeyed): PreviewLine[] {
  const lines: PreviewLine[] = [];
  lay(lines, 0, '', before, after, keyed);
  return lines;
}

function isContainer(value: Json | undefined): value is Json[] | { [name: string]: Json } {
  return value !== null && typeof value === 'object';
}

function lay(
  lines: PreviewLine[],
  depth: number,
  label: string,
  before: Json,
  after: Json | undefined,
  keyed: PreviewKeyed,
): void {
  if (!isContainer(before)) {
    lines.push({
      depth,
      before: label + JSON.stringify(before),
      after: after === undefined ? null : label + JSON.stringify(after),
      treatment: fate(before, after, keyed),
    });
    return;
  }
  const [open, close] = Array.isArray(before) ? ['[', ']'] : ['{', '}'];
  const kept = isContainer(after);
  lines.push({
    depth,
    before: label + open,
    after: kept ? label + open : null,
    treatment: kept ? null : 'drop',
  });
  if (Array.isArray(before)) {
    const matches = matched(before, Array.isArray(after) ? after : []);
    for (const [index, value] of before.entries()) lay(lines, depth + 1, '', value, matches[index], keyed);
  } else {
    for (const [name, value] of Object.entries(before)) {
      const match = kept && !Array.isArray(after) && Object.hasOwn(after, name) ? after[name] : undefined;
      lay(lines, depth + 1, `${JSON.stringify(name)}: `, value, match, keyed);
    }
  }
  lines.push({ depth, before: close, after: kept ? close : null, treatment: null });
}

/** Which element of a list became which: elements are removed, never moved. */
function matched(before: readonly Json[], after: readonly Json[]): (Json | undefined)[] {
  if (before.length === after.length) return [...after];
  let next = 0;
  return before.map((element) => {
    const candidate = after[next];
    const fits = isContainer(element) ? isContainer(candidate) : candidate === element;
    if (!fits) return undefined;
    next += 1;
    return candidate;
  });
}

/** Null for the key: it is swapped for the real one, which no contract treats. */
function fate(before: Json, after: Json | undefined, { made, tokens }: PreviewKeyed): TreatmentName | null {
  if (after === standInCredential) return null;
  if (after === undefined) return 'drop';
  if (after === before) return 'pass';
  if (tokens.has(String(after))) return 'tokenise';
  return isPseudonymOf(String(before), String(after), made) ? 'pseudonymise' : 'generalise';
}

/** A pseudonym, behind a prefix that survived: `$device:…`. A path in which segments were replaced is coarser, not that. */
function isPseudonymOf(before: string, after: string, pseudonyms: ReadonlySet<string>): boolean {
  const kept = after.length - pseudonymLength;
  return kept >= 0 && pseudonyms.has(after.slice(kept)) && before.startsWith(after.slice(0, kept));
}
