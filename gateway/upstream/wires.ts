import type { Socket } from 'node:net';
import { ResponseParser, type ResponseSink } from './response-parser.ts';

/** One request on one connection, as it is sent and answered. */
export interface Exchange {
  method: string;
  /** Request line, headers and the empty line behind them, in latin1. */
  head: string;
  body: Buffer | null;
  /** About to be sent. False: nobody wants it any more, and it was told so. */
  started(wire: Wire): boolean;
  answered(status: number, rawHeaders: string[]): void;
  data(chunk: Buffer): void;
  end(): void;
  /** `sent`: part of the request may have reached the server. */
  failed(cause: Error, sent: boolean): void;
}

export interface WireLimits {
  firstByteMs: number;
  idleMs: number;
  /** Connections at once; more exchanges wait. */
  sockets: number;
}

export class WireTimeout extends Error {
  readonly code = 'wire_timeout';
  constructor() {
    super('The server was silent for too long.');
    this.name = 'WireTimeout';
  }
}

class PoolClosed extends Error {
  readonly code = 'pool_closed';
  constructor() {
    super('The pool was closed.');
    this.name = 'PoolClosed';
  }
}

/** Connections are swept for those that lay idle too long. */
const SWEEP_MS = 1_000;

type Connect = (done: (cause: Error | null, socket: Socket | null) => void) => void;

/** Keep-alive connections to one address. The one used last is used next, so that what is not needed falls idle. */
export class Wires {
  readonly limits: WireLimits;
  readonly #connect: Connect;
  readonly #idle: Wire[] = [];
  readonly #all = new Set<Wire>();
  #connecting = 0;
  #waiting: Exchange[] = [];
  /** Wires whose exchange ended in this turn of the event loop. */
  #ended: Wire[] = [];
  #sweep: NodeJS.Timeout | null = null;
  #closing: PromiseWithResolvers<void> | null = null;

  constructor(connect: Connect, limits: WireLimits) {
    this.#connect = connect;
    this.limits = limits;
  }

