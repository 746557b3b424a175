/** Made-up answers in the vendor's shapes. Pure: ids and times are handed in. */

export interface Stamp {
  id: string;
  /** Seconds since 1970. */
  created: number;
}

type Json = Record<string, unknown>;

export interface ChatAnswer {
  model: string;
  text: string | null;
  tools: { id: string; name: string; arguments: string }[];
  usage: { input: number; output: number };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a message's or item's content, whether one string or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJson(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

/** Roughly the vendor's token count; good enough for usage figures that only need to be steady. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** A value that fits a tool's JSON schema, so that an app can parse and use the arguments. */
function exampleFor(schema: unknown): unknown {
  if (!isJson(schema)) return 'example';
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  if (schema.type === 'object' || isJson(schema.properties)) {
    const properties = isJson(schema.properties) ? schema.properties : {};
    return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, exampleFor(inner)]));
  }
  if (schema.type === 'number' || schema.type === 'integer') return 42;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return [exampleFor(schema.items)];
  return 'example';
}

/** The first tool, called with example arguments, if the request offers tools and the last word was the user's. */
export function toolCalls(tools: unknown, lastRole: unknown, id: string): ChatAnswer['tools'] {
  if (!Array.isArray(tools) || lastRole !== 'user') return [];
  const first: unknown = tools[0];
  if (!isJson(first)) return [];
  const described = isJson(first.function) ? first.function : first;
  if (typeof described.name !== 'string') return [];
  const made = JSON.stringify(exampleFor(described.parameters));
  return [{ id: `call_${id}`, name: described.name, arguments: made }];
}

/** What a chat completion request is answered with: a tool call, or an echo of the last message. */
export function chatAnswer(request: Json, id: string): ChatAnswer {
  const messages = Array.isArray(request.messages) ? request.messages.filter(isJson) : [];
  const last = messages.at(-1);
  const said = contentText(last?.content);
  const tools = toolCalls(request.tools, last?.role, id);
  const text = tools.length > 0 ? null : `You said: ${said}`;
  return {
    model: typeof request.model === 'string' ? request.model : 'unknown',
    text,
    tools,
    usage: {
      input: tokens(messages.map((one) => contentText(one.content)).join('')),
      output: tokens(text ?? tools.map((tool) => tool.arguments).join('')),
    },
  };
}

function chatUsage(usage: ChatAnswer['usage']): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
  };
}

function chatToolCalls(answer: ChatAnswer): Json[] {
  return answer.tools.map((tool) => ({
    id: tool.id,
    type: 'function',
    function: { name: tool.name, arguments: tool.arguments },
  }));
}

export function chatCompletion(answer: ChatAnswer, stamp: Stamp): Json {
  const called = answer.tools.length > 0;
  return {
    id: `chatcmpl-${stamp.id}`,
    object: 'chat.completion',
    created: stamp.created,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text,
          refusal: null,
          ...(called ? { tool_calls: chatToolCalls(answer) } : {}),
        },
        logprobs: null,
        finish_reason: called ? 'tool_calls' : 'stop',
      },
    ],
    usage: chatUsage(answer.usage),
    system_fingerprint: null,
  };
}

/** Cuts text into pieces of a few characters, never within a surrogate pair. */
export function pieces(text: string, size = 5): string[] {
  const characters = [...text];
  const out: string[] = [];
  for (let i = 0; i < characters.length; i += size) out.push(characters.slice(i, i + size).join(''));
  return out;
}

/** The events of a streamed chat completion, `[DONE]` excluded. */
export function chatChunks(answer: ChatAnswer, stamp: Stamp, includeUsage: boolean): Json[] {
  const chunk = (choices: Json[], more: Json = {}): Json => ({
    id: `chatcmpl-${stamp.id}`,
    object: 'chat.completion.chunk',
    created: stamp.created,
    model: answer.model,
    system_fingerprint: null,
    choices,
    ...more,
  });
  const delta = (given: Json, finish: string | null = null): Json =>
    chunk([{ index: 0, delta: given, logprobs: null, finish_reason: finish }]);
  const chunks = [delta({ role: 'assistant', content: answer.text === null ? null : '' })];
  for (const piece of pieces(answer.text ?? '')) chunks.push(delta({ content: piece }));
  answer.tools.forEach((tool, index) => {
    const head = { id: tool.id, type: 'function', function: { name: tool.name, arguments: '' } };
    chunks.push(delta({ tool_calls: [{ index, ...head }] }));
    for (const piece of pieces(tool.arguments)) {
      chunks.push(delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
    }
  });
  chunks.push(delta({}, answer.tools.length > 0 ? 'tool_calls' : 'stop'));
  if (includeUsage) chunks.push(chunk([], { usage: chatUsage(answer.usage) }));
  return chunks;
}
