import { createServer } from 'node:net';

/**
 * A vendor that costs as little as possible: answers every request with the same JSON, from bytes prepared once. Knows
 * just enough HTTP for the proxies measured here: one Content-Length per request, none of it read.
 */
const body = JSON.stringify({ id: 'made-up', object: 'chat.completion', choices: ['x'.repeat(600)] });
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const END = Buffer.from('\r\n\r\n');

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = 0;
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (waiting > 0) {
        const taken = Math.min(waiting, bytes.length);
        waiting -= taken;
        bytes = bytes.subarray(taken);
        if (waiting > 0) break;
        socket.write(answer);
      }
      const end = bytes.indexOf(END);
      if (end < 0) break;
      const length = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? '0';
      bytes = bytes.subarray(end + 4);
      waiting = Number(length);
      if (waiting === 0) socket.write(answer);
    }
    rest = Buffer.from(bytes);
  });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.({ ready: true, port: (server.address() as { port: number }).port });
});
process.on('disconnect', () => process.exit(0));
