import type { ServerResponse } from 'node:http';
import type { Settlement } from '@drawbridge/protocol';
import type { Minimised, RouteStep } from '../crossing.ts';
import { Refusal } from '../refusal/index.ts';
import type { AnswerRestore, AnswerRewrite, BodyRestore } from '../restore/index.ts';
import {
  ClientGone,
  type Upstream,
  type UpstreamControl,
  UpstreamFailure,
  type UpstreamHandler,
  type UpstreamTarget,
} from '../upstream/index.ts';
import { requestHeaders } from './request-headers.ts';
import { responseHead } from './response-headers.ts';
import { readUsage, USAGE_LIMIT, type Usage } from './usage.ts';

/** What came of a forwarded crossing: all that the settlement says besides times. */
export interface Outcome {
  outcome: Settlement['outcome'];
  status: number | null;
  remote: string | null;
  responseBytes: number;
  usage: Usage | null;
  /** What became of tokens in the answer; null: the request had none. */
  tokens: Settlement['tokens'] | null;
  /** Secrets found in the answer, by class; null: none. */
  found: Settlement['found'] | null;
  /** Code of the refusal that ended the answer; null: none did. */
  reason: string | null;
  /** What it says, which holds nothing of the answer; null: none did. */
  why: string | null;
  /** Set when nothing was answered yet: the refusal to answer with. */
  refusal: Refusal | null;
  /** An error of ours that ended it. */
  error?: unknown;
  /** The vendor answered with `status`, and none of it was handed on: another member of the route is to be asked. */
  diverted?: { rawHeaders: readonly string[] };
}

export interface ForwardOptions {
  upstream: Upstream;
  target: UpstreamTarget;
  /** Raw header pairs added to the response: CORS, crossing id. */
  added: readonly string[];
  /** Puts tokens back and finds secrets; null: neither is to be done, and every byte passes as it comes. */
  restore: AnswerRestore | null;
  /** For an answer of JSON that is held until it is whole; null: every answer passes as it comes. */
  rewrite: AnswerRewrite | null;
  /** Reads along what the vendor says was used; null: nobody counts it. */
  meter: { read(chunk: Buffer): void } | null;
  /** Milliseconds that a client may take to read on before the vendor's connection is given up. */
  clientStallMs: number;
  /** Through which others end it. */
  crossing: Endable;
  /** Which try of a route it is; null: of none. */
  step: RouteStep | null;
}

/** A crossing that others may end: `relay` is there while its answer runs. `cut`: why it is to end. */
export interface Endable {
  cut: Refusal | null;
  relay: { cut(refusal: Refusal): void } | null;
}

/**
 * Sends the minimised request and relays the answer as it comes. Resolves when the answer is finished or lost, never
 * rejects. What is in `refusal` has not been answered.
 */
export function forward(
  minimised: Minimised,
  response: ServerResponse,
  options: ForwardOptions,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const relay = new ResponseRelay(response, options, minimised.method, resolve);
    const control = options.upstream.dispatch(
      options.target,
      {
        method: minimised.method,
        path: minimised.query === '' ? minimised.path : `${minimised.path}?${minimised.query}`,
        headers:
          options.rewrite === null && options.restore === null
            ? requestHeaders(minimised.headers)
            : readableAnswer(requestHeaders(minimised.headers)),
        body: minimised.body.length === 0 ? null : minimised.body,
      },
      relay,
    );
    relay.steeredBy(control);
    options.crossing.relay = relay;
    if (options.crossing.cut !== null) relay.cut(options.crossing.cut);
  });
}

/**
 * Relays one response. What arrives in the same turn of the event loop leaves together, in one write; nothing waits
 * for a later turn, so a stream passes as it comes.
 */
