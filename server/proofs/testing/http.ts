import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

interface Sent {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Left out: a connection of its own. */
  agent?: Agent;
}

/** Sends one request with exactly these headers and reads the whole answer. Rejects when the connection breaks. */
export function send(url: string, sent: Sent = {}): Promise<Answer> {
  const isFramed = sent.body === undefined || sent.headers?.['transfer-encoding'] !== undefined;
  const framing = isFramed ? {} : { 'content-length': String(Buffer.byteLength(sent.body ?? '')) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: sent.method ?? 'POST', headers: { ...framing, ...sent.headers }, agent: sent.agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(sent.body);
  });
}

/** Headers of a JSON request with a key where AI vendors' SDKs put it. */
export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
}

/**
 * Writes bytes as they are and gives back what came, as latin1 text, once the other side closes or a whole header block
 * is there. A connection that is broken off counts as closed.
 */
export function sendRaw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.startsWith('HTTP/1.1 100') && text.includes('\r\n\r\n')) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}
