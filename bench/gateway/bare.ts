import { fdatasync, openSync, write } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { type BodyRestore, compileAnswer, restoreFor } from '../../gateway/restore/index.ts';

/**
 * The yardstick: a proxy of node:http and undici that does nothing but pass requests on, written as fast as we know
 * how. With a file as third argument it appends each body to it and waits for fdatasync before it forwards; what
 * arrives meanwhile shares the next one. With `restoring` instead it looks for tokens in every answer.
 */
const [upstreamPort = '', third] = process.argv.slice(2);
const isRestoring = third === 'restoring';
const logFile = isRestoring ? undefined : third;
const issued = new Map([['[[PERSON_7Q2K9XWM10]]', 'Somebody Made-up']]);
const texts = compileAnswer({
  deltas: [{ text: 'choices[*].delta.content', channel: ['choices[*].index'] }],
  ends: [{ when: 'choices[*].finish_reason', channel: ['choices[*].index'] }],
});
const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { allowH2: false });
const commit = logFile === undefined ? null : groupCommit(openSync(logFile, 'a'));
const hop = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'te',
]);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    if (commit === null) pass(request, response, body);
    else commit(body, () => pass(request, response, body));
  });
});

function withoutHop(raw: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!hop.has(name.toLowerCase())) out.push(name, raw[i + 1] ?? '');
  }
  return out;
}

function pass(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  let length = -1;
  let restore: BodyRestore | null = null;
  pool.dispatch(
    {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: withoutHop(request.rawHeaders),
      body: body.length === 0 ? null : body,
    },
    {
      onRequestStart() {
        // Nothing to keep: this proxy cancels nothing.
      },
      onResponseStart(controller, status) {
        const raw = controller.rawHeaders as Buffer[];
        const headers: string[] = [];
        for (let i = 0; i + 1 < raw.length; i += 2) {
          const name = raw[i]?.toString('latin1') ?? '';
          const value = raw[i + 1]?.toString('latin1') ?? '';
          if (name.toLowerCase() === 'content-length') length = Number(value);
          else if (hop.has(name.toLowerCase())) continue;
          headers.push(name, value);
        }
        if (isRestoring) restore = restoreFor(texts, issued, null).begin(headers);
        response.writeHead(status, headers);
      },
      onResponseData(_controller, chunk) {
        const passed = restore === null ? chunk : restore.push(chunk);
        if (passed.length === length) response.end(passed);
        else response.write(passed);
      },
      onResponseEnd() {
        if (!response.writableEnded) response.end(restore?.end());
      },
      onResponseError() {
        response.destroy();
      },
    },
  );
}

/** Appends and syncs; the next batch starts when the last one returned. */
function groupCommit(file: number): (bytes: Buffer, durable: () => void) => void {
  let waiting: { bytes: Buffer; durable: () => void }[] = [];
  let running = false;
  const run = (): void => {
    const batch = waiting;
    waiting = [];
    running = true;
    write(file, Buffer.concat(batch.map((each) => each.bytes)), (failed) => {
      if (failed !== null) throw failed;
      fdatasync(file, (unsynced) => {
        if (unsynced !== null) throw unsynced;
        for (const each of batch) each.durable();
        if (waiting.length > 0) run();
        else running = false;
      });
    });
  };
  return (bytes, durable) => {
    waiting.push({ bytes, durable });
    if (!running) run();
  };
}

server.listen(0, '127.0.0.1', () => {
  process.send?.({ ready: true, port: (server.address() as { port: number }).port });
});
process.on('disconnect', () => process.exit(0));
