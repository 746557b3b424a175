import { type ChatAnswer, contentText, pieces, type Stamp, toolCalls } from './answers.ts';

type Json = Record<string, unknown>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a request to the Responses API is answered with: a function call, or an echo of the last input. */
export function responseAnswer(request: Json, id: string): ChatAnswer {
  const items = Array.isArray(request.input) ? request.input.filter(isJson) : [];
  const last = items.at(-1);
  const said = typeof request.input === 'string' ? request.input : contentText(last?.content);
  const role = typeof request.input === 'string' ? 'user' : last?.role;
  const tools = toolCalls(request.tools, role, id);
  const text = tools.length > 0 ? null : `You said: ${said}`;
  return {
    model: typeof request.model === 'string' ? request.model : 'unknown',
    text,
    tools,
    usage: { input: Math.ceil(said.length / 4), output: Math.ceil((text ?? '').length / 4) },
  };
}

function outputItems(answer: ChatAnswer, stamp: Stamp): Json[] {
  if (answer.tools.length > 0) {
    return answer.tools.map((tool) => ({
      id: `fc_${stamp.id}`,
      type: 'function_call',
      status: 'completed',
      call_id: tool.id,
      name: tool.name,
      arguments: tool.arguments,
    }));
  }
  return [
    {
      id: `msg_${stamp.id}`,
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: answer.text ?? '', annotations: [], logprobs: [] }],
    },
  ];
}

export function responseObject(answer: ChatAnswer, stamp: Stamp, done = true): Json {
  return {
    id: `resp_${stamp.id}`,
    object: 'response',
    created_at: stamp.created,
    status: done ? 'completed' : 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    model: answer.model,
    output: done ? outputItems(answer, stamp) : [],
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    metadata: {},
    usage: done
      ? {
          input_tokens: answer.usage.input,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: answer.usage.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: answer.usage.input + answer.usage.output,
        }
      : null,
  };
}

/** The events of a streamed response, each with its type and running number. */
export function responseEvents(answer: ChatAnswer, stamp: Stamp): Json[] {
  const events: Json[] = [];
  const push = (type: string, more: Json): void => {
    events.push({ type, sequence_number: events.length, ...more });
  };
  push('response.created', { response: responseObject(answer, stamp, false) });
  push('response.in_progress', { response: responseObject(answer, stamp, false) });
  const item: Json = outputItems(answer, stamp)[0] ?? {};
  const place = { item_id: item.id, output_index: 0 };
  const tool = answer.tools[0];
  if (tool !== undefined) {
    push('response.output_item.added', {
      output_index: 0,
      item: { ...item, status: 'in_progress', arguments: '' },
    });
    for (const delta of pieces(tool.arguments)) {
      push('response.function_call_arguments.delta', { ...place, delta });
    }
    push('response.function_call_arguments.done', { ...place, name: tool.name, arguments: tool.arguments });
  } else {
    const text = answer.text ?? '';
    const part = { type: 'output_text', text, annotations: [], logprobs: [] };
    push('response.output_item.added', {
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    });
    push('response.content_part.added', { ...place, content_index: 0, part: { ...part, text: '' } });
    for (const delta of pieces(text)) {
      push('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] });
    }
    push('response.output_text.done', { ...place, content_index: 0, text, logprobs: [] });
    push('response.content_part.done', { ...place, content_index: 0, part });
  }
  push('response.output_item.done', { output_index: 0, item });
  push('response.completed', { response: responseObject(answer, stamp) });
  return events;
}
