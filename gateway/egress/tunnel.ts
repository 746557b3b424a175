import type { Socket } from 'node:net';
import { type EgressEnd, type EgressName, readAuthority } from '@drawbridge/protocol';
import { Refusal } from '../refusal/index.ts';
import { type Greeting, readGreeting } from './greeting.ts';
import { type Running, Stillness } from './running.ts';

export interface TunnelOptions {
  /** What the client sent right behind its CONNECT. */
  held: Buffer;
  /** Null: the TLS greeting is not looked at. `enforced`: one that names another host, or can't be read, is refused. */
  name: { host: string; enforced: boolean } | null;
  /** Milliseconds that a greeting may take from its first byte on. */
  greetingMs: number;
  /** Milliseconds without a byte in either direction. */
  idleMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

/**
 * Passes bytes between a client and a remote side, with back-pressure and half-close, until both have ended. Nothing is
 * decrypted; of the client's first bytes a TLS greeting's name is read, and they wait until it was.
 */
export function runTunnel(client: Socket, remote: Socket, options: TunnelOptions): Running {
  const { held, name, now } = options;
  const sentBefore = remote.bytesWritten;
  const receivedBefore = remote.bytesRead;
  const still = new Stillness([client, remote], options.idleMs);
  const done = Promise.withResolvers<Awaited<Running['done']>>();
  let ended: EgressEnd | null = null;
  let refusal: Refusal | null = null;
  let sni: EgressName | null = null;
  let open = 2;
  let first: Buffer[] = [];
  let size = 0;
  let need = 1;
  let greetingBegan: number | null = null;
  let isPeeking = false;

  function endedBy(who: EgressEnd): void {
    ended ??= who;
  }
  /** A reset, so that neither side takes what it has for all there was to come. */
  function breakOff(): void {
    for (const socket of [client, remote]) {
      if ('encrypted' in socket) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
  function closed(self: Socket, other: Socket, who: EgressEnd): void {
    endedBy(who);
    // One that was reset, or destroyed, has not said that it is done: the other side has to learn that it is over.
    if (!self.readableEnded) other.destroy();
    open -= 1;
    if (open > 0) return;
    done.resolve({
      ended: ended ?? who,
      status: null,
      sent: remote.bytesWritten - sentBefore,
      received: remote.bytesRead - receivedBefore,
      sni,
      reason: refusal?.code ?? null,
    });
  }
  for (const [self, other, who] of [
    [client, remote, 'client'],
    [remote, client, 'remote'],
  ] as const) {
    self.on('error', () => {
      endedBy(who);
      breakOff();
    });
    self.on('end', () => endedBy(who));
    if (self.destroyed) queueMicrotask(() => closed(self, other, who));
    else self.on('close', () => closed(self, other, who));
  }

  function cut(why: Refusal): void {
    if (open === 0) return;
    refusal ??= why;
    ended = 'cut';
    breakOff();
  }
  function pass(): void {
    isPeeking = false;
    client.off('data', take);
    client.off('end', finishPeeking);
    const waiting = Buffer.concat(first, size);
    first = [];
    if (waiting.length > 0) remote.write(waiting);
    if (client.readableEnded) remote.end();
    else client.pipe(remote);
  }
  function take(chunk: Buffer): void {
    greetingBegan ??= now();
    first.push(chunk);
    size += chunk.length;
    if (size < need) return;
    const joined = Buffer.concat(first, size);
    first = [joined];
    const greeting = readGreeting(joined);
    if (greeting.is === 'more') need = greeting.need;
    else decide(greeting);
  }
  function finishPeeking(): void {
    decide(size === 0 ? { is: 'no_tls' } : { is: 'unreadable' });
  }
  function decide(greeting: Greeting): void {
    if (name === null || !isPeeking) return;
    sni = nameOf(greeting, name.host);
    if (name.enforced && (sni === 'other' || sni === 'unreadable')) {
      cut(
        new Refusal(
          'egress_name',
          'forward',
          'The TLS greeting names another host than CONNECT did, or can not be read.',
        ),
      );
    } else pass();
  }

  remote.pipe(client);
  if (name === null) {
    if (held.length > 0) remote.write(held);
    client.pipe(remote);
  } else {
    isPeeking = true;
    client.on('data', take);
    client.on('end', finishPeeking);
    if (held.length > 0) take(held);
  }

  return {
    done: done.promise,
    cut,
    stop(why) {
      if (open === 0) return;
      ended = why;
      breakOff();
    },
    tick(at) {
      if (isPeeking && greetingBegan !== null && at - greetingBegan >= options.greetingMs) {
        decide({ is: 'unreadable' });
      }
      if (still.isOver(at)) this.stop('idle');
    },
  };
}

function nameOf(greeting: Greeting, host: string): EgressName {
  if (greeting.is === 'no_tls') return 'none';
  if (greeting.is !== 'greeting') return 'unreadable';
  if (greeting.name === null) return 'none';
  return readAuthority(greeting.name, 443)?.host === host ? 'same' : 'other';
}
