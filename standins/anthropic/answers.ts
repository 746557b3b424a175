/** Made-up answers in the vendor's shapes. Pure: ids are handed in. */

type Json = Record<string, unknown>;

export interface MessageAnswer {
  model: string;
  text: string | null;
  tool: { id: string; name: string; input: unknown } | null;
  usage: { input: number; output: number };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a message's content: one string, or blocks, those of a tool's result included. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isJson)
    .map((block) => (typeof block.text === 'string' ? block.text : contentText(block.content)))
    .join('');
}

/** Roughly the vendor's token count; good enough for figures that only need to be steady. */
export function countTokens(request: Json): number {
  const messages = Array.isArray(request.messages) ? request.messages.filter(isJson) : [];
  const text = contentText(request.system) + messages.map((one) => contentText(one.content)).join('');
  return Math.ceil(text.length / 4);
}

/** What a messages request is answered with: a call of the first tool, or an echo of the last message. */
export function messageAnswer(request: Json, id: string): MessageAnswer {
  const messages = Array.isArray(request.messages) ? request.messages.filter(isJson) : [];
  const last = messages.at(-1)?.content;
  const isResult = Array.isArray(last) && last.some((block) => isJson(block) && block.type === 'tool_result');
  const offered: unknown = Array.isArray(request.tools) ? request.tools[0] : undefined;
  const tool =
    isJson(offered) && typeof offered.name === 'string' && !isResult
      ? { id: `toolu_${id}`, name: offered.name, input: exampleFor(offered.input_schema) }
      : null;
  const text = tool === null ? `You said: ${contentText(last)}` : null;
  return {
    model: typeof request.model === 'string' ? request.model : 'unknown',
    text,
    tool,
    usage: {
      input: countTokens(request),
      output: Math.ceil((text ?? JSON.stringify(tool?.input)).length / 4),
    },
  };
}

/** An object with one value for each property of a tool's JSON schema. */
function exampleFor(schema: unknown): Json {
  const properties = isJson(schema) && isJson(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => {
      const type = isJson(inner) ? inner.type : 'string';
      return [name, type === 'integer' || type === 'number' ? 42 : type === 'boolean' ? true : 'example'];
    }),
  );
}

function blockOf(answer: MessageAnswer): Json {
  if (answer.tool !== null) return { type: 'tool_use', ...answer.tool };
  return { type: 'text', text: answer.text ?? '', citations: null };
}

const stopReason = (answer: MessageAnswer) => (answer.tool === null ? 'end_turn' : 'tool_use');

export function messageObject(answer: MessageAnswer, id: string): Json {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: [blockOf(answer)],
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: { input_tokens: answer.usage.input, output_tokens: answer.usage.output },
  };
}

/** The events of a streamed message, in order. */
export function messageEvents(answer: MessageAnswer, id: string): (Json & { type: string })[] {
  const { tool } = answer;
  const start = {
    ...messageObject(answer, id),
    content: [],
    stop_reason: null,
    usage: { input_tokens: answer.usage.input, output_tokens: 1 },
  };
  const empty = tool === null ? { type: 'text', text: '' } : { type: 'tool_use', ...tool, input: {} };
  const deltas = pieces(tool === null ? (answer.text ?? '') : JSON.stringify(tool.input)).map((piece) =>
    tool === null ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece },
  );
  return [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: empty },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    },
    { type: 'message_stop' },
  ];
}

/** Cuts text into pieces of a few characters, never within a surrogate pair. */
function pieces(text: string, size = 5): string[] {
  const characters = [...text];
  const out: string[] = [];
  for (let at = 0; at < characters.length; at += size) out.push(characters.slice(at, at + size).join(''));
  return out;
}
