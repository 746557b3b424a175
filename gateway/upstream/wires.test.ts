import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { type Exchange, Wires, WireTimeout } from './wires.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Serve = (socket: Socket, request: string, connection: number) => void;

/** A server that is handed each request's head; and connections to it. */
async function wiresTo(serve: Serve, limits: Partial<Wires['limits']> = {}) {
  let connections = 0;
  const server = createServer((socket) => {
    const mine = ++connections;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => serve(socket, chunk.toString('latin1'), mine));
    closing.push(async () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const wires = new Wires(
    (done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => done(null, socket));
      socket.once('error', (cause) => done(cause, null));
    },
    { firstByteMs: 5_000, idleMs: 5_000, sockets: 8, ...limits },
  );
  closing.push(() => wires.destroy());
  return { wires, connections: () => connections, server };
}

interface Answer {
  status: number;
  body: string;
}

function ask(wires: Wires, more: Partial<Exchange> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, body: '' };
    wires.send({
      method: 'GET',
      head: 'GET / HTTP/1.1\r\nHost: vendor.example.test\r\n\r\n',
      body: null,
      started: () => true,
      answered: (status) => {
        answer.status = status;
      },
      data: (chunk) => {
        answer.body += chunk.toString('latin1');
      },
      end: () => resolve(answer),
      failed: (cause, sent) => reject(Object.assign(cause, { sent })),
      ...more,
    });
  });
}

const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('one connection serves one exchange after the other', async () => {
  const { wires, connections } = await wiresTo((socket, _request, mine) => socket.write(ok(`from ${mine}`)));
  for (let turn = 0; turn < 20; turn++) expect((await ask(wires)).body).toBe('from 1');
  expect(connections()).toBe(1);
});

test('no more connections than may be; the rest waits its turn, and all are answered', async () => {
  const { wires, connections } = await wiresTo((socket) => socket.write(ok('hi')), { sockets: 3 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(wires)));
  expect(answers.every((answer) => answer.body === 'hi')).toBe(true);
  expect(connections()).toBe(3);
});

test('a connection is used no more after "close", after surplus bytes, and after the server has gone', async () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi',
    `${ok('hi')}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`,
    ok('hi'),
  ];
  const { wires, connections } = await wiresTo((socket, _request, mine) => {
    socket.write(answers[mine - 1] ?? ok('last'));
    if (mine === 3) setTimeout(() => socket.destroy(), 5);
  });
  for (let turn = 1; turn <= 3; turn++) {
    expect((await ask(wires)).body).toBe('hi');
    expect(connections()).toBe(turn);
  }
  await expect.poll(async () => (await ask(wires).catch(() => null))?.body).toBe('last');
});

test('an answer that comes without a question ends the idle connection, and goes to nobody', async () => {
  const { wires, connections } = await wiresTo((socket, _request, mine) => {
    socket.write(ok(`to ${mine}`));
    if (mine === 1) setTimeout(() => socket.write(ok('forged')), 5);
  });
  expect((await ask(wires)).body).toBe('to 1');
  await expect.poll(async () => (await ask(wires)).body).toBe('to 2');
  expect(connections()).toBe(2);
});

