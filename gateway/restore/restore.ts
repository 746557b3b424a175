import { newRestorer, type Restored, TokenIndex } from '@drawbridge/tokens';
import { Refusal } from '../refusal/index.ts';
import type { AnswerText } from '../scan/index.ts';
import type { CompiledAnswer } from './channels.ts';
import { checkGrown, Documents } from './documents.ts';
import { Element, ElementEnds } from './elements.ts';
import { readEvent, type ServerSentEvent } from './event.ts';
import { Message, MessageEnds } from './eventstream.ts';
import { JsonStrings } from './json-strings.ts';
import { EventEnds, LineEnds, Pieces } from './pieces.ts';

/** Puts tokens back into one answer's body as it passes. Texts are bytes here: a character each, so that none is changed. */
export interface BodyRestore {
  /** What can go on. Throws Refusal `restore_failed`. */
  push(chunk: Buffer): Buffer;
  /** What was held back. */
  end(): Buffer;
}

/** Puts tokens back into the answer of a request that crossed with some, and keeps secrets in it from passing. */
export interface AnswerRestore {
  /**
   * Chosen by the answer's raw headers, from which those go that speak of its exact bytes. Null: the answer is neither
   * text nor JSON, and passes as it comes. Throws Refusal `restore_failed` for one that can't be read.
   */
  begin(headers: string[]): BodyRestore | null;
  /** What became of tokens; null: the request had none. */
  readonly counts: Readonly<Restored> | null;
  /** What looks for secrets; null: nobody does. */
  readonly text: AnswerText | null;
}

const noTokens: ReadonlyMap<string, string> = new Map();

/** `tokens`: null where the request had none; `text`: null where nothing is looked for. */
export function restoreFor(
  answer: CompiledAnswer | null,
  tokens: ReadonlyMap<string, string> | null,
  text: AnswerText | null,
): AnswerRestore {
  const index = new TokenIndex(tokens ?? noTokens, (original) =>
    Buffer.from(original, 'utf8').toString('latin1'),
  );
  const counts: Restored = { restored: 0, unknown: 0 };
  return {
    counts: tokens === null ? null : counts,
    text,
    begin(headers) {
      const { type, isPacked } = contentOf(headers);
      const body = bodyOf(type, index, answer, counts, text);
      if (body === null) return null;
      if (isPacked) {
        throw new Refusal(
          'restore_failed',
          'restore',
          'The vendor sent its answer packed, though it was asked not to: tokens can not be put back, nor secrets found. Nothing of it was passed on.',
        );
      }
      dropDigests(headers);
      return body;
    },
  };
}

function bodyOf(
  type: string,
  index: TokenIndex,
  answer: CompiledAnswer | null,
  counts: Restored,
  text: AnswerText | null,
): BodyRestore | null {
  const documents = (from: CompiledAnswer | null) => new Documents(index, from, counts, text);
  if (type === 'text/event-stream') return events(documents(answer));
  if (LINES.has(type)) return lines(documents(answer));
  if (type === 'application/vnd.amazon.eventstream')
    return messages(documents(answer), () => new JsonStrings(index, counts, text));
  if (type === 'application/json' || type.endsWith('+json')) {
    const strings = () => textBody(new JsonStrings(index, counts, text));
    if (answer === null) return strings();
    const { deltas, asIs } = answer;
    const alone = (): BodyRestore =>
      asIs.length === 0 ? strings() : whole(documents({ deltas: [], ends: [], asIs }));
    return deltas.length === 0 ? alone() : listOr(alone, () => elements(documents(answer)));
  }
  if (type !== '' && !type.startsWith('text/')) return null;
  const restorer = newRestorer(index, 0, counts);
  return textBody(text === null ? restorer : inRow(text.string(0), restorer));
}

const LINES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/x-jsonlines',
  'application/jsonlines',
  'application/stream+json',
]);

/** What the first lets go is given to the second. */
function inRow(first: Passing, second: Passing): Passing {
  return {
    push: (text) => second.push(first.push(text)),
    end: () => second.push(first.end()) + second.end(),
  };
}

interface Passing {
  push(text: string): string;
  end(): string;
}

function textBody(text: Passing): BodyRestore {
  return {
    push(chunk) {
      const given = chunk.toString('latin1');
      const restored = text.push(given);
      checkGrown(given.length, restored.length);
      return restored === given ? chunk : Buffer.from(restored, 'latin1');
    },
    end: () => Buffer.from(text.end(), 'latin1'),
  };
}

