import type { Manner } from './vendor.ts';

/** A request as the vendor reads it. */
export interface Asked {
  path: string;
  text: string;
}

/** What goes back: one part for each event of a stream, or the whole. */
export interface Answer {
  type: string;
  parts: readonly string[];
}

/** What of a request the vendor repeats: the last thing that a person or a tool said. */
type Body = Record<string, unknown>;

/** Answers in the dialect that the path speaks. */
export function answerFor(asked: Asked, manner: Manner): Answer {
  const { path } = asked;
  if (path.includes('/files'))
    return json({ id: 'file-made-up', object: 'file', bytes: 1, filename: 'f', purpose: 'batch' });
  const body = JSON.parse(asked.text) as Body;
  if (path.includes('/embeddings')) return json(embedding());
  const says = manner.says ?? lastSaid(body);
  const isStream = body.stream === true || path.includes('streamGenerateContent');
  if (path.includes('/chat/completions')) return chat(says, manner, isStream);
  if (path.includes('/responses')) return responses(says, manner, isStream);
  if (path.includes('/messages')) return messages(says, manner, isStream);
  return gemini(says, manner, isStream);
}

const json = (value: unknown): Answer => ({ type: 'application/json', parts: [JSON.stringify(value)] });
const event = (value: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`;
const stream = (parts: readonly string[]): Answer => ({ type: 'text/event-stream', parts });

function pieces(text: string, size: number): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, at) =>
    characters.slice(at * size, (at + 1) * size).join(''),
  );
}

const argumentsOf = (says: string): string => JSON.stringify({ note: says, again: [says] });

function embedding(): unknown {
  const vector = Buffer.from(new Float32Array([0.5, 0.25]).buffer).toString('base64');
  return {
    object: 'list',
    model: 'made-up',
    data: [{ object: 'embedding', index: 0, embedding: vector }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  };
}

function chat(says: string, { piece, calls }: Manner, isStream: boolean): Answer {
  const head = { id: 'made-up', created: 1, model: 'made-up' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const call = { id: 'call-1', type: 'function', function: { name: 'note', arguments: argumentsOf(says) } };
  if (!isStream) {
    const message = calls
      ? { role: 'assistant', content: null, tool_calls: [call] }
      : { role: 'assistant', content: says };
    const choices = [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }];
    return json({ ...head, object: 'chat.completion', choices, usage });
  }
  const chunk = (delta: unknown, finish: string | null = null): string =>
    event({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  const first = calls
    ? { tool_calls: [{ index: 0, ...call, function: { name: 'note', arguments: '' } }] }
    : { role: 'assistant', content: '' };
  const parts = pieces(calls ? argumentsOf(says) : says, piece).map((text) =>
    chunk(calls ? { tool_calls: [{ index: 0, function: { arguments: text } }] } : { content: text }),
  );
  // What was used comes late, in an event without text.
  const late = event({ ...head, object: 'chat.completion.chunk', choices: [], usage });
  return stream([chunk(first), ...parts, chunk({}, calls ? 'tool_calls' : 'stop'), late, 'data: [DONE]\n\n']);
}

function responses(says: string, { piece, calls }: Manner, isStream: boolean): Answer {
  const text = calls ? argumentsOf(says) : says;
  const part = { type: 'output_text', text, annotations: [] };
  const item = calls
    ? {
        type: 'function_call',
        id: 'fc-1',
        call_id: 'call-1',
        name: 'note',
        arguments: text,
        status: 'completed',
      }
    : { type: 'message', id: 'msg-1', role: 'assistant', status: 'completed', content: [part] };
  const whole = {
    id: 'resp-1',
    object: 'response',
    created_at: 1,
    model: 'made-up',
    status: 'completed',
    output: [item],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  };
  if (!isStream) return json(whole);
  let sequence = 0;
  const say = (type: string, more: object): string => {
    sequence += 1;
    return event({ type, sequence_number: sequence, ...more }, type);
  };
  const where = { item_id: item.id, output_index: 0, ...(calls ? {} : { content_index: 0 }) };
  const kind = calls ? 'response.function_call_arguments' : 'response.output_text';
  const begun = calls
    ? { ...item, arguments: '', status: 'in_progress' }
    : { ...item, content: [], status: 'in_progress' };
  return stream([
    say('response.created', { response: { ...whole, status: 'in_progress', output: [] } }),
    say('response.output_item.added', { output_index: 0, item: begun }),
    ...(calls ? [] : [say('response.content_part.added', { ...where, part: { ...part, text: '' } })]),
    ...pieces(text, piece).map((delta) => say(`${kind}.delta`, { ...where, delta })),
    say(`${kind}.done`, { ...where, ...(calls ? { arguments: text } : { text }) }),
    ...(calls ? [] : [say('response.content_part.done', { ...where, part })]),
    say('response.output_item.done', { output_index: 0, item }),
    say('response.completed', { response: whole }),
  ]);
}

function messages(says: string, { piece, calls }: Manner, isStream: boolean): Answer {
  const input = { note: says, again: [says] };
  const block = calls
    ? { type: 'tool_use', id: 'toolu-1', name: 'note', input }
    : { type: 'text', text: says };
  const head = { id: 'msg-1', type: 'message', role: 'assistant', model: 'made-up', stop_sequence: null };
  const reason = calls ? 'tool_use' : 'end_turn';
  const usage = { input_tokens: 1, output_tokens: 1 };
  if (!isStream) return json({ ...head, content: [block], stop_reason: reason, usage });
  const say = (type: string, more: object): string => event({ type, ...more }, type);
  const begun = calls ? { ...block, input: {} } : { ...block, text: '' };
  return stream([
    say('message_start', { message: { ...head, content: [], stop_reason: null, usage } }),
    say('content_block_start', { index: 0, content_block: begun }),
    say('ping', {}),
    ...pieces(calls ? argumentsOf(says) : says, piece).map((text) =>
      say('content_block_delta', {
        index: 0,
        delta: calls ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text },
      }),
    ),
    say('content_block_stop', { index: 0 }),
    say('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage }),
    say('message_stop', {}),
  ]);
}

function gemini(says: string, { piece, calls }: Manner, isStream: boolean): Answer {
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const answer = (part: unknown, finishReason?: string): object => ({
    candidates: [
      {
        index: 0,
        content: { role: 'model', parts: [part] },
        ...(finishReason === undefined ? {} : { finishReason }),
      },
    ],
    modelVersion: 'made-up',
  });
  const call = { functionCall: { name: 'note', args: { note: says, again: [says] } } };
  if (!isStream) return json({ ...answer(calls ? call : { text: says }, 'STOP'), usageMetadata });
  // Calls of functions come whole in this dialect.
  const parts = calls ? [event(answer(call))] : pieces(says, piece).map((text) => event(answer({ text })));
  return stream([...parts, event({ ...answer({ text: '' }, 'STOP'), usageMetadata })]);
}

/** The last text in the request that a person or a tool said, whatever the dialect. */
function lastSaid(body: Body): string {
  const turns = [body.messages, body.input, body.contents].find((each) => each !== undefined);
  if (typeof turns === 'string') return turns;
  const last: unknown = Array.isArray(turns) ? turns.at(-1) : undefined;
  return textIn(last);
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return textIn(value.at(-1));
  if (typeof value !== 'object' || value === null) return '';
  for (const name of ['text', 'content', 'parts', 'output', 'functionResponse', 'response', 'result']) {
    if (name in value) return textIn(Reflect.get(value, name));
  }
  return '';
}
