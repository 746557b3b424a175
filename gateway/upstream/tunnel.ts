import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { OutboundProxy } from '../config-network.ts';

/** The proxy did not open a tunnel. The message says its status, and nothing that was sent to it. */
class TunnelError extends Error {
  readonly code: 'proxy_refused' | 'proxy_unreachable' | 'proxy_answer';
  constructor(code: TunnelError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TunnelError';
    this.code = code;
  }
}

/** The longest answer head that a proxy may give. */
const LONGEST_HEAD = 16 * 1024;

type Done = (cause: Error | null, socket: Socket | null) => void;

export interface TunnelOptions {
  proxy: OutboundProxy;
  /** Milliseconds to an open tunnel. */
  timeoutMs: number;
  ca: string | string[] | undefined;
}

/**
 * Opens a tunnel to `host` and `port` through a proxy (CONNECT, RFC 9110, 9.3.6). Calls back once: with a socket whose
 * other end is the vendor, or with what went wrong.
 */
export function openTunnel(host: string, port: number, options: TunnelOptions, done: Done): void {
  const { proxy, timeoutMs, ca } = options;
  const address = { host: proxy.host, port: proxy.port };
  const name = isIP(proxy.host) === 0 ? { servername: proxy.host } : {};
  const socket: Socket = proxy.isTls
    ? connectTls({ ...address, ...name, ...(ca === undefined ? {} : { ca }), ALPNProtocols: ['http/1.1'] })
    : connectTcp(address);
  let head = Buffer.alloc(0);
  const timer = setTimeout(() => end(late()), timeoutMs);
  socket.setNoDelay(true);
  socket.on('error', failed);
  socket.on('close', closed);
  socket.on('data', read);
  socket.once(proxy.isTls ? 'secureConnect' : 'connect', () => socket.write(question(host, port, proxy)));

  function end(cause: Error | null): void {
    clearTimeout(timer);
    socket.off('close', closed);
    socket.off('data', read);
    socket.off('error', failed);
    if (cause === null) {
      done(null, socket);
      return;
    }
    // What it says after that is nobody's concern.
    socket.on('error', () => undefined);
    socket.destroy();
    done(cause, null);
  }
  function failed(cause: Error): void {
    end(new TunnelError('proxy_unreachable', 'The outbound proxy could not be reached.', cause));
  }
  function closed(): void {
    end(new TunnelError('proxy_answer', 'The outbound proxy closed the connection without an answer.'));
  }
  function read(chunk: Buffer): void {
    head = Buffer.concat([head, chunk]);
    const at = head.indexOf('\r\n\r\n');
    if (at < 0) {
      if (head.length > LONGEST_HEAD)
        end(new TunnelError('proxy_answer', 'The outbound proxy answered too much.'));
      return;
    }
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 20))?.[1];
    if (status === undefined)
      end(new TunnelError('proxy_answer', 'The outbound proxy did not answer in HTTP/1.'));
    else if (!status.startsWith('2')) {
      end(new TunnelError('proxy_refused', `The outbound proxy answered ${status}.`));
    } else if (at + 4 !== head.length) {
      // Neither TLS nor HTTP lets a server speak first: such bytes would be taken for an answer.
      end(new TunnelError('proxy_answer', 'The outbound proxy sent bytes that nobody asked for.'));
    } else end(null);
  }
}

function question(host: string, port: number, { authorization }: OutboundProxy): string {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function late(): Error {
  return Object.assign(new Error('The outbound proxy did not open a tunnel in time.'), {
    code: 'UND_ERR_CONNECT_TIMEOUT',
  });
}
