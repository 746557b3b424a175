import type { Socket } from 'node:net';
import { plainProblem, type Refusal, type WireAnswer } from '../refusal/index.ts';

/** How refusals look to clients of a proxy. */

const REALM = 'Basic realm="Drawbridge egress: the password is a virtual key"';
/** Milliseconds that a client has to read why it was refused. */
const LINGER_MS = 5_000;
/** Bytes of a refused client that are read and thrown away, so that it comes to read the answer. */
const LINGER_BYTES = 1024 * 1024;

/** A problem as a proxy answers it: who is not known is asked for credentials of the proxy, and not of the host. */
export function proxyProblem(refusal: Refusal, page: string | null): WireAnswer {
  const answer = plainProblem(refusal);
  const link = page === null ? [] : ['X-Drawbridge-Details', page];
  if (answer.status !== 401) return { ...answer, headers: [...answer.headers, ...link] };
  const body = JSON.parse(answer.body.toString()) as object;
  return {
    status: 407,
    headers: [...answer.headers, 'Proxy-Authenticate', REALM, ...link],
    body: Buffer.from(JSON.stringify({ ...body, status: 407 })),
  };
}

/** Answers a CONNECT that is not served, on its bare socket, and ends it. */
export function refuseConnect(socket: Socket, answer: WireAnswer, added: readonly string[]): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const headers = [
    ...answer.headers,
    ...added,
    'Content-Length',
    String(answer.body.length),
    'Connection',
    'close',
  ];
  let head = `HTTP/1.1 ${answer.status} Refused\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  let dropped = 0;
  socket.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGER_BYTES) socket.destroy();
  });
  socket.end(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), answer.body]));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** What a client that is served is told beside the answer. */
export function openHead(added: readonly string[]): string {
  let head = 'HTTP/1.1 200 Connection established\r\n';
  for (let i = 0; i + 1 < added.length; i += 2) head += `${added[i]}: ${added[i + 1]}\r\n`;
  return `${head}\r\n`;
}
