import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The egress proxy beside a proxy of a few lines that does nothing but pipe: new tunnels a second, latency of one round trip
 * inside an open one, and throughput, each with the processor time of the proxy's own process.
 *
 *   node bin/run.mjs bench/egress.ts [--quick]
 */

const quick = process.argv.includes('--quick');
const role = process.argv.find((arg) => arg.startsWith('--serve='))?.slice('--serve='.length);

/** Answers one byte with one byte; a tunnel that begins with `d` gets as many megabytes as the number behind it says. */
async function startOrigin(): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024);
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      if (data[0] !== 0x64) {
        socket.write(data);
        return;
      }
      let left = Number(data.subarray(1).toString()) * 4;
      const push = (): void => {
        while (left > 0) {
          left -= 1;
          if (!socket.write(chunk)) return;
        }
        socket.off('drain', push);
      };
      socket.on('drain', push);
      push();
    });
  });
  return listen(server);
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
}

async function serve(which: string): Promise<void> {
  const say = (message: object): void => void process.send?.(message);
  let key = '';
  let port = 0;
  if (which === 'pipe') {
    port = await listen(
      createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        client.once('data', (head: Buffer) => {
          const target = /^CONNECT ([\d.]+):(\d+) /.exec(head.toString('latin1'));
          const remote = connect({
            host: target?.[1] ?? '',
            port: Number(target?.[2]),
            allowHalfOpen: true,
            noDelay: true,
          });
          client.on('error', () => remote.destroy());
          remote.on('error', () => client.destroy());
          remote.once('connect', () => {
            client.write('HTTP/1.1 200 OK\r\n\r\n');
            client.pipe(remote);
            remote.pipe(client);
          });
        });
      }),
    );
  } else if (which === 'http') {
    const { createServer: createHttp } = await import('node:http');
    const server = createHttp();
    server.on('connect', (request, client: Socket) => {
      const [host, to] = (request.url ?? '').split(':');
      const remote = connect({ host: host ?? '', port: Number(to), allowHalfOpen: true, noDelay: true });
      client.on('error', () => remote.destroy());
      remote.on('error', () => client.destroy());
      remote.once('connect', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(remote);
        remote.pipe(client);
      });
    });
    port = await listen(server);
  } else if (which === 'origin') port = await startOrigin();
  else {
    const { startTestEgress } = await import('../gateway/testing/egress.ts');
    const { openDirectory } = await import('../gateway/journal/storage.ts');
    const origin = Number(process.env.ORIGIN);
    const egress = await startTestEgress({
      ...(which === 'egress'
        ? { storage: await openDirectory(join(process.env.FOLDER ?? '', 'journal')) }
        : {}),
      rules: {
        allow: { vendors: [], hosts: ['127.0.0.1'], countries: [] },
        ports: { connect: [origin], http: [] },
        sni: process.env.SNI === '1',
      },
      limits: { perApp: 10_000 },
    });
    ({ key, port } = egress);
  }
  process.on('message', () => say({ cpu: process.cpuUsage() }));
  process.on('disconnect', () => process.exit(0));
  say({ port, key });
}

interface Served {
  port: number;
  key: string;
  /** Microseconds of processor time so far. */
  cpu(): Promise<number>;
  end(): void;
}

async function start(which: string, env: Record<string, string>): Promise<Served> {
  const child = fork(fileURLToPath(import.meta.url), [`--serve=${which}`], {
    env: { ...process.env, ...env },
  });
  const told = <T>(): Promise<T> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
  const { port, key } = await told<{ port: number; key: string }>();
  return {
    port,
    key,
    async cpu() {
      const answer = told<{ cpu: { user: number; system: number } }>();
      child.send({});
      const { cpu } = await answer;
      return cpu.user + cpu.system;
    },
    end: () => child.kill(),
  };
}

function open({ port, key }: Served, origin: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const auth = key === '' ? '' : `Proxy-Authorization: Bearer ${key}\r\n`;
    socket.on('error', reject);
    socket.write(`CONNECT 127.0.0.1:${origin} HTTP/1.1\r\nHost: 127.0.0.1:${origin}\r\n${auth}\r\n`);
    socket.once('data', (head: Buffer) => {
      if (head.toString('latin1').startsWith('HTTP/1.1 200')) resolve(socket);
      else reject(new Error(head.toString('latin1')));
    });
  });
}