  send(exchange: Exchange): void {
    if (this.#closing !== null) {
      exchange.failed(new PoolClosed(), false);
      return;
    }
    for (let wire = this.#idle.pop(); wire !== undefined; wire = this.#idle.pop()) {
      if (!wire.isFresh()) wire.destroy();
      else {
        if (!wire.send(exchange)) this.#released(wire);
        return;
      }
    }
    this.#waiting.push(exchange);
    // A wire whose exchange just ended takes it at the end of this turn.
    if (this.#waiting.length > this.#ended.length) this.#openForWaiting();
  }

  /** Takes an exchange out that waits for a connection. False: it does not wait, or no more. */
  forget(exchange: Exchange): boolean {
    const at = this.#waiting.indexOf(exchange);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  /** Lets what is under way finish, then closes all connections. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    for (const wire of this.#idle.splice(0)) wire.destroy();
    this.#settle();
    return this.#closing.promise;
  }

  /** Breaks off whatever is under way. */
  destroy(): Promise<void> {
    const closed = this.close();
    for (const exchange of this.#waiting.splice(0)) exchange.failed(new PoolClosed(), false);
    for (const wire of [...this.#all]) wire.destroy();
    this.#settle();
    return closed;
  }

  /**
   * A wire's exchange ended. It may take another once this turn of the event loop is over: bytes that were here by then
   * belong to nobody, and end the wire instead of becoming the next one's answer.
   */
  ended(wire: Wire): void {
    this.#ended.push(wire);
    if (this.#ended.length === 1) setImmediate(this.#releaseEnded);
  }

  readonly #releaseEnded = (): void => {
    for (const wire of this.#ended.splice(0)) if (wire.isQuiet()) this.#released(wire);
    this.#openForWaiting();
  };

  /** Hands the next exchange that is still wanted to a wire that has none. */
  #released(wire: Wire): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (wire.send(next)) return;
    }
    if (this.#closing !== null) wire.destroy();
    else {
      this.#idle.push(wire);
      this.#sweep ??= setInterval(() => this.#sweepIdle(), SWEEP_MS).unref();
    }
  }

  gone(wire: Wire): void {
    this.#all.delete(wire);
    const at = this.#idle.indexOf(wire);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#openForWaiting();
    this.#settle();
  }

  #openForWaiting(): void {
    const { sockets } = this.limits;
    while (this.#waiting.length > this.#connecting && this.#connecting + this.#all.size < sockets)
      this.#open();
  }

  #open(): void {
    this.#connecting += 1;
    const done = (cause: Error | null, socket: Socket | null): void => {
      this.#connecting -= 1;
      if (cause !== null || socket === null) {
        this.#waiting.shift()?.failed(cause ?? new Error('No connection came about.'), false);
        this.#openForWaiting();
        this.#settle();
        return;
      }
      const wire = new Wire(this, socket);
      this.#all.add(wire);
      this.#released(wire);
    };
    try {
      this.#connect(done);
    } catch (cause) {
      done(asError(cause), null);
    }
  }

  #sweepIdle(): void {
    for (const wire of [...this.#idle]) if (!wire.isFresh()) wire.destroy();
    if (this.#idle.length > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #settle(): void {
    if (this.#closing === null || this.#all.size + this.#connecting + this.#waiting.length > 0) return;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#sweep = null;
    this.#closing.resolve();
  }
}

/** One connection: sends one exchange after the other and reads the answers. */
export class Wire implements ResponseSink {
  readonly #wires: Wires;
  readonly #socket: Socket;
  readonly #parser = new ResponseParser(this);
  #exchange: Exchange | null = null;
  #freshUntil = Number.POSITIVE_INFINITY;
  /** When the server has been silent for too long; 0: nothing is expected. */
  #deadline = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = 0;
  #isPaused = false;
  #isDone = false;

  constructor(wires: Wires, socket: Socket) {
    this.#wires = wires;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', (cause: Error) => this.#fail(cause));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  /** Whether another request may be sent: the server has not said, nor is it to be expected, that it closes. */
  isFresh(): boolean {
    return !this.#isDone && !this.#socket.destroyed && performance.now() < this.#freshUntil;
  }

  /** Whether nothing is left over of the exchange that ended: bytes behind the answer would be taken for the next one. */
  isQuiet(): boolean {
    if (this.#isDone) return false;
    if (this.#socket.readableLength === 0) return true;
    this.destroy();
    return false;
  }

  /** False: nobody wants it any more, and the wire is free. */
  send(exchange: Exchange): boolean {
    if (!exchange.started(this)) return false;
    this.#exchange = exchange;
    this.#parser.begin(exchange.method);
    this.#socket.cork();
    this.#socket.write(exchange.head, 'latin1');
    if (exchange.body !== null) this.#socket.write(exchange.body);
    this.#socket.uncork();
    this.#expectWithin(this.#wires.limits.firstByteMs);
    return true;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
    // Whoever is paused can't be late.
    this.#deadline = 0;
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
    if (this.#exchange !== null) this.#expectWithin(this.#wires.limits.idleMs);
  }

  /** Breaks off what is under way. */
  abort(reason: Error): void {
    this.#fail(reason);
  }

  destroy(): void {
    this.#fail(new Error('The connection was closed.'));
  }

  head(status: number, rawHeaders: string[]): void {
    this.#exchange?.answered(status, rawHeaders);
  }

  data(chunk: Buffer): void {
    this.#exchange?.data(chunk);
  }

  end(reusableMs: number): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#deadline = 0;
    exchange?.end();
    if (this.#isDone) return;
    // A server that answered early may still be reading the request: what follows on this wire would be more of it.
    if (reusableMs === 0 || this.#socket.writableLength > 0) {
      this.destroy();
      return;
    }
    this.#freshUntil = performance.now() + reusableMs;
    if (this.#isPaused) this.resume();
    this.#wires.ended(this);
  }

  #read(chunk: Buffer): void {
    if (this.#isDone) return;
    try {
      this.#parser.read(chunk);
    } catch (cause) {
      this.#fail(asError(cause));
      return;
    }
    if (this.#deadline !== 0) this.#expectWithin(this.#wires.limits.idleMs);
  }

  #ended(): void {
    if (this.#isDone) return;
    try {
      this.#parser.finish();
    } catch (cause) {
      this.#fail(asError(cause));
      return;
    }
    this.destroy();
  }

  #fail(cause: Error): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#socket.destroy();
    exchange?.failed(cause, true);
    this.#wires.gone(this);
  }

  /** One timer per wire, which is looked at when it rings: on the way of a request only a number is set. */
  #expectWithin(ms: number): void {
    this.#deadline = performance.now() + ms;
    if (this.#timer !== null && this.#timerAt <= this.#deadline) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#arm(ms);
  }

  #arm(ms: number): void {
    this.#timerAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#ring(), ms).unref();
  }

  #ring(): void {
    this.#timer = null;
    if (this.#deadline === 0) return;
    const left = this.#deadline - performance.now();
    if (left > 0) this.#arm(left);
    else this.#fail(new WireTimeout());
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
