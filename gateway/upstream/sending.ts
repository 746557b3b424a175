import { requestHead } from './request-head.ts';
import { type Exchange, type Wire, type Wires, WireTimeout } from './wires.ts';

/** One request, complete. `headers` are raw pairs without Host and Content-Length, which come from target and body. */
export interface UpstreamRequest {
  method: string;
  /** Path and query, starting with `/`. */
  path: string;
  headers: string[];
  body: Buffer | null;
}

/** Steers a response that is under way. */
export interface UpstreamControl {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** - `forbidden`, `unresolved`, `connect`: nothing was sent. - `timeout`: sent, too slow. - `broken`: sent, then lost. */
export type UpstreamFailureKind =
  | 'forbidden'
  | 'unresolved'
  | 'connect'
  | 'connect_timeout'
  | 'timeout'
  | 'broken'
  | 'aborted';

export class UpstreamFailure extends Error {
  readonly kind: UpstreamFailureKind;
  constructor(kind: UpstreamFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UpstreamFailure';
    this.kind = kind;
  }
}

/** Told what becomes of a request: `started` at most once, `head` before `data`, then exactly one of `end` and `failed`. */
export interface UpstreamHandler {
  /** The request is about to be written to `remote` (address and port), unless it is aborted now. */
  started(control: UpstreamControl, remote: string): void;
  /** Final status (never 1xx) and raw header pairs. */
  head(status: number, rawHeaders: readonly string[]): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(failure: UpstreamFailure): void;
}

/** Connections to one address, and the name that requests on them say. */
export interface Destination {
  /** As the Host header says it. */
  name: string;
  remote: string;
  wires: Wires;
}

/** A request from when it is handed over until it is answered, whatever connections are tried for it. */
export class Ticket implements UpstreamControl {
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  sending: Sending | null = null;
  aborted: Error | null = null;

  constructor(request: UpstreamRequest, handler: UpstreamHandler) {
    this.request = request;
    this.handler = handler;
  }

  abort(reason: Error): void {
    this.aborted = reason;
    this.sending?.abort(reason);
  }

  pause(): void {
    this.sending?.wire?.pause();
  }

  resume(): void {
    this.sending?.wire?.resume();
  }
}

/** One request on one connection: what the connection says of it, said to whoever handles it. */
export class Sending implements Exchange {
  readonly method: string;
  readonly head: string;
  readonly body: Buffer | null;
  wire: Wire | null = null;
  /** Of the connections that it waits for: the host may move to another address meanwhile. */
  readonly #remote: string;
  readonly #wires: Wires;
  readonly #ticket: Ticket;
  readonly #failed: (failure: UpstreamFailure) => void;

  constructor(host: Destination, ticket: Ticket, failed: (failure: UpstreamFailure) => void) {
    const { request } = ticket;
    this.method = request.method;
    this.head = requestHead(host.name, request);
    this.body = request.body;
    this.#remote = host.remote;
    this.#wires = host.wires;
    this.#ticket = ticket;
    this.#failed = failed;
  }

  abort(reason: Error): void {
    if (this.wire !== null) this.wire.abort(reason);
    else if (this.#wires.forget(this)) this.#failed(failureOf(reason, false));
  }

  started(wire: Wire): boolean {
    const { handler, aborted } = this.#ticket;
    if (aborted === null) handler.started(this.#ticket, this.#remote);
    if (this.#ticket.aborted !== null) {
      this.#failed(failureOf(this.#ticket.aborted, false));
      return false;
    }
    this.wire = wire;
    return true;
  }

  answered(status: number, rawHeaders: string[]): void {
    this.#ticket.handler.head(status, rawHeaders);
  }

  data(chunk: Buffer): void {
    this.#ticket.handler.data(chunk);
  }

  end(): void {
    this.wire = null;
    this.#ticket.handler.end();
  }

  failed(cause: Error, sent: boolean): void {
    this.wire = null;
    this.#failed(failureOf(cause, sent));
  }
}

export function failureOf(error: Error, sent: boolean): UpstreamFailure {
  if ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new UpstreamFailure('connect_timeout', 'The vendor did not accept a connection in time.', error);
  }
  if (error instanceof ClientGone) return new UpstreamFailure('aborted', 'The caller went away.', error);
  if (!sent) return new UpstreamFailure('connect', 'No connection to the vendor could be made.', error);
  if (error instanceof WireTimeout) {
    return new UpstreamFailure('timeout', 'The vendor did not answer in time.', error);
  }
  return new UpstreamFailure('broken', 'The vendor broke the connection off.', error);
}

/** The reason with which a request is aborted when its client is gone. */
export class ClientGone extends Error {
  constructor() {
    super('The client closed its connection.');
    this.name = 'ClientGone';
  }
}
