import type { ServerResponse } from 'node:http';
import { answerJson } from '../../testing/send.ts';
import { type StandIn, startStandIn } from '../../testing/standin.ts';

type Json = Record<string, unknown>;

/**
 * A vendor that keeps what it was sent and answers with all of it: each answer repeats every text of the history that it
 * rests on. What OpenAI and Anthropic keep of responses, conversations, stored completions, files and batches.
 */
export interface KeepingVendor extends StandIn {
  /** All that it ever got, as one text. */
  got(): string;
}

interface Kept {
  texts: readonly string[];
  object: Json;
}

export async function startKeepingVendor(): Promise<KeepingVendor> {
  const kept = new Map<string, Kept>();
  const files = new Map<string, string>();
  let count = 0;
  const newId = (kind: string): string => `${kind}_${++count}`;

  const textsOf = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value.flatMap(textsOf);
    if (typeof value !== 'object' || value === null) return [];
    const { content, text, file_id, id } = value as Json;
    const referred = content === undefined && text === undefined ? (kept.get(String(id))?.texts ?? []) : [];
    return [...referred, ...textsOf(content), ...textsOf(text), ...textsOf(files.get(String(file_id)))];
  };

  function respond(body: Json): Kept {
    const { conversation } = body;
    const named =
      typeof conversation === 'object' && conversation !== null ? (conversation as Json).id : conversation;
    const before = kept.get(String(body.previous_response_id)) ?? kept.get(String(named));
    const texts = [...(before?.texts ?? []), ...textsOf(body.input)];
    const id = newId('resp');
    const item = messageItem(newId('msg'), texts.join(' | '));
    const object: Json = {
      id,
      object: 'response',
      status: 'completed',
      output: [item],
      parallel_tool_calls: true,
      tools: [],
      metadata: body.metadata ?? {},
    };
    const response = { texts, object };
    kept.set(id, response);
    kept.set(String(item.id), response);
    if (before !== undefined && named !== undefined) kept.set(String(named), { ...before, texts });
    return response;
  }

  function complete(body: Json): Kept {
    const texts = textsOf(body.messages);
    const message = { role: 'assistant', content: texts.join(' | ') };
    const id = newId('chatcmpl');
    const object = { id, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message }] };
    kept.set(id, { texts, object });
    return { texts, object };
  }

  function runBatch(input: string): Json {
    const lines = (files.get(input) ?? '').split('\n').filter((line) => line !== '');
    const results = lines.map((line) => {
      const { custom_id, url, body } = JSON.parse(line);
      const answer = url === '/v1/responses' ? respond(body) : complete(body);
      return JSON.stringify({ custom_id, response: { status_code: 200, body: answer.object } });
    });
    const [output, errors] = [newId('file'), newId('file')];
    files.set(output, `${results.join('\n')}\n`);
    files.set(errors, `${lines.map((line) => JSON.stringify({ error: line })).join('\n')}\n`);
    const id = newId('batch');
    const object = { id, object: 'batch', status: 'in_progress', input_file_id: input };
    kept.set(id, {
      texts: [],
      object: { ...object, status: 'completed', output_file_id: output, error_file_id: errors },
    });
    return object;
  }

  function messageBatch({ requests }: Json, origin: string): Json {
    const id = newId('msgbatch');
    const results = (requests as { custom_id: string; params: Json }[]).map(({ custom_id, params }) => {
      const message = {
        type: 'message',
        content: [{ type: 'text', text: textsOf(params.messages).join(' | ') }],
      };
      return JSON.stringify({ custom_id, result: { type: 'succeeded', message } });
    });
    files.set(id, `${results.join('\n')}\n`);
    const object = {
      id,
      type: 'message_batch',
      processing_status: 'ended',
      results_url: `${origin}/v1/messages/batches/${id}/results`,
    };
    kept.set(id, { texts: [], object });
    return object;
  }

  function upload(form: string, type: string): Json {
    const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(type);
    const parts = form.split(`--${boundary?.[1] ?? boundary?.[2]}`);
    const file = parts.find((part) => part.includes('filename=')) ?? '';
    const id = newId('file');
    files.set(id, file.slice(file.indexOf('\r\n\r\n') + 4, -2));
    kept.set(id, {
      texts: [],
      object: { id, object: 'file', filename: /filename="([^"]*)"/.exec(file)?.[1] },
    });
    return { id, object: 'file', purpose: 'batch' };
  }

  function fetched([kind, id = '', last]: readonly string[]): Json | string {
    if (last === 'content') return files.get(id) ?? '';
    return kept.get(kind === 'chat' ? (last ?? '') : id)?.object ?? { id, deleted: true };
  }

  function created(kind: string | undefined, body: Json, form: string, type: string): Json {
    if (kind === 'files') return upload(form, type);
    if (kind === 'batches') return runBatch(String(body.input_file_id));
    if (kind === 'chat') return complete(body).object;
    if (kind !== 'conversations') return respond(body).object;
    const object = { id: newId('conv'), object: 'conversation' };
    kept.set(object.id, { texts: textsOf(body.items), object });
    return object;
  }

  function batches(body: Json, [name, results]: readonly string[], host: string | undefined): Json | string {
    if (name === undefined) return messageBatch(body, `http://${host}`);
    return results === undefined ? (kept.get(name)?.object ?? {}) : (files.get(name) ?? '');
  }

  const standIn = await startStandIn((request, response, bytes) => {
    const steps = (request.url ?? '').replace(/\?.*/, '').split('/').slice(2);
    const body: Json = bytes[0] === 0x7b ? JSON.parse(bytes.toString()) : {};
    const isNew = request.method === 'POST' && (steps.length === 1 || steps[0] === 'chat');
    const { host, 'content-type': type = '' } = request.headers;
    const made =
      steps[0] === 'messages'
        ? batches(body, steps.slice(2), host)
        : isNew
          ? created(steps[0], body, bytes.toString(), type)
          : fetched(steps);
    if (typeof made === 'string') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(made);
    } else if (body.stream === true) streamed(response, made);
    else answerJson(response, body.background === true ? { ...made, status: 'queued', output: [] } : made);
  });
  return Object.assign(standIn, {
    got: () => standIn.received.map(({ url, body }) => `${url}\n${body}`).join('\n'),
  });
}

function messageItem(id: string, text: string): Json {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { id, type: 'message', role: 'assistant', status: 'completed', content };
}

function streamed(response: ServerResponse, object: Json): void {
  const [item] = object.output as { id: string; content: { text: string }[] }[];
  const text = item?.content[0]?.text ?? '';
  const place = { item_id: item?.id, output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: { ...object, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    {
      type: 'response.content_part.added',
      ...place,
      part: { type: 'output_text', text: '', annotations: [] },
    },
    ...(text.match(/.{1,5}/gs) ?? []).map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
    })),
    { type: 'response.output_text.done', ...place, text },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: object },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}
