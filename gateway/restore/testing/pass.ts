import { serviceOf } from '../../minimise/testing/cross.ts';
import { type CompiledAnswer, compileAnswer, restoreFor } from '../index.ts';

/** Answers as they pass to the client, with the tokens of a made-up request. */

export const anna = '[[PERSON_7Q2K9XWM10]]';
export const address = '[[ADDRESS_0000000000]]';
export const unknown = '[[PERSON_ZZZZZZZZZZ]]';
export const tokens = new Map([
  [anna, 'Änna "Made-up" Berger'],
  [address, 'Alley 1\n00000 Nowhere 😀'],
]);
export const plain = (text: string) =>
  text.replaceAll(anna, 'Änna "Made-up" Berger').replaceAll(address, 'Alley 1\n00000 Nowhere 😀');

export function answerOf(pack: string, endpoint: string): CompiledAnswer {
  const found = serviceOf(pack).endpoints.find(({ id }) => id === endpoint)?.answer;
  if (found === undefined) throw new Error(`no answer of ${pack} ${endpoint}`);
  return compileAnswer(found);
}
export const chat = answerOf('openai', 'chat_completions');
export const responses = answerOf('openai', 'responses');
export const messages = answerOf('anthropic', 'messages');
export const gemini = answerOf('google-gemini', 'stream_generate_content');

interface Passed {
  text: string;
  chunks: string[];
  restored: number;
  unknown: number;
}

/** An answer of this type as the client gets it, in the chunks given. */
export function pass(
  answer: CompiledAnswer | null,
  type: string,
  chunks: readonly (string | Buffer)[],
): Passed {
  const restore = restoreFor(answer, tokens, null);
  const body = restore.begin(['Content-Type', type]);
  if (body === null) throw new Error('not restored');
  const out = chunks.map((chunk) => body.push(Buffer.from(chunk)));
  out.push(body.end());
  return {
    text: Buffer.concat(out).toString(),
    chunks: out.map(String),
    ...(restore.counts ?? { restored: 0, unknown: 0 }),
  };
}

export const sse = (answer: CompiledAnswer | null, chunks: readonly (string | Buffer)[]) =>
  pass(answer, 'text/event-stream; charset=utf-8', chunks);
export const event = (value: unknown, type?: string) =>
  `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(value)}\n\n`;
export const dataOf = (text: string): unknown[] =>
  text
    .split(/\r?\n\r?\n/)
    .flatMap((each) => each.split(/\r?\n/).filter((line) => line.startsWith('data: {')))
    .map((line) => JSON.parse(line.slice(6)));

export function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.map((place, at) => text.slice(places[at - 1] ?? 0, place));
}
