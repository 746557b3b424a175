import { connect, createServer, type Server, type Socket } from 'node:net';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { type EgressConfig, formVirtualKey } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { basic, type StartedEgress, startTestEgress, type TestEgressOptions } from '../testing/egress.ts';
import { startStandIn } from '../testing/standin.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HOST = 'host.example.test';

interface Origin {
  port: number;
  sockets: Socket[];
  received: () => string;
}

/** A server that speaks no protocol: it answers each chunk with it, in capitals. */
async function startOrigin(serve?: (socket: Socket) => void): Promise<Origin> {
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
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, sockets, received: () => text };
}

async function setUp(
  rules: Partial<EgressConfig> = {},
  options: TestEgressOptions & { serve?: (socket: Socket) => void } = {},
): Promise<{ egress: StartedEgress; origin: Origin }> {
  const origin = await startOrigin(options.serve);
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

interface Tunnel {
  socket: Socket;
  head: string;
  text: () => string;
  ended: Promise<void>;
  closed: Promise<void>;
}

/** Opens a tunnel by hand and gives back what the proxy said. `extra`: bytes right behind the head. */
async function open(
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

const statusOf = ({ head }: Tunnel) => Number(head.split(' ')[1]);
const refusalOf = ({ head }: Tunnel) => /x-drawbridge-refusal: (\S+)/i.exec(head)?.[1];

async function leaves(egress: StartedEgress) {
  return (await egress.entries()).flatMap((entry) => (entry.type === 'crossing' ? [entry] : []));
}
async function settlements(egress: StartedEgress) {
  return (await egress.entries()).flatMap((entry) => (entry.type === 'settlement' ? [entry] : []));
}
async function settled(egress: StartedEgress, count = 1) {
  await expect.poll(async () => (await settlements(egress)).length).toBe(count);
  return settlements(egress);
}

describe('who may use it', () => {
  test('a key in Basic, with any user or as the user, and in Bearer; no other', async () => {
    const { egress, origin } = await setUp();
    const target = `${HOST}:${origin.port}`;
    const ask = async (authorization: string | null) => {
      const socket = connect(egress.port, '127.0.0.1');
      socket.on('error', () => undefined);
      closing.push(async () => void socket.destroy());
      const line = authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`;
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${line}\r\n`);
      return new Promise<string>((resolve) =>
        socket.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      );
    };
    const user = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    for (const good of [
      basic(egress.key),
      basic(egress.key, ''),
      user(`${egress.key}:`),
      `Bearer ${egress.key}`,
    ]) {
      expect(await ask(good)).toMatch(/^HTTP\/1\.1 200 /);
    }
    const stranger = formVirtualKey(Buffer.alloc(42, 7)).key;
    const changed = `${egress.key.slice(0, -1)}${egress.key.endsWith('a') ? 'b' : 'a'}`;
    for (const bad of [
      null,
      'Basic',
      user(egress.key),
      basic(stranger),
      basic(changed),
      `Digest ${egress.key}`,
      `Basic ${'x'.repeat(5000)}`,
    ]) {
      const answer = await ask(bad);
      expect(answer).toMatch(/^HTTP\/1\.1 407 [\s\S]*Proxy-Authenticate: Basic realm=/);
      expect(answer).toContain('"status":407');
      expect(answer).not.toContain(stranger);
    }
    expect(await leaves(egress)).toHaveLength(4);
  });

  test('only apps that are listed, with secret keys, from their networks, in time and within their rate', async () => {
    let now = Date.now();
    const { egress, origin } = await setUp({}, { clock: () => now });
    const { deployment } = egress;
    const keys = {
      other: deployment.issue({ connections: [], app: 'app-other' }),
      publishable: deployment.issue({ connections: [], kind: 'publishable', perMinute: 60 }),
      elsewhere: deployment.issue({ connections: [], networks: ['10.9.0.0/16'] }),
      here: deployment.issue({ connections: [], networks: ['127.0.0.0/8'] }),
      late: deployment.issue({ connections: [], expiresAt: now + 60_000 }),
      rated: deployment.issue({ connections: [], perMinute: 1 }),
    };
    await egress.apply();
    const ask = async (key: string) => {
      const tunnel = await open({ port: egress.port, key }, `${HOST}:${origin.port}`);
      tunnel.socket.destroy();
      return refusalOf(tunnel) ?? statusOf(tunnel);
    };
    expect(await ask(keys.other)).toBe('egress_app');
    expect(await ask(keys.publishable)).toBe('egress_app');
    expect(await ask(keys.elsewhere)).toBe('network_not_allowed');
    expect(await ask(keys.here)).toBe(200);
    expect(await ask(keys.late)).toBe(200);
    now += 61_000;
    expect(await ask(keys.late)).toBe('key_expired');
    expect(await ask(keys.rated)).toBe(200);
    expect(await ask(keys.rated)).toBe('rate_limited');
    await egress.apply(null);
    expect(await ask(keys.here)).toBe('egress_off');
  });

  test('a planted key is answered as any unknown one, and told', async () => {
    const { egress, origin } = await setUp();
    const planted = formVirtualKey(Buffer.alloc(42, 9));
    egress.deployment.canaries.push({ id: 'canary-1', hash: planted.hash.toString('base64url') });
    await egress.apply();
    const tunnel = await open({ port: egress.port, key: planted.key }, `${HOST}:${origin.port}`);
    expect([statusOf(tunnel), refusalOf(tunnel)]).toEqual([407, 'key_unknown']);
    await expect.poll(() => egress.canaryUses).toMatchObject([{ canary: 'canary-1', connection: '@egress' }]);
    await expect.poll(() => leaves(egress)).toMatchObject([{ app: 'canary', reason: 'canary_used' }]);
  });
});

describe('modes', () => {
  const unlisted = { allow: { vendors: [], hosts: [], countries: [] } };

  test.each([
    ['observe', 200, undefined, 'forwarded', null, 'egress_not_listed'],
    ['warn', 200, 'egress_not_listed', 'forwarded', null, 'egress_not_listed'],
    ['enforce', 403, undefined, 'refused', 'egress_not_listed', null],
  ] as const)('in %s a host that is not listed', async (mode, status, told, decision, reason, would) => {
    const { egress, origin } = await setUp({ ...unlisted, mode });
    const tunnel = await open(egress, `${HOST}:${origin.port}`);
    expect(statusOf(tunnel)).toBe(status);
    expect(/x-drawbridge-would-refuse: (\S+)/i.exec(tunnel.head)?.[1]).toBe(told);
    tunnel.socket.end();
    const [leaf] = await leaves(egress);
    expect(leaf).toMatchObject({ decision, reason, egress: { host: HOST, mode, would }, vendor: '@unknown' });
    if (status === 200) return;
    expect(tunnel.text()).toContain('"code":"egress_not_listed"');
    expect(tunnel.head).toContain(`X-Drawbridge-Details: http://console.example.test/crossings/${leaf?.id}`);
    expect(origin.sockets).toHaveLength(0);
  });

  test.each(['observe', 'warn', 'enforce'] as const)(
    'in %s neither private addresses, nor ports that are not listed, nor severed vendors are reached',
    async (mode) => {
      const { egress, origin } = await setUp(
        {
          mode,
          networks: [],
          severed: ['acme'],
          vendors: [{ id: 'acme', country: null, domains: ['acme.example'] }],
        },
        { names: { [HOST]: ['127.0.0.1'], 'acme.example': ['127.0.0.1'] } },
      );
      expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_private');
      expect(refusalOf(await open(egress, `${HOST}:25`))).toBe('egress_port');
      expect(refusalOf(await open(egress, `acme.example:${origin.port}`))).toBe('egress_severed');
      expect(origin.sockets).toHaveLength(0);
      const told = await settled(egress, 3);
      expect(told.map(({ outcome, reason }) => [outcome, reason])).toEqual([
        ['not_sent', 'egress_private'],
        ['not_sent', 'egress_port'],
        ['not_sent', 'egress_severed'],
      ]);
      expect((await leaves(egress)).map(({ vendor }) => vendor)).toEqual(['@unknown', '@unknown', 'acme']);
    },
  );

  test('an address for a name is refused in enforce, and listed it is served', async () => {
    const { egress, origin } = await setUp();
    expect(refusalOf(await open(egress, `127.0.0.1:${origin.port}`))).toBe('egress_address');
    expect(refusalOf(await open(egress, `0x7f.1:${origin.port}`))).toBe('egress_address');
    await egress.apply({ allow: { vendors: [], hosts: ['127.0.0.1'], countries: [] } });
    expect(statusOf(await open(egress, `127.0.0.1:${origin.port}`))).toBe(200);
  });
});

describe('names', () => {
  test('a name is looked up once; what it leads to later is nobody looked at, and not connected to', async () => {
    const asked: string[] = [];
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const lookup = async (host: string) => {
      asked.push(host);
      return answers[asked.length - 1] ?? ['169.254.169.254'];
    };
    const { egress, origin } = await setUp({}, { lookup });
    const first = await open(egress, `${HOST}:${origin.port}`, { extra: 'hello' });
    await expect.poll(first.text).toBe('HELLO');
    expect(asked).toEqual([HOST]);
    // The second answer is rebound to a private address; the third to the cloud's metadata.
    expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_private');
    expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_private');
    first.socket.write('still here');
    await expect.poll(first.text).toBe('HELLOSTILL HERE');
    expect(origin.sockets).toHaveLength(1);
  });

  test('public and private answers together refuse the host; a silent first address does not', async () => {
    const names = { [HOST]: ['127.0.0.1', '10.0.0.1'], 'two.example.test': ['127.0.0.2', '127.0.0.1'] };
    const { egress, origin } = await setUp(
      { allow: { vendors: [], hosts: [HOST, 'two.example.test'], countries: [] } },
      { names },
    );
    expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_private');
    expect(statusOf(await open(egress, `two.example.test:${origin.port}`))).toBe(200);
    expect(refusalOf(await open(egress, `none.example.test:${origin.port}`))).toBe('egress_not_listed');
  });

  test('a name without an answer, and a host that takes no connection, are told apart', async () => {
    const { egress, origin } = await setUp({
      allow: { vendors: [], hosts: [HOST, 'none.example.test'], countries: [] },
    });
    expect(refusalOf(await open(egress, `none.example.test:${origin.port}`))).toBe('egress_unresolved');
    await egress.apply({ ports: { connect: [1], http: [] } });
    expect(refusalOf(await open(egress, `${HOST}:1`))).toBe('upstream_unreachable');
    expect((await settled(egress, 2)).map(({ outcome }) => outcome)).toEqual(['not_sent', 'connect_failed']);
  });
});

describe('tunnels', () => {
  test('bytes right behind the CONNECT go first, half-close passes on, both ways are counted', async () => {
    const { egress, origin } = await setUp();
    const tunnel = await open(egress, `${HOST}:${origin.port}`, { extra: 'early ' });
    tunnel.socket.end('late');
    await tunnel.ended;
    expect(tunnel.text()).toBe('EARLY LATE');
    const [end] = await settled(egress);
    expect(end).toMatchObject({
      outcome: 'answered',
      status: null,
      remote: `127.0.0.1:${origin.port}`,
      bytes: { response: 10 },
      egress: { sent: 10, ended: 'client' },
    });
    expect(end?.timings.reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  });

  test('the record is durable before a byte goes out, and before the host is looked up', async () => {
    const storage = new ForgetfulStorage({ random: Math.random });
    const looked: number[] = [];
    const { egress, origin } = await setUp(
      {},
      {
        storage,
        lookup: async () => {
          looked.push((await leaves(egress)).length);
          return ['127.0.0.1'];
        },
      },
    );
    await open(egress, `${HOST}:${origin.port}`);
    expect(looked).toEqual([1]);
  });

  test.each(['observe', 'warn', 'enforce'] as const)(
    'in %s nothing goes out that can not be recorded',
    async (mode) => {
      const { egress, origin } = await setUp({ mode });
      await egress.breakJournal();
      expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('journal_unavailable');
      expect(origin.sockets).toHaveLength(0);
    },
  );

  test('a severed connection cuts its vendor within a second; so does a key that is revoked, and a host taken off the list', async () => {
    const vendors = [{ id: 'vendor-api', country: null, domains: [HOST] }];
    const { egress, origin } = await setUp({ vendors });
    const { deployment } = egress;
    const { aiService } = await import('../testing/services.ts');
    const connection = await deployment.connect({
      slug: 'ai',
      service: aiService,
      upstream: { scheme: 'https', host: 'elsewhere.example', port: 443, private: false },
    });
    await egress.apply();
    const one = await open(egress, `${HOST}:${origin.port}`);
    connection.state = 'severed';
    const from = performance.now();
    await egress.apply();
    await one.closed;
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_severed');
    connection.state = 'open';
    await egress.apply();
    const two = await open(egress, `${HOST}:${origin.port}`);
    await egress.apply({ allow: { vendors: [], hosts: [], countries: [] } });
    await two.closed;
    await egress.apply();
    const three = await open(egress, `${HOST}:${origin.port}`);
    deployment.keys.length = 0;
    await egress.apply();
    await three.closed;
    const ends = (await settled(egress, 4)).filter(({ outcome }) => outcome === 'cut_off');
    expect(ends.map(({ reason, egress: end }) => [reason, end?.ended])).toEqual([
      ['egress_severed', 'cut'],
      ['egress_not_listed', 'cut'],
      ['key_unknown', 'cut'],
    ]);
  });

  test('one that lies still is ended; one on which anything moves is not', async () => {
    const { egress, origin } = await setUp({}, { limits: { idleMs: 2_500 } });
    const idle = await open(egress, `${HOST}:${origin.port}`);
    const busy = await open(egress, `${HOST}:${origin.port}`);
    const chatter = setInterval(() => busy.socket.write('x'), 200);
    await idle.closed;
    expect(busy.socket.destroyed).toBe(false);
    clearInterval(chatter);
    expect(await settled(egress)).toMatchObject([{ outcome: 'timed_out', egress: { ended: 'idle' } }]);
  });

  test('a client that does not read holds back the host, and no memory grows', async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    const { egress, origin } = await setUp(
      {},
      {
        serve(socket) {
          const chunk = Buffer.alloc(64 * 1024);
          const push = () => {
            while (written < total && socket.write(chunk)) written += chunk.length;
          };
          socket.on('drain', push);
          push();
        },
      },
    );
    const tunnel = await open(egress, `${HOST}:${origin.port}`);
    tunnel.socket.pause();
    const still = async () => {
      const before = written;
      await new Promise((resolve) => setTimeout(resolve, 150));
      return written === before;
    };
    await expect.poll(still).toBe(true);
    expect(written).toBeLessThan(total / 2);
    tunnel.socket.removeAllListeners('data');
    tunnel.socket.resume();
    await expect.poll(() => written, { timeout: 10_000 }).toBeGreaterThanOrEqual(total);
  });

  test('an app has so many at once and no more; when one ends there is room again', async () => {
    const { egress, origin } = await setUp({}, { limits: { perApp: 2 } });
    const first = await open(egress, `${HOST}:${origin.port}`);
    await open(egress, `${HOST}:${origin.port}`);
    expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('overloaded');
    first.socket.destroy();
    await expect.poll(async () => statusOf(await open(egress, `${HOST}:${origin.port}`))).toBe(200);
  });

  test('a reset of either side reaches the other', async () => {
    const { egress, origin } = await setUp();
    const one = await open(egress, `${HOST}:${origin.port}`);
    await expect.poll(() => origin.sockets.length).toBe(1);
    origin.sockets[0]?.resetAndDestroy();
    await one.closed;
    const two = await open(egress, `${HOST}:${origin.port}`);
    await expect.poll(() => origin.sockets.length).toBe(2);
    two.socket.resetAndDestroy();
    await expect.poll(() => origin.sockets[1]?.destroyed).toBe(true);
    const ends = await settled(egress, 2);
    expect(ends.map(({ egress: end }) => end?.ended)).toEqual(['remote', 'client']);
  });

  test('told to stop, it lets tunnels end, takes no new ones, and breaks off what goes on for too long', async () => {
    const { egress, origin } = await setUp();
    const short = await open(egress, `${HOST}:${origin.port}`);
    const long = await open(egress, `${HOST}:${origin.port}`);
    const stopped = egress.stop(1_000);
    await expect(open(egress, `${HOST}:${origin.port}`).then(statusOf)).resolves.toBeNaN();
    short.socket.end('last words');
    await short.ended;
    expect(short.text()).toBe('LAST WORDS');
    await stopped;
    await long.closed;
    const ends = await settled(egress, 2);
    expect(ends.map(({ outcome, egress: end }) => [outcome, end?.ended])).toEqual([
      ['answered', 'client'],
      ['cut_off', 'stopped'],
    ]);
  });
});

describe('the name in the TLS greeting', () => {
  const hello = (name: string) => {
    const text = Buffer.from(name);
    const sni = Buffer.concat([
      Buffer.from([0, 0, 0, text.length + 5, 0, text.length + 3, 0, 0, text.length]),
      text,
    ]);
    const body = Buffer.concat([
      Buffer.alloc(34, 3),
      Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, sni.length]),
      sni,
    ]);
    return Buffer.concat([
      Buffer.from([0x16, 3, 1, 0, body.length + 4, 1, 0, 0, body.length]),
      body,
    ]).toString('latin1');
  };

  test.each([
    ['enforce', hello(HOST), 'same', true],
    ['enforce', hello('other.example.test'), 'other', false],
    ['observe', hello('other.example.test'), 'other', true],
    ['warn', hello('other.example.test'), 'other', true],
    ['enforce', '\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00', 'unreadable', false],
    ['enforce', 'SSH-2.0-made-up', 'none', true],
  ] as const)('in %s: %j is "%s"', async (mode, bytes, sni, passes) => {
    const { egress, origin } = await setUp({ mode, sni: true });
    const tunnel = await open(egress, `${HOST}:${origin.port}`);
    expect(statusOf(tunnel)).toBe(200);
    for (const byte of bytes) tunnel.socket.write(Buffer.from(byte, 'latin1'));
    if (passes) {
      await expect.poll(origin.received).toBe(bytes);
      tunnel.socket.end();
    }
    await tunnel.closed;
    const [end] = await settled(egress);
    expect(end).toMatchObject({ egress: { sni, sent: passes ? bytes.length : 0 } });
    if (!passes) expect(end).toMatchObject({ outcome: 'cut_off', reason: 'egress_name' });
    expect(origin.received()).toBe(passes ? bytes : '');
  });

  test('one that never comes to its end is not waited for', async () => {
    const { egress, origin } = await setUp({ sni: true }, { limits: { greetingMs: 500 } });
    const tunnel = await open(egress, `${HOST}:${origin.port}`, { extra: hello(HOST).slice(0, 20) });
    await tunnel.closed;
    expect(await settled(egress)).toMatchObject([
      { reason: 'egress_name', egress: { sni: 'unreadable', sent: 0 } },
    ]);
  });

  test('a host that speaks first is heard', async () => {
    const { egress, origin } = await setUp(
      { sni: true },
      { serve: (socket) => void socket.write('220 made-up') },
    );
    const tunnel = await open(egress, `${HOST}:${origin.port}`);
    await expect.poll(tunnel.text).toBe('220 made-up');
  });
});

