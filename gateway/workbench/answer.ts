import { parsePath, type Step } from '@drawbridge/minimise';
import type { LiveConnection } from '../crossing.ts';
import type { CompiledEndpoint } from '../inspect/index.ts';
import { Refusal } from '../refusal/index.ts';
import { type AnswerRestore, restoreFor } from '../restore/index.ts';
import { AnswerText } from '../scan/index.ts';

/** What an app would get of a made-up answer in which the vendor repeats what it was sent. */
export interface ComesBack {
  text: string | null;
  /** How many tokens were put back, and how many stood there that the request did not issue. */
  restored: number;
  unknown: number;
  refusal: { code: string; message: string } | null;
}

const LONGEST_ECHO = 20_000;
/** So short that tokens come in several pieces. */
const PIECE = 5;

/** `sent`: the texts as the vendor got them. `stream` is null where the pack does not say where a stream's text stands. */
export function answersTo(
  sent: string,
  tokens: ReadonlyMap<string, string> | null,
  live: LiveConnection,
  endpoint: CompiledEndpoint,
): { plain: ComesBack; stream: ComesBack | null } {
  const echo = sent.slice(0, LONGEST_ECHO);
  const looker = (): AnswerText | null => {
    const answers = live.text?.answers ?? null;
    return answers === null ? null : new AnswerText(answers, tokens);
  };
  const restorer = (): AnswerRestore => restoreFor(endpoint.answer, tokens, looker());
  const path = textPathOf(endpoint);
  return {
    plain: comesBack(restorer(), 'application/json', [JSON.stringify({ text: echo })], (out) =>
      textAt(out, [{ take: 'name', name: 'text' }]),
    ),
    stream:
      path === null
        ? null
        : comesBack(restorer(), 'text/event-stream', eventsOf(echo, path), (out) =>
            out
              .split('\n\n')
              .filter((event) => event.startsWith('data: {'))
              .map((event) => textAt(event.slice('data: '.length), path.steps))
              .join(''),
          ),
  };
}

function comesBack(
  restore: AnswerRestore,
  type: string,
  chunks: readonly string[],
  read: (out: string) => string,
): ComesBack {
  const counts = () => ({ restored: restore.counts?.restored ?? 0, unknown: restore.counts?.unknown ?? 0 });
  try {
    const body = restore.begin(['content-type', type]);
    const given = chunks.map((chunk) => Buffer.from(chunk));
    const out = body === null ? given : [...given.map((chunk) => body.push(chunk)), body.end()];
    return { text: read(Buffer.concat(out).toString('utf8')), ...counts(), refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { text: null, ...counts(), refusal: { code: error.code, message: error.message } };
  }
}

interface TextPath {
  steps: readonly Step[];
  event: string | undefined;
  channel: readonly (readonly Step[])[];
}

function textPathOf({ streams, endpoint }: CompiledEndpoint): TextPath | null {
  const delta = endpoint.answer?.deltas.find(({ json, as_is }) => json !== true && as_is !== true);
  if (!streams || delta === undefined) return null;
  return { steps: parsePath(delta.text), event: delta.event, channel: delta.channel.map(parsePath) };
}

function eventsOf(text: string, { steps, event, channel }: TextPath): string[] {
  const units = Array.from(text);
  const events: string[] = [];
  for (let at = 0; at < units.length; at += PIECE) {
    const document: Record<string, unknown> = event === undefined ? {} : { type: event };
    for (const path of channel) put(document, path, 0);
    put(document, steps, units.slice(at, at + PIECE).join(''));
    events.push(`data: ${JSON.stringify(document)}\n\n`);
  }
  return [...events, 'data: [DONE]\n\n'];
}

/** Puts a value where a path leads; of a list the first element. */
function put(document: object, steps: readonly Step[], value: unknown): void {
  let into: object = document;
  for (const [at, step] of steps.entries()) {
    const key = step.take === 'name' ? step.name : '0';
    const next = steps[at + 1];
    const known: unknown = Object.getOwnPropertyDescriptor(into, key)?.value;
    const made = next === undefined ? value : next.take === 'name' ? {} : [];
    const kept = next !== undefined && typeof known === 'object' && known !== null ? known : made;
    Object.defineProperty(into, key, { value: kept, configurable: true, enumerable: true, writable: true });
    if (typeof kept !== 'object' || kept === null) return;
    into = kept;
  }
}

function textAt(json: string, steps: readonly Step[]): string {
  let value: unknown = JSON.parse(json);
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return '';
    value = Object.getOwnPropertyDescriptor(value, step.take === 'name' ? step.name : '0')?.value;
  }
  return typeof value === 'string' ? value : '';
}
