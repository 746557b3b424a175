import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, HOST, open, settled, setUp, statusOf } from '../testing/egress-client.ts';

afterEach(closeAll);

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
