import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { type Answer, type Asked, answerFor } from './dialects.ts';

/** How the vendor behaves for what comes next. */
export interface Manner {
  /** Characters of the text in one event: 1 cuts every token at every place. */
  piece: number;
  /** Bytes in one write to the socket; 0: an event in one write. */
  wire: number;
  /** Instead of repeating what it was told, it says this. */
  says: string | null;
  /** Whether what it is asked comes back as arguments of a tool. */
  calls: boolean;
}

/** A vendor of AI that speaks all the dialects of the suite, keeps what it was sent, and repeats what it was told. */
export interface EchoVendor {
  port: number;
  url: string;
  manner: Manner;
  /** Everything that arrived: start line, headers and body as text, unpacked. */
  received: string[];
  stop(): Promise<void>;
}

export const plainManner: Manner = { piece: 12, wire: 0, says: null, calls: false };

export async function startEchoVendor(port = 0): Promise<EchoVendor> {
  const self = { manner: plainManner, received: [] as string[] };
  const server = createServer((request, response) => {
    take(request, response, self).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const { port: taken } = server.address() as AddressInfo;
  return Object.assign(self, {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  self: { manner: Manner; received: string[] },
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString();
  self.received.push(
    [`${request.method} ${decodeURIComponent(request.url ?? '')}`, request.rawHeaders.join(' '), text].join(
      '\n',
    ),
  );
  const asked: Asked = { path: request.url ?? '', text };
  await give(response, answerFor(asked, self.manner), self.manner.wire);
}

async function give(response: ServerResponse, answer: Answer, wire: number): Promise<void> {
  response.socket?.setNoDelay(true);
  response.writeHead(200, { 'content-type': answer.type });
  for (const part of answer.parts) {
    const bytes = Buffer.from(part);
    const size = wire === 0 ? bytes.length : wire;
    for (let at = 0; at < bytes.length; at += size) {
      if (response.destroyed) return;
      response.write(bytes.subarray(at, at + size));
      // Each write is one of its own on the wire.
      if (wire !== 0) await turn();
    }
    await turn();
  }
  response.end();
}
