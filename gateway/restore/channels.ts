import type { JsonDocument, JsonNode } from '@drawbridge/jsonedit';
import { parsePath, type Step } from '@drawbridge/minimise';
import type { AnswerTexts } from '@drawbridge/protocol';

/** Where a value is, seen from another one: as many steps as both have in common, and the steps from there. */
interface Beside {
  common: number;
  steps: readonly Step[];
}

interface Place {
  steps: readonly Step[];
  channel: readonly Beside[];
}

export interface CompiledDelta extends Place {
  id: number;
  event: string | null;
  isJson: boolean;
  /** Nothing is put back in it. */
  isAsIs: boolean;
}

interface CompiledEnd extends Place {
  events: ReadonlySet<string> | null;
}

/** What a pack says of a streamed answer's texts, made ready once per snapshot. */
export interface CompiledAnswer {
  deltas: readonly CompiledDelta[];
  ends: readonly CompiledEnd[];
  asIs: readonly Place[];
}

export function compileAnswer(answer: AnswerTexts): CompiledAnswer {
  return {
    deltas: answer.deltas.map(({ event, text, channel, json, as_is }, id) => ({
      id,
      event: event ?? null,
      isJson: json ?? false,
      isAsIs: as_is ?? false,
      ...placeOf(text, channel),
    })),
    ends: (answer.ends ?? []).map(({ events, when, channel }) => ({
      events: events === undefined ? null : new Set(events),
      ...placeOf(when ?? '$', channel),
    })),
    asIs: (answer.as_is ?? []).map((path) => placeOf(path, [])),
  };
}

function placeOf(text: string, channel: readonly string[]): Place {
  const steps = parsePath(text);
  return { steps, channel: channel.map((path) => besideOf(steps, parsePath(path))) };
}

function besideOf(steps: readonly Step[], path: readonly Step[]): Beside {
  let common = 0;
  while (common < steps.length && isSame(steps[common], path[common])) common++;
  return { common, steps: path.slice(common) };
}

function isSame(one: Step | undefined, other: Step | undefined): boolean {
  if (one?.take === 'name') return other?.take === 'name' && one.name === other.name;
  return one?.take === 'each' && other?.take === 'each';
}

/** A value found at a place, and which channel it speaks of. */
export interface Met {
  node: JsonNode;
  values: readonly string[];
}

/** A vendor chooses what its channels are called. */
const LONGEST_VALUE = 80;

/** All that stands at a place of a document, in the order of the text. */
export function meet(document: JsonDocument, place: Place): Met[] {
  const found: Met[] = [];
  const path: JsonNode[] = [];
  const go = (node: JsonNode, depth: number): void => {
    path[depth] = node;
    const step = place.steps[depth];
    if (step === undefined) {
      const values = place.channel.map(({ common, steps }) => valueAt(document.text, path[common], steps));
      found.push({ node, values });
    } else if (step.take === 'each') {
      for (const element of node.elements ?? []) go(element, depth + 1);
    } else {
      const value = step.take === 'name' ? memberOf(node, step.name) : undefined;
      if (value !== undefined) go(value, depth + 1);
    }
  };
  go(document.root, 0);
  return found;
}

/** The member that readers of JSON take: of two with the same name the last. */
export function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  const { members } = node;
  if (members === null) return undefined;
  for (let at = members.length - 1; at >= 0; at--) {
    const member = members[at];
    if (member?.name === name) return member.value;
  }
  return undefined;
}

function valueAt(text: string, from: JsonNode | undefined, steps: readonly Step[]): string {
  let node = from;
  for (const step of steps) {
    if (node !== undefined) node = step.take === 'name' ? memberOf(node, step.name) : undefined;
  }
  return node === undefined ? '' : text.slice(node.start, Math.min(node.end, node.start + LONGEST_VALUE));
}