/** One document, held until it is whole: only then it is known which of its texts is which. */
function whole(documents: Documents): BodyRestore {
  const pieces = new Pieces({ in: () => [] }, (data) => documents.take({ data, type: '', write: itself }));
  return { push: (chunk) => pieces.push(chunk), end: () => pieces.end() };
}

const itself = (data: string): string => data;

/** A body whose first character says whether it is a list, as a stream may be that nobody asked to come as events. */
function listOr(other: () => BodyRestore, list: () => BodyRestore): BodyRestore {
  let body: BodyRestore | null = null;
  return {
    push(chunk) {
      if (body === null) {
        const first = chunk.find((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
        if (first === undefined) return chunk;
        body = first === 0x5b ? list() : other();
      }
      return body.push(chunk);
    },
    end: () => (body === null ? Buffer.alloc(0) : body.end()),
  };
}

function events(documents: Documents): BodyRestore {
  let last: ServerSentEvent | null = null;
  const pieces = new Pieces(new EventEnds(), (piece) => {
    const event = last?.like(piece) ?? readEvent(piece);
    if (event === null) return null;
    last = event;
    return documents.take(event);
  });
  return {
    push: (chunk) => pieces.push(chunk),
    end() {
      const rest = pieces.end();
      const held = documents.flush();
      if (held === '') return rest;
      // An event that lacks its empty line would become one with the next.
      const gap = rest.length === 0 ? '' : '\n\n';
      return Buffer.concat([rest, Buffer.from(gap + held, 'latin1')]);
    },
  };
}

/** The elements of a list, each a document of the stream. */
function elements(documents: Documents): BodyRestore {
  let isFirst = true;
  const pieces = new Pieces(new ElementEnds(), (piece) => {
    const element = new Element(piece, isFirst);
    // What is left at the end is the list's own, if it is no more than that.
    if (/^(?:\]\s*)?$/.test(element.data)) return null;
    isFirst = false;
    const written = documents.take(element);
    // What goes on later brings its own comma.
    if (written === null || written === '') return written;
    return element.ahead + written.slice(1);
  });
  return {
    push: (chunk) => pieces.push(chunk),
    end() {
      const rest = pieces.end();
      const held = documents.flush();
      return held === '' ? rest : Buffer.concat([Buffer.from(held, 'latin1'), rest]);
    },
  };
}

/** Amazon's event stream. */
function messages(documents: Documents, stringsOf: () => JsonStrings): BodyRestore {
  const around = (before: string, after: string): [string, string] => {
    const strings = stringsOf();
    return [strings.push(before), strings.push(after) + strings.end()];
  };
  const pieces = new Pieces(new MessageEnds(), (piece) => documents.take(new Message(piece, around)));
  return {
    push: (chunk) => pieces.push(chunk),
    end() {
      const rest = pieces.end();
      return Buffer.concat([rest, Buffer.from(documents.flush(), 'latin1')]);
    },
  };
}

function lines(documents: Documents): BodyRestore {
  const pieces = new Pieces(new LineEnds(), (piece) => {
    const end = piece.search(/\r?\n?$/);
    const data = piece.slice(0, end);
    if (data.trim() === '') return null;
    const after = piece.slice(end);
    return documents.take({ data, type: '', write: (other) => other + after });
  });
  return {
    push: (chunk) => pieces.push(chunk),
    end() {
      const rest = pieces.end();
      const held = documents.flush();
      const gap = held === '' || rest.length === 0 || rest.at(-1) === 0x0a ? '' : '\n';
      return held === '' ? rest : Buffer.concat([rest, Buffer.from(gap + held, 'latin1')]);
    },
  };
}

function contentOf(headers: readonly string[]): { type: string; isPacked: boolean } {
  let type = '';
  let isPacked = false;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]?.toLowerCase();
    const value = (headers[at + 1] ?? '').trim().toLowerCase();
    if (name === 'content-type') type = value.split(';')[0]?.trim() ?? '';
    else if (name === 'content-encoding') isPacked ||= value !== '' && value !== 'identity';
  }
  return { type, isPacked };
}

const OF_BYTES: ReadonlySet<string> = new Set([
  'etag',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
  'accept-ranges',
  'content-range',
]);

function dropDigests(headers: string[]): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (OF_BYTES.has(headers[at]?.toLowerCase() ?? '')) headers.splice(at, 2);
  }
}
