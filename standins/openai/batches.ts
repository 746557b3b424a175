import type { Files, KeptFile } from '../http/files.ts';
import { chatAnswer, chatCompletion } from './answers.ts';
import { embeddings } from './embeddings.ts';
import { responseAnswer, responseObject } from './responses.ts';

type Json = Record<string, unknown>;

/** A file as OpenAI describes it. */
export function openaiFile({ id, name, text, parts }: KeptFile): Json {
  return {
    id,
    object: 'file',
    bytes: Buffer.byteLength(text),
    created_at: 1_750_000_000,
    filename: name,
    purpose: parts.purpose,
    status: 'processed',
  };
}

/** Batches, each answered when it is made, line by line of its input file. */
export class Batches {
  readonly #batches = new Map<string, Json>();
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  /** `steps`: of the path behind `/batches`. Null where there is nothing to be found. */
  answer(method: string, steps: readonly string[], body: Json, id: string): Json | null {
    const [name] = steps;
    if (name !== undefined) return this.#batches.get(name) ?? null;
    if (method === 'GET') return { object: 'list', data: [...this.#batches.values()], has_more: false };
    const input = this.#files.get(String(body.input_file_id));
    if (input === undefined) return null;
    const lines = input.text.split('\n').filter((line) => line.trim() !== '');
    const output = lines.map((line, index) => JSON.stringify(answerLine(JSON.parse(line), `${id}_${index}`)));
    const file = `file-output-${id}`;
    this.#files.add({
      id: file,
      name: 'output.jsonl',
      type: 'application/jsonl',
      text: `${output.join('\n')}\n`,
      parts: { purpose: 'batch_output' },
    });
    const made: Json = {
      ...body,
      id: `batch_${id}`,
      object: 'batch',
      status: 'completed',
      created_at: 1_750_000_000,
      output_file_id: file,
      request_counts: { total: lines.length, completed: lines.length, failed: 0 },
    };
    this.#batches.set(`batch_${id}`, made);
    return made;
  }
}

function answerLine(line: Json, id: string): Json {
  const body = typeof line.body === 'object' && line.body !== null ? { ...line.body } : {};
  const stamp = { id, created: 1_750_000_000 };
  const answers: Record<string, () => unknown> = {
    '/v1/chat/completions': () => chatCompletion(chatAnswer(body, id), stamp),
    '/v1/responses': () => responseObject(responseAnswer(body, id), stamp),
    '/v1/embeddings': () => embeddings(body),
  };
  const response = { status_code: 200, request_id: `req_${id}`, body: answers[String(line.url)]?.() ?? null };
  return { id: `batch_req_${id}`, custom_id: line.custom_id, response, error: null };
}
