import { messageAnswer, messageObject } from './answers.ts';

type Json = Record<string, unknown>;

/** A batch as the vendor shows it. */
export interface Batch extends Json {
  id: string;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Message batches, each answered when it is made. */
export class Batches {
  readonly #batches = new Map<string, { shown: Batch; results: Json[] }>();

  /** `body`: the request's. `origin`: the vendor's own address. */
  add(body: Json, id: string, origin: string): Batch {
    const requests = Array.isArray(body.requests) ? body.requests.filter(isJson) : [];
    const name = `msgbatch_${id}`;
    const results = requests.map((one, index) => {
      const own = `${id}_${index}`;
      const answer = messageAnswer(isJson(one.params) ? one.params : {}, own);
      return {
        custom_id: one.custom_id,
        result: { type: 'succeeded', message: messageObject(answer, own) },
      };
    });
    const none = { processing: 0, errored: 0, canceled: 0, expired: 0 };
    const shown: Batch = {
      id: name,
      type: 'message_batch',
      processing_status: 'ended',
      request_counts: { ...none, succeeded: results.length },
      created_at: '2025-10-01T00:00:00Z',
      expires_at: '2025-10-02T00:00:00Z',
      ended_at: '2025-10-01T00:00:00Z',
      archived_at: null,
      cancel_initiated_at: null,
      // The vendor names itself here, whoever asks.
      results_url: `${origin}/v1/messages/batches/${name}/results`,
    };
    this.#batches.set(name, { shown, results });
    return shown;
  }

  all(): Batch[] {
    return [...this.#batches.values()].map(({ shown }) => shown);
  }

  get(name: string): Batch | undefined {
    return this.#batches.get(name)?.shown;
  }

  results(name: string): Json[] {
    return this.#batches.get(name)?.results ?? [];
  }

  remove(name: string): void {
    this.#batches.delete(name);
  }
}
