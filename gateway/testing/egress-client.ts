import { connect, createServer, type Server, type Socket } from 'node:net';
import type { EgressConfig } from '@drawbridge/protocol';
import { expect } from 'vitest';
import { basic, type StartedEgress, startTestEgress, type TestEgressOptions } from './egress.ts';

/** An origin and clients by hand for tests of the egress proxy. */

/** What a test opened, to be closed in turn. */
export const closing: (() => Promise<unknown>)[] = [];
/** To be called after each test. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

export const HOST = 'host.example.test';

export interface Origin {
  port: number;
  sockets: Socket[];
  received: () => string;
}

/** A server that speaks no protocol: it answers each chunk with it, in capitals. */
export async function startOrigin(serve?: (socket: Socket) => void, listen = '127.0.0.1'): Promise<Origin> {
  const sockets: Socket[] = [];
  let text = '';
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    if (serve !== undefined) return serve(socket);
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString('latin1').toUpperCase()));
    socket.on('end', () => socket.end());
  });
  server.listen(0, listen);
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, sockets, received: () => text };
}

export async function setUp(
  rules: Partial<EgressConfig> = {},
  options: TestEgressOptions & { serve?: (socket: Socket) => void; listen?: string } = {},
): Promise<{ egress: StartedEgress; origin: Origin }> {
  const origin = await startOrigin(options.serve, options.listen);
  const egress = await startTestEgress({
    names: { [HOST]: ['127.0.0.1'] },
    ...options,
    rules: {
      allow: { vendors: [], hosts: [HOST], countries: [] },
      ports: { connect: [origin.port], http: [origin.port] },
      ...rules,
    },
  });
  closing.push(() => egress.close());
  return { egress, origin };
}

export interface Tunnel {
  socket: Socket;
  head: string;
  text: () => string;
  ended: Promise<void>;
  closed: Promise<void>;
}

/** Opens a tunnel by hand and gives back what the proxy said. `extra`: bytes right behind the head. */
export async function open(
  { port, key }: { port: number; key: string },
  target: string,
  { headers = [], extra = '' }: { headers?: string[]; extra?: string } = {},
): Promise<Tunnel> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  const headed = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => socket.once('end', resolve));
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    // It stays open to write to, which nobody reads.
    socket.once('end', () => resolve());
  });
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.includes('\r\n\r\n')) headed.resolve();
  });
  void closed.then(() => headed.resolve());
  closing.push(async () => void socket.destroy());
  const lines = [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    `Proxy-Authorization: ${basic(key)}`,
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${extra}`);
  await headed.promise;
  const at = text.indexOf('\r\n\r\n') + 4;
  const head = text.slice(0, at);
  return { socket, head, text: () => text.slice(at), ended, closed };
}

export const statusOf = ({ head }: Tunnel) => Number(head.split(' ')[1]);
export const refusalOf = ({ head }: Tunnel) => /x-drawbridge-refusal: (\S+)/i.exec(head)?.[1];

export async function leaves(egress: StartedEgress) {
  return (await egress.entries()).flatMap((entry) => (entry.type === 'crossing' ? [entry] : []));
}
export async function settlements(egress: StartedEgress) {
  return (await egress.entries()).flatMap((entry) => (entry.type === 'settlement' ? [entry] : []));
}
export async function settled(egress: StartedEgress, count = 1) {
  await expect.poll(async () => (await settlements(egress)).length).toBe(count);
  return settlements(egress);
}

/** Sends a head by hand, and gives back all that comes until the connection ends. */
export function ask({ port, key }: StartedEgress, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    // A refused client reads why, and closes itself.
    if (/\r\n\r\n\{.*\}$/s.test(text)) socket.destroy();
  });
  const all = [...lines, `Proxy-Authorization: ${basic(key)}`];
  if (!lines.some((line) => /^connection:/im.test(line))) all.push('Connection: close');
  socket.write(`${all.join('\r\n')}\r\n\r\n`);
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

export function pairs(raw: readonly string[] | object): Record<string, string> {
  const found: Record<string, string> = {};
  if (!Array.isArray(raw)) return found;
  for (let at = 0; at + 1 < raw.length; at += 2) found[String(raw[at]).toLowerCase()] = String(raw[at + 1]);
  return found;
}
