import type { ServerResponse } from 'node:http';
import { type Listening, type ListenOptions, listen, type StreamPlan } from '../http/listen.ts';
import type { ReceivedRequest } from '../http/received.ts';
import { jsonBody, sendJson, sendPieces, sendWhole } from '../http/reply.ts';
import { eventMessage } from './eventstream.ts';

type Json = Record<string, unknown>;

export interface BedrockStandinOptions extends ListenOptions {
  /** Whether a request is signed as it should be. A stand-in has no opinion of its own on who asks. */
  verify(request: ReceivedRequest): Promise<boolean>;
}

export interface BedrockStandin extends Listening {
  /** Bodies that were answered, in order. */
  calls: Json[];
}

const PATH = /^\/model\/([^/]+)\/(converse|converse-stream|invoke|invoke-with-response-stream)$/;

/** The first text of the last message, as either call has it. */
function saidIn(body: Json): string {
  const last: unknown = Array.isArray(body.messages) ? body.messages.at(-1) : undefined;
  const content: unknown =
    typeof last === 'object' && last !== null ? Reflect.get(last, 'content') : undefined;
  const first: unknown = Array.isArray(content) ? content[0] : content;
  const text: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'text') : first;
  return typeof text === 'string' ? text : '';
}

function streamOf(call: string, said: string): Buffer[] {
  const words = said.match(/.{1,4}/gsu) ?? [];
  if (call === 'converse-stream') {
    return [
      eventMessage('messageStart', { role: 'assistant' }),
      ...words.map((text) => eventMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
      eventMessage('contentBlockStop', { contentBlockIndex: 0 }),
      eventMessage('messageStop', { stopReason: 'end_turn' }),
      eventMessage('metadata', {
        usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
        metrics: { latencyMs: 1 },
      }),
    ];
  }
  return words.map((text) => {
    const bytes = Buffer.from(JSON.stringify({ type: 'content_block_delta', delta: { text } })).toString(
      'base64',
    );
    return eventMessage('chunk', { bytes });
  });
}

/**
 * Starts a server that speaks Amazon Bedrock's runtime as its SDK uses it: Converse and InvokeModel, whole and as event
 * streams. It says back what it was told. Requests that `verify` does not take are answered 403.
 */
export async function startBedrockStandin(options: BedrockStandinOptions): Promise<BedrockStandin> {
  const calls: Json[] = [];
  const refuse = (response: ServerResponse, status: number, type: string, message: string) =>
    sendJson(response, status, { message }, { 'x-amzn-errortype': type });
  const answer = async (request: ReceivedRequest, response: ServerResponse, plan: StreamPlan) => {
    const call = PATH.exec(request.path)?.[2];
    if (call === undefined) return refuse(response, 404, 'UnknownOperationException', 'no such operation');
    if (!(await options.verify(request))) {
      return refuse(response, 403, 'InvalidSignatureException', 'The request signature does not match.');
    }
    const body = jsonBody(request);
    if (body === null) return refuse(response, 400, 'ValidationException', 'The body is not a JSON object.');
    calls.push(body);
    const said = `You said: ${saidIn(body)}`;
    if (call === 'converse' || call === 'invoke') {
      const content = [{ text: said }];
      const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
      const converse = {
        output: { message: { role: 'assistant', content } },
        stopReason: 'end_turn',
        usage,
        metrics: { latencyMs: 1 },
      };
      return sendWhole(response, call === 'invoke' ? { type: 'message', content } : converse, plan, {});
    }
    return sendPieces(response, streamOf(call, said), plan, {
      'content-type': 'application/vnd.amazon.eventstream',
    });
  };
  return { ...(await listen(options, answer)), calls };
}