class ResponseRelay implements UpstreamHandler {
  readonly #response: ServerResponse;
  readonly #options: ForwardOptions;
  readonly #isHead: boolean;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #onClose = (): void => this.#clientGone();
  #control: UpstreamControl | null = null;
  #remote: string | null = null;
  #status = 0;
  #headers: string[] = [];
  #length = -1;
  #headSent = false;
  #held: Buffer[] = [];
  #rewrite: AnswerRewrite | null = null;
  /** Null: the body passes as it comes. */
  #body: BodyRestore | null = null;
  #error: unknown;
  #bytes = 0;
  #usage: Usage | null = null;
  #stall: NodeJS.Timeout | null = null;
  #settled = false;
  #gone = false;
  /** Until the first byte; null: nobody waits for it. */
  #late: NodeJS.Timeout | null = null;
  #isLate = false;
  /** The head that the vendor sent, where it is handed on only with the first byte behind it. */
  #rawHead: readonly string[] = [];
  #diverted: { rawHeaders: readonly string[] } | null = null;
  #cut: Refusal | null = null;

  constructor(
    response: ServerResponse,
    options: ForwardOptions,
    method: string,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#response = response;
    this.#options = options;
    this.#isHead = method === 'HEAD';
    this.#resolve = resolve;
    response.on('close', this.#onClose);
    const wait = options.step?.firstByteMs ?? null;
    if (wait !== null) this.#late = setTimeout(() => this.#tooLate(), wait);
    if (response.closed || response.destroyed) this.#gone = true;
  }

  /** Whoever waits for a connection can be given up too. */
  steeredBy(control: UpstreamControl): void {
    this.#control = control;
    if (this.#gone && !this.#settled) control.abort(new ClientGone());
  }

  /** Ends it at once: a client that has nothing yet gets the refusal, one that has a part a connection that breaks. */
  cut(refusal: Refusal): void {
    if (this.#settled || this.#cut !== null) return;
    this.#cut = refusal;
    this.#control?.abort(new ClientGone());
  }

  started(control: UpstreamControl, remote: string): void {
    this.#control = control;
    if (this.#gone || this.#cut !== null) {
      control.abort(new ClientGone());
      return;
    }
    this.#remote = remote;
  }

  #tooLate(): void {
    this.#late = null;
    if (this.#settled) return;
    this.#isLate = true;
    this.#control?.abort(new ClientGone());
  }

  /** Lets an answer go that another member is asked for instead of; a short one is read, so that its connection stays. */
  #divert(status: number, rawHeaders: readonly string[]): void {
    this.#status = status;
    this.#diverted = { rawHeaders };
    this.#settle('answered', null);
    const control = this.#control;
    const overdue = setTimeout(() => control?.abort(new ClientGone()), DIVERTED_MS).unref();
    this.#late = overdue;
  }

  head(status: number, rawHeaders: readonly string[]): void {
    const { step } = this.#options;
    if (this.#settled) return;
    if (step !== null) {
      this.#rawHead = rawHeaders;
      if (step.diverts(status)) {
        this.#divert(status, rawHeaders);
        return;
      }
    }
    const { headers, length } = responseHead(rawHeaders, this.#options.added);
    [this.#status, this.#headers, this.#length] = [status, headers, length];
    if (this.#options.restore !== null && !this.#isHead) this.#restoreFrom(this.#options.restore, headers);
    if (this.#options.rewrite !== null && isPlainJson(status, headers)) this.#rewrite = this.#options.rewrite;
    process.nextTick(flush, this);
  }

  #restoreFrom(restore: AnswerRestore, headers: string[]): void {
    try {
      this.#body = restore.begin(headers);
      // How long it becomes is known at its end.
      if (this.#body !== null) this.#length = -1;
    } catch (cause) {
      this.#giveUp(cause);
    }
  }

  data(received: Buffer): void {
    if (this.#settled) {
      if (this.#diverted !== null) this.#dropDiverted(received);
      return;
    }
    if (this.#options.meter !== null) this.#options.meter.read(received);
    if (this.#body === null) this.#take(received);
    else {
      const restored = this.#restored(this.#body, received);
      if (restored !== null && restored.length > 0) this.#take(restored);
    }
  }

  #dropDiverted(received: Buffer): void {
    this.#bytes += received.length;
    if (this.#bytes > DIVERTED_BYTES) this.#control?.abort(new ClientGone());
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#held.push(chunk);
    if (this.#headSent || (this.#options.step !== null && this.#rewrite === null)) {
      if (this.#held.length === 1) process.nextTick(flush, this);
    } else if (this.#rewrite !== null && this.#bytes > this.#rewrite.limit) {
      this.#rewrite = null;
      this.flush();
    }
  }

  /** What goes on of these bytes, or of what was held back at the end; null: the answer can't be restored. */
  #restored(body: BodyRestore, chunk: Buffer | null): Buffer | null {
    try {
      return chunk === null ? body.end() : body.push(chunk);
    } catch (cause) {
      this.#giveUp(cause);
      return null;
    }
  }

  /** An answer that can't be restored ends here, as one that others cut off. */
  #giveUp(cause: unknown): void {
    if (cause instanceof Refusal) {
      this.#cut = cause;
      this.#error = cause.cause;
    } else {
      this.#error = cause;
      this.#cut = new Refusal(
        'internal',
        'restore',
        'The gateway failed on this answer, so it was cut off. Its log says more.',
      );
    }
    this.#control?.abort(new ClientGone());
    if (!this.#settled) this.#settleCut(this.#cut);
  }

  end(): void {
    if (this.#settled) {
      if (this.#late !== null) clearTimeout(this.#late);
      return;
    }
    if (this.#body !== null) {
      const rest = this.#restored(this.#body, null);
      if (rest === null) return;
      this.#bytes += rest.length;
      if (rest.length > 0) this.#held.push(rest);
    }
    let body = joined(this.#held);
    this.#held = [];
    if (this.#headSent) {
      this.#response.end(body);
    } else {
      if (this.#rewrite !== null && body.length > 0) {
        body = this.#rewrite.rewrite(body);
        this.#bytes = body.length;
      }
      // The answer to HEAD says the length of what is not sent.
      if (!this.#sendHead(this.#isHead ? this.#length : this.#bytes)) return;
      if (body.length > 0 && body.length <= USAGE_LIMIT) this.#usage = readUsage(body);
      this.#response.end(body);
    }
    endIfStalled(this.#response, this.#options.clientStallMs);
    this.#settle('answered', null);
  }

  failed(failure: UpstreamFailure): void {
    if (this.#settled) return;
    if (this.#cut !== null) {
      this.#settleCut(this.#cut);
      return;
    }
    if (this.#gone) {
      this.#settle(this.#remote === null ? 'not_sent' : 'client_gone', null);
      return;
    }
    if (this.#isLate && !this.#headSent) {
      this.#settle(this.#remote === null ? 'connect_failed' : 'timed_out', tooLate());
      return;
    }
    // Once the client has a part, only a broken connection tells it that the rest is missing.
    if (this.#headSent) this.#response.destroy();
    this.#settle(outcomeOf(failure), this.#headSent ? null : refusalOf(failure));
  }

  #settleCut(refusal: Refusal): void {
    this.#settle(this.#remote === null ? 'not_sent' : 'cut_off', this.#headSent ? null : refusal);
    if (this.#headSent) this.#response.destroy();
  }

  /** What came in one turn leaves at its end. */
  flush(): void {
    if (this.#settled) return;
    // A vendor that breaks off behind its head has not begun to answer: another one may.
    if (!this.#headSent && this.#options.step !== null && this.#held.length === 0) return;
    if (!this.#headSent && (this.#rewrite !== null || !this.#sendHead(this.#length))) return;
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#write(joined(held));
    else this.#response.flushHeaders();
  }

  /** False when the vendor's head is not valid HTTP: then nothing of it was sent, and the crossing is settled. */
  #sendHead(length: number): boolean {
    if (length >= 0 && this.#status !== 204 && this.#status !== 304) {
      this.#headers.push('Content-Length', String(length));
    }
    try {
      this.#response.writeHead(this.#status, this.#headers);
    } catch (cause) {
      const failure = new UpstreamFailure(
        'broken',
        'The vendor sent a response head that is not HTTP.',
        cause,
      );
      this.#settle(outcomeOf(failure), refusalOf(failure));
      this.#control?.abort(failure);
      return false;
    }
    this.#headSent = true;
    const { step } = this.#options;
    if (step !== null) {
      if (this.#late !== null) clearTimeout(this.#late);
      this.#late = null;
      step.began(this.#status, this.#rawHead);
    }
    return true;
  }

  #write(chunk: Buffer): void {
    if (this.#response.write(chunk) || this.#stall !== null) return;
    this.#control?.pause();
    this.#stall = setTimeout(() => this.#response.destroy(), this.#options.clientStallMs);
    this.#response.once('drain', () => {
      if (this.#stall !== null) clearTimeout(this.#stall);
      this.#stall = null;
      this.#control?.resume();
    });
  }

  #clientGone(): void {
    if (this.#settled) return;
    this.#gone = true;
    if (this.#control !== null) this.#control.abort(new ClientGone());
  }

  #settle(outcome: Settlement['outcome'], refusal: Refusal | null): void {
    this.#settled = true;
    const cut = outcome === 'cut_off' ? this.#cut : null;
    if (this.#stall !== null) clearTimeout(this.#stall);
    if (this.#late !== null) clearTimeout(this.#late);
    this.#response.off('close', this.#onClose);
    this.#resolve({
      outcome,
      status: this.#status === 0 ? null : this.#status,
      remote: this.#remote,
      responseBytes: this.#bytes,
      usage: this.#usage,
      tokens: this.#options.restore?.counts ?? null,
      found: this.#options.restore?.text?.found ?? null,
      reason: cut === null ? null : cut.code,
      why: cut === null ? null : cut.message,
      refusal,
      error: this.#error,
      ...(this.#diverted === null ? {} : { diverted: this.#diverted }),
    });
  }
}

/** Of an answer that is not handed on so much is read, and for so long. */
const DIVERTED_BYTES = 64 * 1024;
const DIVERTED_MS = 2_000;

function tooLate(): Refusal {
  return new Refusal(
    'upstream_timeout',
    'forward',
    'The vendor did not begin to answer within the time that the route gives it.',
  );
}

/** Asks for an answer that is not packed: only such a one can be read and written anew. */
function readableAnswer(headers: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = [headers[i], headers[i + 1]];
    if (name.toLowerCase() !== 'accept-encoding') out.push(name, value);
  }
  out.push('Accept-Encoding', 'identity');
  return out;
}

function isPlainJson(status: number, headers: readonly string[]): boolean {
  if (status < 200 || status > 299) return false;
  let isJson = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase();
    if (name === 'content-encoding') return false;
    if (name === 'content-type') isJson = /^application\/(?:[a-z.+-]+\+)?json\b/i.test(headers[i + 1] ?? '');
  }
  return isJson;
}

/** After the end nothing of ours watches a client that does not read what is left: it gets as long as in mid-stream. */
function endIfStalled(response: ServerResponse, stallMs: number): void {
  if (response.writableLength === 0 || response.writableFinished) return;
  const timer = setTimeout(() => response.destroy(), stallMs);
  response.once('close', () => clearTimeout(timer));
}

function flush(relay: ResponseRelay): void {
  relay.flush();
}

/** The many small chunks of a stream that came in one turn leave as one. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

function outcomeOf(failure: UpstreamFailure): Settlement['outcome'] {
  switch (failure.kind) {
    case 'forbidden':
      return 'not_sent';
    case 'unresolved':
    case 'connect':
    case 'connect_timeout':
      return 'connect_failed';
    case 'timeout':
      return 'timed_out';
    case 'aborted':
      return 'client_gone';
    case 'broken':
      return 'upstream_failed';
  }
}

function refusalOf(failure: UpstreamFailure): Refusal {
  switch (failure.kind) {
    case 'forbidden':
      return new Refusal('upstream_forbidden', 'forward', failure.message);
    case 'timeout':
    case 'connect_timeout':
      return new Refusal('upstream_timeout', 'forward', failure.message);
    default:
      return new Refusal('upstream_unreachable', 'forward', failure.message);
  }
}
