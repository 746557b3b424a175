import { connect } from 'node:net';
import { formVirtualKey } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { basic } from '../testing/egress.ts';
import {
  closeAll,
  closing,
  HOST,
  leaves,
  open,
  refusalOf,
  settled,
  setUp,
  statusOf,
} from '../testing/egress-client.ts';

afterEach(closeAll);

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
