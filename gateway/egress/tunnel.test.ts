import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import { afterEach, describe, expect, test } from 'vitest';
import {
  closeAll,
  HOST,
  leaves,
  open,
  refusalOf,
  settled,
  setUp,
  statusOf,
} from '../testing/egress-client.ts';

afterEach(closeAll);

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
