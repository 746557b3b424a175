import { type JsonNode, stringValue } from '@drawbridge/jsonedit';
import { percentDecode } from '@drawbridge/minimise';
import type { Incoming } from '../crossing.ts';
import { type CompiledEndpoint, type Inspection, paramsOf } from '../inspect/index.ts';
import type { CompiledHistory, CompiledTake, Step } from './rules.ts';

/** Something that the vendor keeps, as a request names it. */
export interface Named {
  /** Where: the pack's path. */
  place: string;
  /** Null: what stands there is no id. */
  id: string | null;
  adds: boolean;
}

/** Longer ids are no vendor's: what names one is unknown, and what gives one is not kept. */
export const LONGEST_ID = 512;
/** A request that names more is refused; a batch's file may name one in each line. */
export const MOST_NAMED = 1_000;

/** All that a request names of what the vendor keeps, each id once; of more than `MOST_NAMED` the first, and one more. */
export function namedBy(
  { takes }: CompiledHistory,
  endpoint: CompiledEndpoint,
  { path }: Incoming,
  { body }: Inspection,
): Named[] {
  const found = new Map<string, Named>();
  const add = ({ text: place, adds }: CompiledTake, id: string | null): void => {
    if (found.size > MOST_NAMED) return;
    const known = found.get(id ?? '');
    if (known === undefined) found.set(id ?? '', { place, id, adds });
    else known.adds ||= adds;
  };
  for (const take of takes) {
    if (take.param !== null) {
      const raw = paramsOf(endpoint, path)[take.param];
      if (raw !== undefined) add(take, idOf(percentDecode(raw, false)));
    } else if (body !== null) {
      const { text, root } = body.document;
      each(root, take.steps, (node, above) => {
        if (node.kind === 'null' || (take.isAbove && isContainer(node))) return;
        if (take.when !== null && !holds(text, above, take.when)) return;
        const isText = node.kind === 'string' || node.kind === 'escaped';
        add(take, isText ? idOf(stringValue(text, node)) : null);
      });
    }
  }
  return [...found.values()];
}

/** Whether the vendor keeps what this request holds. */
export function isKept({ kept }: CompiledHistory, { body }: Inspection): boolean {
  if (kept === null) return true;
  if (body === null) return kept.default;
  let is = kept.default;
  each(body.document.root, kept.steps, ({ kind }) => {
    if (kind !== 'null') is = kind !== 'false';
  });
  return is;
}

function idOf(text: string): string | null {
  return text === '' || text.length > LONGEST_ID ? null : text;
}

function isContainer({ kind }: JsonNode): boolean {
  return kind === 'object' || kind === 'array';
}

/** Whichever of two members with one name a vendor takes: both are looked at. */
function each(
  root: JsonNode,
  steps: readonly Step[],
  take: (node: JsonNode, above: JsonNode | null) => void,
): void {
  const go = (node: JsonNode, above: JsonNode | null, depth: number): void => {
    const step = steps[depth];
    if (step === undefined) take(node, above);
    else if (step === null) for (const element of node.elements ?? []) go(element, node, depth + 1);
    else for (const { name, value } of node.members ?? []) if (name === step) go(value, node, depth + 1);
  };
  go(root, null, 0);
}

function holds(
  text: string,
  above: JsonNode | null,
  { member, is }: { member: string; is: ReadonlySet<string> },
): boolean {
  const beside = (above?.members ?? []).filter(({ name }) => name === member);
  return (
    beside.length === 0 ||
    beside.some(
      ({ value }) =>
        value.kind === 'null' ||
        ((value.kind === 'string' || value.kind === 'escaped') && is.has(stringValue(text, value))),
    )
  );
}