describe('plain HTTP', () => {
  test('what is of this hop stays here, on both ways', async () => {
    const stand = await startStandIn((_request, response) =>
      response
        .writeHead(200, [
          'Connection',
          'x-hop',
          'X-Hop',
          'theirs',
          'X-End',
          'kept',
          'Keep-Alive',
          'timeout=9',
          'X-Drawbridge-Crossing',
          'forged',
        ])
        .end('ok'),
    );
    closing.push(() => stand.close());
    const { egress } = await setUp({ ports: { connect: [], http: [stand.port] } });
    const answer = await ask(egress, [
      `GET http://${HOST}:${stand.port}/a?b=1 HTTP/1.1`,
      `Host: ${HOST}:${stand.port}`,
      'Connection: close, X-Mine',
      'X-Mine: hop',
      'X-Kept: end',
      'Cookie: session=1',
      'Proxy-Connection: keep-alive',
      'TE: trailers',
      'Via: 1.1 before',
    ]);
    const [got] = stand.received;
    const sent = pairs(got?.headers ?? []);
    expect(got).toMatchObject({ method: 'GET', url: '/a?b=1' });
    expect(sent).toMatchObject({
      host: `${HOST}:${stand.port}`,
      'x-kept': 'end',
      cookie: 'session=1',
      connection: 'close',
    });
    expect(sent.via).toMatch(/^1\.1 before, 1\.1 drawbridge-[0-9a-f]{12}$/);
    expect(
      Object.keys(sent).filter((name) =>
        ['x-mine', 'te', 'proxy-authorization', 'proxy-connection'].includes(name),
      ),
    ).toEqual([]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('X-End: kept');
    expect(answer).not.toMatch(/x-hop|theirs|timeout=9|forged/i);
    const [leaf] = await leaves(egress);
    expect(leaf).toMatchObject({ endpoint: 'http', method: 'GET', egress: { host: HOST, port: stand.port } });
    expect(JSON.stringify(await egress.entries())).not.toMatch(/session|b=1|\/a/);
    expect(await settled(egress)).toMatchObject([
      { status: 200, outcome: 'answered', egress: { ended: 'remote' } },
    ]);
  });

  test.each([
    ['credentials', 'GET http://user:made-up@HOST/ HTTP/1.1', 'Host: HOST', 400, 'bad_request'],
    ['another Host', 'GET http://HOST/ HTTP/1.1', 'Host: other.example.test', 400, 'bad_request'],
    ['its own path form', 'GET / HTTP/1.1', 'Host: HOST', 400, 'bad_request'],
    ['https', 'GET https://HOST/ HTTP/1.1', 'Host: HOST', 400, 'bad_request'],
    ['a fragment', 'GET http://HOST/#x HTTP/1.1', 'Host: HOST', 400, 'bad_request'],
    [
      'an upgrade',
      'GET http://HOST/ HTTP/1.1',
      'Host: HOST\r\nConnection: upgrade\r\nUpgrade: websocket',
      400,
      'upgrade_not_supported',
    ],
    ['a host that is none', 'GET http://ex%61mple/ HTTP/1.1', 'Host: HOST', 400, 'egress_host'],
    [
      'another host',
      'GET http://other.example.test:PORT/ HTTP/1.1',
      'Host: other.example.test:PORT',
      403,
      'egress_not_listed',
    ],
  ])('%s is refused', async (_, line, host, status, code) => {
    const { egress, origin } = await setUp();
    const fill = (text: string) =>
      text.replaceAll('HOST', `${HOST}:${origin.port}`).replaceAll('PORT', String(origin.port));
    const answer = await ask(egress, [fill(line), fill(host)]);
    expect([Number(answer.split(' ')[1]), /X-Drawbridge-Refusal: (\S+)/.exec(answer)?.[1]]).toEqual([
      status,
      code,
    ]);
    expect(origin.sockets).toHaveLength(0);
  });

  test('a request that came through here before is a loop', async () => {
    const stand = await startStandIn((_request, response) => response.end('ok'));
    closing.push(() => stand.close());
    const { egress } = await setUp({ ports: { connect: [stand.port], http: [stand.port] } });
    const lines = [`GET http://${HOST}:${stand.port}/ HTTP/1.1`, `Host: ${HOST}:${stand.port}`];
    await ask(egress, lines);
    const via = pairs(stand.received[0]?.headers ?? {}).via ?? '';
    expect(await ask(egress, [...lines, `Via: 1.0 other, ${via}`])).toMatch(/^HTTP\/1\.1 508 /);
    expect(refusalOf(await open(egress, `${HOST}:${stand.port}`, { headers: [`Via: ${via}`] }))).toBe(
      'egress_loop',
    );
    expect(stand.received).toHaveLength(1);
  });

  test('an origin that breaks off, or answers no HTTP, is told and settled', async () => {
    const { egress, origin } = await setUp(
      {},
      { serve: (socket) => void socket.once('data', () => socket.end('no http\r\n\r\n')) },
    );
    const answer = await ask(egress, [
      `GET http://${HOST}:${origin.port}/ HTTP/1.1`,
      `Host: ${HOST}:${origin.port}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(await settled(egress)).toMatchObject([
      { status: null, reason: 'upstream_unreachable', outcome: 'upstream_failed' },
    ]);
  });
});

/** Sends a head by hand, and gives back all that comes until the connection ends. */
function ask({ port, key }: StartedEgress, lines: readonly string[]): Promise<string> {
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

function pairs(raw: readonly string[] | object): Record<string, string> {
  const found: Record<string, string> = {};
  if (!Array.isArray(raw)) return found;
  for (let at = 0; at + 1 < raw.length; at += 2) found[String(raw[at]).toLowerCase()] = String(raw[at + 1]);
  return found;
}
