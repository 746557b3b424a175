import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI, { toFile } from 'openai';

/** A gateway under test: where its SDKs are pointed at, for each dialect. */
export interface Target {
  name: string;
  at: Places;
  /** Where, and by what text around the data, its detectors fail; null: there is no way to have them fail. */
  failing: { at: Places; text(data: string): string } | null;
}
type Places = Record<'openai' | 'anthropic' | 'gemini', Place>;
interface Place {
  url: string;
  key: string;
  headers?: Record<string, string>;
}

/** One endpoint, called with the SDK that people use for it. */
export interface Call {
  endpoint: string;
  /** What of an answer there is to restore: text, arguments of a tool, or nothing. */
  answers: 'text' | 'tool' | 'nothing';
  streams: boolean;
  /** Sends `data` where this endpoint carries it; resolves with what the SDK gave. */
  ask(target: Target, data: string, how: { stream: boolean; signal?: AbortSignal }): Promise<string>;
}

const MODEL = 'made-up';
const schema = { type: 'object' as const, properties: { note: { type: 'string' } } };

function openai({ at }: Target): OpenAI {
  const { url, key, headers } = at.openai;
  return new OpenAI({ apiKey: key, baseURL: url, defaultHeaders: headers ?? {}, maxRetries: 0 });
}

function anthropic({ at }: Target): Anthropic {
  const { url, key, headers } = at.anthropic;
  return new Anthropic({ apiKey: key, baseURL: url, defaultHeaders: headers ?? {}, maxRetries: 0 });
}

function gemini({ at }: Target): GoogleGenAI {
  const { url, key, headers } = at.gemini;
  return new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url, headers: headers ?? {} } });
}

type ChatMessages = OpenAI.ChatCompletionMessageParam[];
type ChatExtras = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;

async function askChat(
  target: Target,
  messages: ChatMessages,
  { stream, signal }: { stream: boolean; signal?: AbortSignal },
  extras: ChatExtras = {},
): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  const request = { model: MODEL, messages, ...extras };
  let said = '';
  if (stream) {
    const answer = await openai(target).chat.completions.create({ ...request, stream: true }, options);
    for await (const { choices } of answer) {
      const delta = choices[0]?.delta;
      said += delta?.content ?? delta?.tool_calls?.[0]?.function?.arguments ?? '';
    }
    return said;
  }
  const { choices } = await openai(target).chat.completions.create({ ...request, stream: false }, options);
  const call = choices[0]?.message.tool_calls?.[0];
  return call?.type === 'function' ? call.function.arguments : (choices[0]?.message.content ?? '');
}

async function askResponses(
  target: Target,
  request: OpenAI.Responses.ResponseCreateParams,
  { stream, signal }: { stream: boolean; signal?: AbortSignal },
): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  if (!stream) {
    const answer = await openai(target).responses.create({ ...request, stream: false }, options);
    const call = answer.output.find((item) => item.type === 'function_call');
    return call === undefined ? answer.output_text : call.arguments;
  }
  let [said, whole] = ['', ''];
  for await (const event of await openai(target).responses.create({ ...request, stream: true }, options)) {
    if (
      event.type === 'response.output_text.delta' ||
      event.type === 'response.function_call_arguments.delta'
    ) {
      said += event.delta;
    }
    if (event.type === 'response.output_text.done') whole = event.text;
    if (event.type === 'response.function_call_arguments.done') whole = event.arguments;
  }
  if (whole !== said) throw new Error('the pieces and the whole of one answer differ');
  return said;
}

async function askMessages(
  target: Target,
  request: Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens'>,
  { stream, signal }: { stream: boolean; signal?: AbortSignal },
): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  const params = { model: MODEL, max_tokens: 1024, ...request };
  const { content } = stream
    ? await anthropic(target).messages.stream(params, options).finalMessage()
    : await anthropic(target).messages.create(params, options);
  const [block] = content;
  if (block?.type === 'tool_use') return JSON.stringify(block.input);
  return block?.type === 'text' ? block.text : '';
}

async function askGemini(
  target: Target,
  request: Omit<Parameters<GoogleGenAI['models']['generateContent']>[0], 'model'>,
  { stream, signal }: { stream: boolean; signal?: AbortSignal },
): Promise<string> {
  const config = { ...request.config, ...(signal === undefined ? {} : { abortSignal: signal }) };
  const params = { model: MODEL, ...request, config };
  if (!stream) {
    const answer = await gemini(target).models.generateContent(params);
    const [call] = answer.functionCalls ?? [];
    return call === undefined ? (answer.text ?? '') : JSON.stringify(call.args);
  }
  let said = '';
  for await (const part of await gemini(target).models.generateContentStream(params)) {
    const [call] = part.functionCalls ?? [];
    said += call === undefined ? (part.text ?? '') : JSON.stringify(call.args);
  }
  return said;
}