const answered = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('data', resolve));

interface Row {
  what: string;
  tunnels: number;
  cpuPerTunnel: number;
  p50: number;
  p99: number;
  roundTrip: number;
  throughput: number;
  cpuPerMegabyte: number;
}

async function measureOne(what: string, proxy: Served, origin: number): Promise<Row> {
  const ms = quick ? 1_500 : 3_000;
  const megabytes = quick ? 256 : 512;
  async function tunnels(duration: number): Promise<{ count: number; times: number[] }> {
    const until = performance.now() + duration;
    const times: number[] = [];
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (performance.now() < until) {
          const from = performance.now();
          const socket = await open(proxy, origin);
          socket.write('x');
          await answered(socket);
          times.push(performance.now() - from);
          socket.destroy();
        }
      }),
    );
    return { count: times.length, times };
  }
  await tunnels(ms / 3);
  const before = await proxy.cpu();
  const { count, times } = await tunnels(ms);
  const cpuPerTunnel = ((await proxy.cpu()) - before) / count;
  times.sort((a, b) => a - b);

  const socket = await open(proxy, origin);
  const rounds = quick ? 2_000 : 4_000;
  const from = performance.now();
  for (let at = 0; at < rounds; at++) {
    socket.write('x');
    await answered(socket);
  }
  const roundTrip = ((performance.now() - from) / rounds) * 1000;

  const cpuBefore = await proxy.cpu();
  const began = performance.now();
  let got = 0;
  socket.write(`d${megabytes}`);
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= megabytes * 1024 * 1024) resolve();
    });
  });
  const took = (performance.now() - began) / 1000;
  const cpuPerMegabyte = ((await proxy.cpu()) - cpuBefore) / megabytes;
  socket.destroy();
  return {
    what,
    tunnels: (count / ms) * 1000,
    cpuPerTunnel,
    p50: times[Math.floor(times.length / 2)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    roundTrip,
    throughput: megabytes / took,
    cpuPerMegabyte,
  };
}

function middle(rows: readonly Row[]): Row {
  const of = (field: Exclude<keyof Row, 'what'>): number => {
    const values = rows.map((row) => row[field]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? 0;
  };
  return {
    what: rows[0]?.what ?? '',
    tunnels: of('tunnels'),
    cpuPerTunnel: of('cpuPerTunnel'),
    p50: of('p50'),
    p99: of('p99'),
    roundTrip: of('roundTrip'),
    throughput: of('throughput'),
    cpuPerMegabyte: of('cpuPerMegabyte'),
  };
}

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-egress-'));
  const origin = await start('origin', {});
  const rows: Row[] = [];
  const kinds = [
    ['bare pipe', 'pipe', {}],
    ['bare pipe behind node:http', 'http', {}],
    ['Drawbridge', 'egress', {}],
    ['Drawbridge, first bytes looked at', 'egress', { SNI: '1' }],
  ] as const;
  const all = new Map<string, Row[]>();
  // In turn, and the middle of each: what else the machine does meets all of them.
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    for (const [what, which, env] of kinds) {
      const directory = await mkdtemp(join(folder, 'journal-'));
      const proxy = await start(which, { ORIGIN: String(origin.port), FOLDER: directory, ...env });
      all.set(what, [...(all.get(what) ?? []), await measureOne(what, proxy, origin.port)]);
      proxy.end();
    }
  }
  for (const each of all.values()) rows.push(middle(each));
  origin.end();
  await rm(folder, { recursive: true, force: true });
  const figure = (value: number, digits = 0): string =>
    value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  console.log('| | tunnels/s | µs CPU a tunnel | p50 | p99 | round trip inside | MB/s | µs CPU a MB |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    console.log(
      `| ${row.what} | ${figure(row.tunnels)} | ${figure(row.cpuPerTunnel)} | ${figure(row.p50, 1)} ms | ${figure(row.p99, 1)} ms | ${figure(row.roundTrip)} µs | ${figure(row.throughput)} | ${figure(row.cpuPerMegabyte)} |`,
    );
  }
}

if (role !== undefined) await serve(role);
else await measure();