test('a connection that the server soon closes is not used again', async () => {
  const { wires, connections } = await wiresTo((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nhi'),
  );
  await ask(wires);
  await ask(wires);
  expect(connections()).toBe(2);
});

test('silence before the answer, and in its middle, ends the exchange', async () => {
  const { wires } = await wiresTo(
    (socket, request) => {
      if (request.includes('half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    },
    { firstByteMs: 60, idleMs: 30 },
  );
  await expect(ask(wires)).rejects.toBeInstanceOf(WireTimeout);
  await expect(ask(wires, { head: 'GET /half HTTP/1.1\r\n\r\n' })).rejects.toBeInstanceOf(WireTimeout);
});

test('an answer in pieces, each in time, takes as long as it takes', async () => {
  const { wires } = await wiresTo(
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
      let sent = 0;
      const timer = setInterval(() => {
        socket.write('x');
        if (++sent === 10) clearInterval(timer);
      }, 250);
    },
    { firstByteMs: 1_500, idleMs: 1_500 },
  );
  expect((await ask(wires)).body).toBe('x'.repeat(10));
});

test('bytes that nobody asked for do not become the answer to the request that waits', async () => {
  const { wires } = await wiresTo(
    (socket, _request, mine) => socket.write(mine === 1 ? `${ok('hi')}${ok('forged')}` : ok('true')),
    { sockets: 1 },
  );
  const answers = await Promise.all([ask(wires), ask(wires)]);
  expect(answers.map((answer) => answer.body)).toEqual(['hi', 'true']);
});

test('what nobody wants any more is not sent, and what is given up frees the way for the next', async () => {
  const requests: string[] = [];
  const { wires } = await wiresTo(
    (socket, request) => {
      requests.push(request);
      if (!request.includes('/never')) socket.write(ok('hi'));
    },
    { sockets: 1 },
  );
  const given = ask(wires, {
    head: 'GET /never HTTP/1.1\r\n\r\n',
    started: (wire) => {
      setTimeout(() => wire.abort(new Error('given up')), 20);
      return true;
    },
  });
  let refused = 0;
  const unwanted = new Promise<void>((resolve) => {
    void ask(wires, {
      head: 'GET /unwanted HTTP/1.1\r\n\r\n',
      started: () => {
        refused += 1;
        resolve();
        return false;
      },
    });
  });
  const next = ask(wires);
  await expect(given).rejects.toMatchObject({ message: 'given up', sent: true });
  await unwanted;
  expect((await next).body).toBe('hi');
  expect(refused).toBe(1);
  expect(requests.some((request) => request.includes('/unwanted'))).toBe(false);
});

test('while it is paused nothing more is read', async () => {
  const total = 64 * 1024 * 1024;
  let written = 0;
  const { wires } = await wiresTo((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
    const more = (): void => {
      while (written < total) {
        written += 65_536;
        if (!socket.write(Buffer.alloc(65_536))) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  });
  let received = 0;
  let resume = (): void => undefined;
  const done = ask(wires, {
    started: (wire) => {
      resume = () => wire.resume();
      const pauseOnce = setInterval(() => {
        if (received === 0) return;
        clearInterval(pauseOnce);
        wire.pause();
        const paused = received;
        setTimeout(() => {
          expect(received).toBeLessThan(paused + 1024 * 1024);
          expect(written).toBeLessThan(total);
          resume();
        }, 200);
      }, 1);
      return true;
    },
    data: (chunk) => {
      received += chunk.length;
    },
  });
  await done;
  expect(received).toBe(total);
});

test('a server that can’t be reached: each exchange is told, also those that wait', async () => {
  const wires = new Wires((done) => setImmediate(() => done(new Error('refused'), null)), {
    firstByteMs: 1_000,
    idleMs: 1_000,
    sockets: 2,
  });
  const all = await Promise.allSettled(Array.from({ length: 9 }, () => ask(wires)));
  expect(all.every((each) => each.status === 'rejected' && each.reason.sent === false)).toBe(true);
});

test('closing lets what is under way finish; destroying breaks it off', async () => {
  let release = (): void => undefined;
  const { wires } = await wiresTo((socket) => {
    release = () => socket.write(ok('late'));
  });
  const running = ask(wires);
  await expect.poll(() => String(release).includes('late')).toBe(true);
  const closed = wires.close();
  release();
  expect((await running).body).toBe('late');
  await closed;
  const other = await wiresTo(() => undefined);
  const broken = ask(other.wires, { started: () => true });
  const outcome = expect(broken).rejects.toMatchObject({ message: 'The connection was closed.' });
  await expect.poll(() => other.connections()).toBe(1);
  await other.wires.destroy();
  await outcome;
});

/** A connection in this process, for what no server can time: each piece comes in an event of its own. */
function fakeWires(onRequest: (pieces: (...bytes: string[]) => void, number: number) => void, takes = true) {
  let connections = 0;
  let requests = 0;
  const wires = new Wires(
    (done) => {
      connections += 1;
      const socket = new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, written) => {
          const number = ++requests;
          queueMicrotask(() =>
            onRequest((...bytes) => {
              for (const each of bytes) process.nextTick(() => socket.push(Buffer.from(each, 'latin1')));
            }, number),
          );
          if (takes) written();
        },
      });
      done(null, Object.assign(socket, { setNoDelay: () => socket }) as unknown as Socket);
    },
    { firstByteMs: 5_000, idleMs: 5_000, sockets: 1 },
  );
  return { wires, connections: () => connections };
}

test('what comes behind an answer in a piece of its own is nobody’s answer either', async () => {
  const { wires, connections } = fakeWires((send, number) => {
    if (number === 1) send(ok('for the first'), ok('forged'));
    else send(ok('for the next'));
  });
  const answers = await Promise.all([ask(wires), ask(wires)]);
  expect(answers.map((answer) => answer.body)).toEqual(['for the first', 'for the next']);
  expect(connections()).toBe(2);
});

test('a connection whose request was answered before it was sent whole is not used again', async () => {
  const { wires, connections } = fakeWires((send) => send(ok('too large')), false);
  for (let turn = 1; turn <= 2; turn++) {
    expect((await ask(wires, { body: Buffer.alloc(10) })).body).toBe('too large');
    expect(connections()).toBe(turn);
  }
});

test('thousands that wait and are wanted no more are all told, one after the other', async () => {
  const { wires } = await wiresTo((socket) => socket.write(ok('hi')), { sockets: 1 });
  let told = 0;
  const first = ask(wires);
  for (let waiting = 0; waiting < 20_000; waiting++) {
    void ask(wires, {
      started: () => {
        told += 1;
        return false;
      },
    });
  }
  expect((await first).body).toBe('hi');
  expect((await ask(wires)).body).toBe('hi');
  expect(told).toBe(20_000);
});

test('a connector that throws fails the exchange and blocks nothing', async () => {
  const wires = new Wires(
    () => {
      throw new Error('no such certificate');
    },
    { firstByteMs: 1_000, idleMs: 1_000, sockets: 1 },
  );
  for (let turn = 0; turn < 3; turn++) {
    await expect(ask(wires)).rejects.toMatchObject({ message: 'no such certificate', sent: false });
  }
});
