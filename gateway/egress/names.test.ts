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

describe('names that lead elsewhere than they say', () => {
  const INSIDE = [
    ['a private address', '10.0.0.1'],
    ['the end of a CNAME inside', '192.168.4.4'],
    ['an IPv4 address dressed as IPv6', '::ffff:10.0.0.1'],
    ['the same in hexadecimal', '::ffff:a00:1'],
    ['one that a translator turns into IPv4', '64:ff9b::a00:1'],
    ['a translator of a network of its own', '64:ff9b:1::a00:1'],
    ['6to4', '2002:a00:1::1'],
    ['no address', '0.0.0.0'],
    ['no IPv6 address', '::'],
    ['an address of one link', 'fe80::1'],
    ['the metadata of a cloud', '169.254.169.254'],
    ['a metadata address in public range', '168.63.129.16'],
  ] as const;

  test.each(INSIDE)('%s is refused, alone and beside others, in every mode', async (_, address) => {
    for (const mode of ['observe', 'enforce'] as const) {
      for (const found of [[address], ['127.0.0.1', address], [address, '127.0.0.1']]) {
        const { egress, origin } = await setUp({ mode }, { lookup: async () => found });
        expect(refusalOf(await open(egress, `${HOST}:${origin.port}`))).toBe('egress_private');
        expect(origin.sockets).toHaveLength(0);
      }
    }
  });

  test.each([
    ['10.0.0.1', 'egress_private'],
    ['0x0a.1', 'egress_private'],
    ['012.0.0.1', 'egress_private'],
    ['167772161', 'egress_private'],
    ['0', 'egress_private'],
    ['0.0.0.0', 'egress_private'],
    ['[::ffff:10.0.0.1]', 'egress_private'],
    ['[64:ff9b::a00:1]', 'egress_private'],
    ['[::]', 'egress_private'],
    ['0x7f.0x0.0x0.0x1.', 'egress_private'],
  ])('%s is an address, however it is written', async (written, code) => {
    const { egress, origin } = await setUp({ mode: 'observe', networks: [] });
    expect(refusalOf(await open(egress, `${written}:${origin.port}`))).toBe(code);
  });
});

describe('a severed vendor by its address', () => {
  const acme = { id: 'acme', country: null, domains: ['acme.example'] };
  const shared = { id: 'shared', country: null, domains: ['shared.example'] };
  const names = { 'api.acme.example': ['127.0.0.2', '127.0.0.1'], 'shared.example': ['127.0.0.1'] };

  test.each(['observe', 'warn', 'enforce'] as const)(
    'in %s it is refused by an address that its names led to, and a tunnel to that address is ended',
    async (mode) => {
      const { egress, origin } = await setUp(
        {
          mode,
          vendors: [acme, shared],
          allow: { vendors: ['acme', 'shared'], hosts: ['127.0.0.1'], countries: [] },
        },
        { names, listen: '0.0.0.0' },
      );
      const bare = `127.0.0.1:${origin.port}`;
      expect(statusOf(await open(egress, `api.acme.example:${origin.port}`))).toBe(200);
      const tunnel = await open(egress, bare);
      expect(statusOf(tunnel)).toBe(200);
      await egress.apply({ severed: ['acme'] });
      await tunnel.closed;
      for (const written of [bare, `0x7f.1:${origin.port}`, `[::ffff:127.0.0.1]:${origin.port}`])
        expect(refusalOf(await open(egress, written))).toBe('egress_severed');
      // Who shares the address is not cut off with it.
      expect(statusOf(await open(egress, `shared.example:${origin.port}`))).toBe(200);
      await egress.apply({ severed: [] });
      expect(statusOf(await open(egress, bare))).toBe(200);
      const refused = (await leaves(egress)).filter(({ decision }) => decision === 'refused');
      expect(refused.map(({ vendor }) => vendor)).toEqual(['acme', 'acme', 'acme']);
    },
  );
});

test('a severed vendor stays cut off by its address for longer than a day, and who shares the address goes on', async () => {
  const acme = { id: 'acme', country: null, domains: ['acme.example'] };
  const shared = { id: 'shared', country: null, domains: ['shared.example'] };
  const HOUR = 3_600_000;
  let now = 0;
  const { egress, origin } = await setUp(
    {
      mode: 'observe',
      vendors: [acme, shared],
      allow: { vendors: ['acme', 'shared'], hosts: [], countries: [] },
    },
    {
      names: { 'api.acme.example': ['127.0.0.1'], 'shared.example': ['127.0.0.1'] },
      monotonic: () => now,
      limits: { idleMs: 1000 * HOUR },
    },
  );
  const bare = `127.0.0.1:${origin.port}`;
  expect(statusOf(await open(egress, `api.acme.example:${origin.port}`))).toBe(200);
  const beside = await open(egress, `shared.example:${origin.port}`);
  await egress.apply({ severed: ['acme'] });
  // Each time a snapshot is taken, and about once a second, the proxy looks at what is in force.
  for (let day = 0; day < 3; day += 1) {
    now += 20 * HOUR;
    await egress.apply({ severed: ['acme'] });
  }
  now += 20 * HOUR;
  expect(refusalOf(await open(egress, bare))).toBe('egress_severed');
  beside.socket.write('on');
  await expect.poll(beside.text).toBe('ON');
  expect(statusOf(await open(egress, `shared.example:${origin.port}`))).toBe(200);
  // Reopened, and a day without a word of it: the address is anybody's again.
  await egress.apply({ severed: [] });
  now += 25 * HOUR;
  await egress.apply({ severed: ['acme'] });
  expect(statusOf(await open(egress, bare))).toBe(200);
});

describe('a network that is taken off the list', () => {
  test.each(['observe', 'enforce'] as const)(
    'in %s tunnels into it are ended, and others go on',
    async (mode) => {
      const other = 'other.example.test';
      const { egress, origin } = await setUp(
        {
          mode,
          networks: ['127.0.0.1/32', '127.0.0.2/32'],
          allow: { vendors: [], hosts: [HOST, other], countries: [] },
        },
        { names: { [HOST]: ['127.0.0.1'], [other]: ['127.0.0.2'] }, listen: '0.0.0.0' },
      );
      const into = await open(egress, `${HOST}:${origin.port}`);
      const beside = await open(egress, `${other}:${origin.port}`);
      expect([statusOf(into), statusOf(beside)]).toEqual([200, 200]);
      await egress.apply({ networks: ['127.0.0.2/32'] });
      await into.closed;
      beside.socket.write('on');
      await expect.poll(beside.text).toBe('ON');
      expect(await settled(egress)).toMatchObject([{ outcome: 'cut_off', reason: 'egress_private' }]);
    },
  );

  test('while a name is looked up, too', async () => {
    const looked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string[]>();
    const { egress, origin } = await setUp(
      {},
      {
        lookup: () => {
          looked.resolve();
          return answer.promise;
        },
      },
    );
    const opening = open(egress, `${HOST}:${origin.port}`);
    await looked.promise;
    await egress.apply({ networks: [] });
    answer.resolve(['127.0.0.1']);
    expect(refusalOf(await opening)).toBe('egress_private');
    expect(origin.received()).toBe('');
  });
});
