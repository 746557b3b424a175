import { createServer, type Socket } from 'node:net';

/**
 * A vendor that costs as little as possible: answers every request with the same JSON, or the same stream of 51
 * events, from bytes prepared once. Knows just enough HTTP for the proxies measured here: one Content-Length per
 * request, none of it read but whether its JSON begins with `stream`. Each event is written by itself, one after the other.
 */
const EVENTS = 51;
const body = JSON.stringify({
  id: 'made-up',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(560) }, finish_reason: 'stop' }],
});
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
);
const event = chunkOf(
  `data: ${JSON.stringify({ id: 'made-up', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'weather ' } }] })}\n\n`,
);
const streamEnd = Buffer.concat([chunkOf('data: [DONE]\n\n'), Buffer.from('0\r\n\r\n')]);
const END = Buffer.from('\r\n\r\n');
const STREAMED = Buffer.from('{"stream":true');

function chunkOf(text: string): Buffer {
  return Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`);
}

function reply(socket: Socket, isStreamed: boolean): void {
  if (!isStreamed) {
    socket.write(answer);
    return;
  }
  socket.write(streamHead);
  for (let sent = 0; sent < EVENTS - 1; sent++) socket.write(event);
  socket.write(streamEnd);
}

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = 0;
  let isFresh = false;
  let isStreamed = false;
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (waiting > 0 && bytes.length > 0) {
        if (isFresh) isStreamed = bytes.subarray(0, STREAMED.length).equals(STREAMED);
        isFresh = false;
        const taken = Math.min(waiting, bytes.length);
        waiting -= taken;
        bytes = bytes.subarray(taken);
        if (waiting === 0) reply(socket, isStreamed);
      }
      if (waiting > 0) break;
      const end = bytes.indexOf(END);
      if (end < 0) break;
      const length = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? '0';
      bytes = bytes.subarray(end + 4);
      waiting = Number(length);
      isFresh = true;
      if (waiting === 0) reply(socket, false);
    }
    rest = Buffer.from(bytes);
  });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.({ ready: true, port: (server.address() as { port: number }).port });
});
process.on('disconnect', () => process.exit(0));
