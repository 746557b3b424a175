import { crc32 } from 'node:zlib';
import { Refusal } from '../../gateway/refusal/index.ts';
import { type CompiledAnswer, compileAnswer, restoreFor } from '../../gateway/restore/index.ts';
import { answerOf } from '../../gateway/restore/testing/pass.ts';
import { AnswerText, answerClasses, compileSecretScanner } from '../../gateway/scan/index.ts';
import { type Area, type Case, cutAt, type Draw } from './case.ts';

const anna = '[[PERSON_7Q2K9XWM10]]';
const address = '[[ADDRESS_0000000000]]';
const tokens = new Map([
  [anna, 'Änna "Made-up" Berger'],
  [address, 'Alley 1\n00000 Nowhere 😀'],
]);
const plain = (text: string): string => {
  let out = text;
  for (const [token, original] of tokens) out = out.replaceAll(token, original);
  return out;
};
/** Made up, and put together here, so that nobody takes it for a leaked one. */
const secret = ['mu', 'proj', '9f3b81c04d7e26a5', 'e1d05b7c'].join('-');
/** Beside letters, and digits of any script, it is a part of a longer word, and none. */
const SECRET_ALONE = new RegExp(`(?:^|[ ,:"])${secret}(?:$|[ ,:"])`);
const live = {
  scanner: compileSecretScanner(
    [{ id: 'made_up.key', class: 'secret.api_key', forms: ['mu-proj-{hex:16}-{hex:8}'] }],
    null,
  ),
  do: 'drop' as const,
  classes: new Set(answerClasses),
  marker: () => '[removed]',
};

const PIECES = [
  anna,
  address,
  anna.slice(0, 9),
  anna.slice(9),
  anna.toLowerCase(),
  `\\[\\[${anna.slice(2, -2)}\\]\\]`,
  '[[PERSON_ZZZZZZZZZZ]]',
  secret,
  secret.slice(0, 12),
  'the weather ',
  'is fine. ',
  ' ',
  '\n',
  '"',
  '\\',
  '\\n',
  '\\u005b',
  '[',
  '[[',
  ']]',
  '{"a":"',
  '"}',
  '{',
  '}',
  ',',
  ':',
  'data: ',
  '\n\n',
  '\r\n\r\n',
  'event: x\n',
  'ä',
  '😀',
  '今日は',
  '\ud83d',
  '\0',
  '0',
  'null',
  'key = ',
];
const pieces = (random: Draw): string =>
  random.below(20) === 0 ? String.fromCharCode(random.below(0x10000)) : random.one(PIECES);

interface Dialect {
  name: string;
  type: string;
  answer: CompiledAnswer | null;
  /** One document that says these pieces one after the other. */
  write(parts: readonly string[]): Buffer;
  /** What it says, of one that is whole. */
  read(body: Buffer): string;
}

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const eventsOf = (body: Buffer): unknown[] =>
  body
    .toString()
    .split('\n\n')
    .flatMap((each) => (each.startsWith('data: {') ? [JSON.parse(each.slice(6)) as unknown] : []));
const sse = (
  name: string,
  answer: CompiledAnswer,
  of: (text: string) => unknown,
  last: readonly unknown[],
  textOf: (value: never) => string | undefined,
): Dialect => ({
  name,
  type: 'text/event-stream; charset=utf-8',
  answer,
  write: (parts) => Buffer.from(parts.map((part) => event(of(part))).join('') + last.map(event).join('')),
  read: (body) =>
    eventsOf(body)
      .map((each) => textOf(each as never) ?? '')
      .join(''),
});

const checksum = (bytes: Buffer): Buffer => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
};
function message(type: string, value: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(type.length);
  const headers = Buffer.concat([Buffer.from('\x0b:event-type\x07', 'latin1'), length, Buffer.from(type)]);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(16 + headers.length + payload.length, 0);
  lengths.writeUInt32BE(headers.length, 4);
  const head = Buffer.concat([lengths, checksum(lengths), headers, payload]);
  return Buffer.concat([head, checksum(head)]);
}
function messagesOf(body: Buffer): string {
  let out = '';
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at);
    if (body.readUInt32BE(at + length - 4) !== crc32(body.subarray(at, at + length - 4)))
      throw new Error('a checksum is wrong');
    const from = at + 12 + body.readUInt32BE(at + 4);
    const value = JSON.parse(body.toString('utf8', from, at + length - 4)) as { delta?: { text: string } };
    out += value.delta?.text ?? '';
    at += length;
  }
  return out;
}

