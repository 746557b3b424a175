import { parsePath } from '@drawbridge/minimise';
import type { EndpointHistory } from '@drawbridge/protocol';

/** A step down a JSON document: a member's name, or (null) every element. */
export type Step = string | null;

/** Where a request names what the vendor keeps. */
export interface CompiledTake {
  /** As the pack says it. */
  text: string;
  /** A parameter of the path; null: the document has it. */
  param: string | null;
  steps: readonly Step[];
  /** Another rule goes further down from here: what is no text here may be one there. */
  isAbove: boolean;
  when: { member: string; is: ReadonlySet<string> } | null;
  adds: boolean;
}

/** Where an answer says under which id the vendor keeps what the request held. */
export interface CompiledGive {
  steps: readonly Step[];
  /** Null: a whole document, or the first event. */
  event: string | null;
}

/** What a pack says of an endpoint's history, made ready once per snapshot. */
export interface CompiledHistory {
  takes: readonly CompiledTake[];
  gives: readonly CompiledGive[];
  kept: { steps: readonly Step[]; default: boolean } | null;
  keptMs: number;
  /** The answer is read as lines, whatever it is labelled. */
  isLines: boolean;
}

const DAY_MS = 86_400_000;
const DAYS = 30;
const PARAMETER = /^\{([a-z][a-z0-9_]{0,40})\}$/;

/** Throws FieldMapError `bad_path`. */
export function compileHistory(history: EndpointHistory): CompiledHistory {
  const takes = (history.takes ?? []).map((take): CompiledTake => {
    const { id, when, adds = false } = typeof take === 'string' ? { id: take } : take;
    const param = PARAMETER.exec(id)?.[1] ?? null;
    return {
      text: id,
      param,
      steps: param === null ? stepsOf(id) : [],
      isAbove: false,
      when: when === undefined ? null : { member: when.member, is: new Set(when.is) },
      adds,
    };
  });
  for (const take of takes) {
    take.isAbove = takes.some(({ steps }) => steps.length > take.steps.length && isWithin(steps, take.steps));
  }
  return {
    takes,
    gives: (history.gives ?? []).map((give) =>
      typeof give === 'string'
        ? { steps: stepsOf(give), event: null }
        : { steps: stepsOf(give.id), event: give.event ?? null },
    ),
    kept:
      history.kept === undefined ? null : { steps: stepsOf(history.kept.by), default: history.kept.default },
    keptMs: (history.days ?? DAYS) * DAY_MS,
    isLines: history.content === 'lines',
  };
}

/** Steps that a document can be gone down by; a pack is refused that has others (`control/vendors/meaning.ts`). */
function stepsOf(path: string): Step[] {
  return parsePath(path).map((step) => (step.take === 'name' ? step.name : null));
}

function isWithin(steps: readonly Step[], outer: readonly Step[]): boolean {
  return outer.every((step, at) => steps[at] === step);
}