const asUser = (content: string) => ({ role: 'user' as const, content });
const call = (data: string) => JSON.stringify({ note: data });

/** Every endpoint that carries text, each in the ways that people send it. */
export const calls: readonly Call[] = [
  {
    endpoint: 'chat completions',
    answers: 'text',
    streams: true,
    ask: (target, data, how) =>
      askChat(
        target,
        [
          { role: 'system', content: `Be brief. ${data}` },
          { ...asUser(''), content: [{ type: 'text', text: data }] },
        ],
        how,
      ),
  },
  {
    endpoint: 'responses',
    answers: 'text',
    streams: true,
    ask: (target, data, how) =>
      askResponses(target, { model: MODEL, instructions: `Be brief. ${data}`, input: data }, how),
  },
  {
    endpoint: 'messages',
    answers: 'text',
    streams: true,
    ask: (target, data, how) =>
      askMessages(
        target,
        {
          system: `Be brief. ${data}`,
          messages: [{ ...asUser(''), content: [{ type: 'text', text: data }] }],
        },
        how,
      ),
  },
  {
    endpoint: 'generateContent',
    answers: 'text',
    streams: true,
    ask: (target, data, how) =>
      askGemini(target, { contents: data, config: { systemInstruction: `Be brief. ${data}` } }, how),
  },
  {
    endpoint: 'tools (chat completions)',
    answers: 'tool',
    streams: true,
    ask: (target, data, how) =>
      askChat(
        target,
        [
          asUser('Note it.'),
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'call-0', type: 'function', function: { name: 'note', arguments: call(data) } },
            ],
          },
          { role: 'tool', tool_call_id: 'call-0', content: data },
        ],
        how,
        {
          tools: [
            {
              type: 'function',
              function: { name: 'note', description: `Notes. ${data}`, parameters: schema },
            },
          ],
        },
      ),
  },
  {
    endpoint: 'tools (responses)',
    answers: 'tool',
    streams: true,
    ask: (target, data, how) =>
      askResponses(
        target,
        {
          model: MODEL,
          input: [
            { type: 'function_call', call_id: 'call-0', name: 'note', arguments: call(data) },
            { type: 'function_call_output', call_id: 'call-0', output: data },
          ],
          tools: [
            {
              type: 'function',
              name: 'note',
              description: `Notes. ${data}`,
              parameters: schema,
              strict: false,
            },
          ],
        },
        how,
      ),
  },
  {
    endpoint: 'tools (messages)',
    answers: 'tool',
    streams: true,
    ask: (target, data, how) =>
      askMessages(
        target,
        {
          messages: [
            asUser('Note it.'),
            {
              role: 'assistant',
              content: [{ type: 'tool_use', id: 'toolu-0', name: 'note', input: { note: data } }],
            },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu-0', content: data }] },
          ],
          tools: [{ name: 'note', description: `Notes. ${data}`, input_schema: schema }],
        },
        how,
      ),
  },
  {
    endpoint: 'tools (generateContent)',
    answers: 'tool',
    streams: true,
    ask: (target, data, how) =>
      askGemini(
        target,
        {
          contents: [
            { role: 'user', parts: [{ text: 'Note it.' }] },
            { role: 'model', parts: [{ functionCall: { name: 'note', args: { note: data } } }] },
            { role: 'user', parts: [{ functionResponse: { name: 'note', response: { result: data } } }] },
          ],
          config: {
            tools: [
              {
                functionDeclarations: [
                  { name: 'note', description: `Notes. ${data}`, parametersJsonSchema: schema },
                ],
              },
            ],
          },
        },
        how,
      ),
  },
  {
    endpoint: 'metadata (chat completions)',
    answers: 'nothing',
    streams: false,
    ask: (target, data, how) =>
      askChat(target, [asUser('Hello')], how, {
        metadata: { note: data },
        user: data,
        safety_identifier: data,
      }),
  },
  {
    endpoint: 'metadata (messages)',
    answers: 'nothing',
    streams: false,
    ask: (target, data, how) =>
      askMessages(target, { messages: [asUser('Hello')], metadata: { user_id: data } }, how),
  },
  {
    endpoint: 'embeddings',
    answers: 'nothing',
    streams: false,
    ask: async (target, data) => {
      const { data: vectors } = await openai(target).embeddings.create({
        model: MODEL,
        input: [data, 'Hello'],
      });
      return String(vectors.length);
    },
  },
  {
    endpoint: 'files',
    answers: 'nothing',
    streams: false,
    ask: async (target, data) => {
      const body = { model: MODEL, messages: [asUser(data)] };
      const line = JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/chat/completions', body });
      const file = await toFile(Buffer.from(`${line}\n`), 'johanna.mustermann@example.org.jsonl');
      return (await openai(target).files.create({ file, purpose: 'batch' })).id;
    },
  },
];