type Choices = { choices: { delta: { content?: string } }[] };
type Delta = { delta?: { text?: string } };
type Parts = { candidates: { content: { parts: { text: string }[] } }[] };
const chat = answerOf('openai', 'chat_completions');
const dialects: readonly Dialect[] = [
  sse(
    'chat',
    chat,
    (content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }],
    ({ choices }: Choices) => choices[0]?.delta.content,
  ),
  sse(
    'responses',
    answerOf('openai', 'responses'),
    (delta) => ({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
    [{ type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'x' }],
    ({ delta }: { delta?: string }) => delta,
  ),
  sse(
    'messages',
    answerOf('anthropic', 'messages'),
    (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    [{ type: 'content_block_stop', index: 0 }],
    ({ delta }: Delta) => delta?.text,
  ),
  sse(
    'gemini',
    answerOf('google-gemini', 'stream_generate_content'),
    (text) => ({ candidates: [{ content: { parts: [{ text }] } }] }),
    [{ candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }] }],
    ({ candidates }: Parts) => candidates[0]?.content.parts[0]?.text,
  ),
  {
    name: 'a list',
    type: 'application/json',
    answer: answerOf('google-gemini', 'stream_generate_content'),
    write: (parts) =>
      Buffer.from(
        JSON.stringify([
          ...parts.map((text) => ({ candidates: [{ content: { parts: [{ text }] } }] })),
          { candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }] },
        ]),
      ),
    read: (body) =>
      (JSON.parse(body.toString()) as Parts[])
        .map(({ candidates }) => candidates[0]?.content.parts[0]?.text ?? '')
        .join(''),
  },
  {
    name: 'JSON',
    type: 'application/json',
    answer: chat,
    write: (parts) => Buffer.from(JSON.stringify({ a: parts.join(''), b: [1, { c: 'x' }] }, null, 1)),
    read: (body) => (JSON.parse(body.toString()) as { a: string }).a,
  },
  {
    name: 'lines',
    type: 'application/x-ndjson',
    answer: null,
    write: (parts) =>
      Buffer.from(`${JSON.stringify({ a: parts.join('') })}\n\n${JSON.stringify({ b: 1 })}\n`),
    read: (body) => (JSON.parse(body.toString().split('\n')[0] ?? '') as { a: string }).a,
  },
  {
    name: 'text',
    type: 'text/markdown',
    answer: chat,
    write: (parts) => Buffer.from(parts.join('')),
    read: (body) => body.toString(),
  },
  {
    name: 'an event stream',
    type: 'application/vnd.amazon.eventstream',
    answer: compileAnswer({
      deltas: [{ event: 'contentBlockDelta', text: 'delta.text', channel: ['contentBlockIndex'] }],
      ends: [{ events: ['contentBlockStop'], channel: ['contentBlockIndex'] }],
    }),
    write: (parts) =>
      Buffer.concat([
        ...parts.map((text) => message('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
        message('contentBlockStop', { contentBlockIndex: 0 }),
      ]),
    read: messagesOf,
  },
];

/** What the client gets, and whether it was cut off with a refusal. Whatever else is thrown is a fault. */
function pass({ answer, type }: Dialect, chunks: readonly Buffer[], isLooked: boolean) {
  const restore = restoreFor(answer, tokens, isLooked ? new AnswerText(live, tokens) : null);
  const body = restore.begin(['content-type', type]);
  if (body === null) throw new Error('the answer passes as it comes');
  const out: Buffer[] = [];
  let isRefused = false;
  try {
    for (const chunk of chunks) out.push(Buffer.from(body.push(chunk)));
    out.push(body.end());
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    isRefused = true;
  }
  return { body: Buffer.concat(out), isRefused, counts: { ...restore.counts } };
}

/** Damage: bytes changed, left out, or put in, at places that the case's cuts say. */
function damaged(body: Buffer, choice: number): Buffer {
  const bytes = [...body];
  const at = (choice >> 4) % (bytes.length + 1);
  const hostile = [0x22, 0x5c, 0x7b, 0x7d, 0x0a, 0x0d, 0x00, 0xff, 0x5b, 0x3a];
  const byte = hostile[(choice >> 8) % hostile.length] ?? 0;
  const how = (choice >> 12) % 4;
  if (how === 0) bytes.splice(at, 1, byte);
  else if (how === 1) bytes.splice(at, 0, byte, byte);
  else if (how === 2) bytes.splice(at, 1 + (choice % 7));
  else bytes.length = at;
  return Buffer.from(bytes);
}

/** Whether restoring is an identity for a text: tokens in it are whole or none, and it is no JSON of its own. */
const isPlainText = (text: string): boolean =>
  !/^\s*[[{"]/.test(text) &&
  plain(text).toWellFormed() === plain(text) &&
  !/\\|_|%5b/i.test(plain(text)) &&
  !text.includes('mu-');

function check({ parts, cuts, choice }: Case): string | null {
  const dialect = dialects[choice % dialects.length];
  if (dialect === undefined) return null;
  const isLooked = (choice >> 20) % 2 === 1;
  const isDamaged = (choice >> 21) % 3 === 0;
  const written = dialect.write(parts);
  const given = isDamaged ? damaged(written, choice) : written;
  const chunks = cutAt(given.toString('latin1'), cuts).map((piece) => Buffer.from(piece, 'latin1'));
  const whole = pass(dialect, [given], isLooked);
  const pieced = pass(dialect, chunks, isLooked);
  const fault = (what: string): string =>
    `${dialect.name}${isLooked ? ', looked through' : ''}${isDamaged ? ', damaged' : ''}: ${what}`;
  if (whole.isRefused !== pieced.isRefused)
    return fault(
      `${whole.isRefused ? 'refused' : 'passed'} whole, ${pieced.isRefused ? 'refused' : 'passed'} in pieces`,
    );
  if (!isDamaged && whole.isRefused) return fault('refused');
  if (!whole.isRefused && !whole.body.equals(pieced.body))
    return fault(
      `in pieces ${JSON.stringify(pieced.body.toString())}, whole ${JSON.stringify(whole.body.toString())}`,
    );
  if (JSON.stringify(whole.counts) !== JSON.stringify(pieced.counts) && !whole.isRefused)
    return fault(
      `counts are ${JSON.stringify(pieced.counts)} in pieces, ${JSON.stringify(whole.counts)} whole`,
    );
  if (isDamaged) return null;
  const read = dialect.read(whole.body);
  const text = parts.join('');
  if (isLooked && SECRET_ALONE.test(read)) return fault('a secret passes');
  if (isPlainText(text) && read !== plain(text))
    return fault(`says ${JSON.stringify(read)} for ${JSON.stringify(plain(text))}`);
  return null;
}

export const answersArea: Area = { name: 'answers', pieces, check };
