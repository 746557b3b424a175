import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainProblem, Refusal, type WireAnswer } from './refusal/index.ts';

/** How many bytes of a refused body are read and thrown away, so that its sender comes to read the answer. */
const LINGER_BYTES = 64 * 1024 * 1024;

/** Writes an answer of the gateway's own. Does nothing when the client is gone or has an answer already. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: WireAnswer,
  added: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  if (!request.complete) {
    linger(request);
    // A client that asked for the connection's end gets it once it has read: Node would close with the answer at once.
    if (request.httpVersion === '1.1' && request.headers.connection?.toLowerCase() === 'close') {
      response.shouldKeepAlive = true;
    }
  }
  response.writeHead(answer.status, [
    ...answer.headers,
    ...added,
    'Content-Length',
    String(answer.body.length),
  ]);
  response.end(answer.body);
}

/**
 * Reads on what is still coming: a socket closed under a client that sends would be reset, and the client would never
 * see why. The time this takes is bounded by the server's request timeout.
 */
function linger(request: IncomingMessage): void {
  let dropped = 0;
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGER_BYTES) request.destroy();
  });
  request.on('error', () => request.destroy());
}

/** Answers a request that was not HTTP enough to become one, on its bare socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, underWay: boolean): void {
  if (!socket.writable || underWay || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  endWith(socket, plainProblem(refusalFor(error)));
}

/** Refuses a CONNECT or an upgrade, which leave plain HTTP behind. */
export function answerUpgrade(socket: Socket, method: string): void {
  const refusal =
    method === 'CONNECT'
      ? new Refusal('method_not_allowed', 'accept', 'CONNECT is not served: this is no forward proxy.')
      : new Refusal('bad_request', 'accept', 'Upgrades (such as WebSocket) are not served. Use plain HTTP.');
  endWith(socket, plainProblem(refusal));
}

function endWith(socket: Socket, answer: WireAnswer): void {
  const headers = [...answer.headers, 'Content-Length', String(answer.body.length), 'Connection', 'close'];
  let head = `HTTP/1.1 ${answer.status} Refused\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.on('error', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), answer.body]));
  socket.setTimeout(5_000, () => socket.destroy());
}

function refusalFor(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal(
        'headers_too_large',
        'accept',
        'The request line and headers are too large together.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('body_timeout', 'accept', 'The request did not arrive in time.');
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return new Refusal(
        'bad_request',
        'accept',
        'Content-Length and Transfer-Encoding contradict each other or are given twice.',
      );
    default:
      return new Refusal('bad_request', 'accept', 'The request is not valid HTTP/1.1.');
  }
}
