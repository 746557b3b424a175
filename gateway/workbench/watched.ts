import {
  type JsonDocument,
  type JsonMember,
  type JsonNode,
  type JsonScalar,
  stringValue,
} from '@drawbridge/jsonedit';

/** Where in a document a text stands: in a value, or in the name of a member. */
export interface Place {
  /** Names and positions from the root; `key` of a name: that of its member. */
  steps: readonly (string | number)[];
  /** As it is written: with its quotes, where it is a string. */
  start: number;
  end: number;
  isString: boolean;
  /** Without quotes and escapes. */
  text: string;
}

/** A document that takes note of which of its texts was read last. */
export interface Watched {
  document: JsonDocument;
  /** The text that was read last; null: none yet. */
  last(): Place | null;
}

type Steps = readonly (string | number)[];

/**
 * The same document, whose values and names tell when they are read. So what a walk looks through is known by its place,
 * and the walk is the one that crossings take.
 */
export function watched({ text, root, cut }: JsonDocument): Watched {
  let last: { steps: Steps; read: () => Place } | null = null;
  const isText = ({ kind }: JsonNode): boolean => kind === 'string' || kind === 'escaped';

  function copy(node: JsonNode, steps: Steps): JsonNode {
    const { start, end } = node;
    if (node.members !== null) {
      const members = node.members.map((member) => copyMember(member, [...steps, member.name]));
      return { kind: 'object', start, end, members, elements: null };
    }
    if (node.elements !== null) {
      const elements = node.elements.map((element, at) => copy(element, [...steps, at]));
      return { kind: 'array', start, end, members: null, elements };
    }
    const isString = isText(node);
    let place: Place | null = null;
    const read = (): Place => {
      // Asked for by each text within, where it is JSON itself.
      place ??= {
        steps,
        start,
        end,
        isString,
        text: isString ? stringValue(text, node) : text.slice(start, end),
      };
      return place;
    };
    const scalar: JsonScalar = {
      kind: node.kind,
      get start() {
        last = { steps, read };
        return start;
      },
      end,
      members: null,
      elements: null,
    };
    return scalar;
  }

  function copyMember({ name, start, value }: JsonMember, steps: Steps): JsonMember {
    const read = (): Place => ({ steps, start, end: nameEnd(text, start), isString: true, text: name });
    return {
      get name() {
        last = { steps, read };
        return name;
      },
      start,
      value: copy(value, steps),
    };
  }

  return { document: { text, root: copy(root, []), cut }, last: () => last?.read() ?? null };
}

/** Behind the closing quote of the name that begins at `start`. */
export function nameEnd(text: string, start: number): number {
  let end = start + 1;
  while (text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  return end + 1;
}

/** Paths as people write them: `messages[1].content`. */
export function pathOf(steps: Steps): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path === '' ? '$' : path;
}
