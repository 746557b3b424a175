import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dump, type OpenedDatabase, openEmbedded } from '../testing/database.ts';
import { eventually } from '../testing/eventually.ts';
import { type Answer, send, sendRaw } from '../testing/http.ts';
import { ask, type House } from './house.ts';

/** What changes by itself: a gateway's heartbeat, and what its logs are known by once a second. */
const RESTLESS = new Set([
  'control_log',
  'gateway',
  'log_checkpoint',
  'log_key',
  'log_tile',
  'refused_act',
  'refused_sign_in',
  'retention_mark',
  'root_entry',
  'root_published',
  'root_source',
]);

/** Input that means harm, or is merely wrong, at the port of the console and the API: named, and nothing half-applied. */
export function hostileToApi(house: () => House): void {
  /** Works on the deployment's database as its superuser. */
  async function inDatabase<T>(work: (database: OpenedDatabase['pool']) => Promise<T>): Promise<T> {
    const { pool, close } = await openEmbedded(house().drawbridge.dataDir);
    try {
      return await work(pool);
    } finally {
      await close();
    }
  }

  async function tables(): Promise<Map<string, string[]>> {
    return new Map([...(await inDatabase(dump))].filter(([name]) => !RESTLESS.has(name)));
  }

  /** The tables once all that crossed before is stored and counted. */
  async function settled(): Promise<Map<string, string[]>> {
    // Journals are stored in order: with the end of this one, all before it are there.
    const last = String((await ask(house())).headers['x-drawbridge-crossing']);
    const isCounted = await inDatabase((pool) =>
      eventually(
        async () => {
          const { rows } = await pool.query<{ counted: boolean }>(
            `SELECT EXISTS (SELECT FROM journal_entry WHERE crossing = $1 AND kind = 'settlement')
               AND NOT EXISTS (SELECT FROM projection_cursor c JOIN journal_log l ON l.id = c.log
                               WHERE c.next_index < l.next_index) AS counted`,
            [last],
          );
          return rows[0]?.counted ?? false;
        },
        (counted) => counted,
      ),
    );
    expect(isCounted).toBe(true);
    return await tables();
  }

  /** No row of any table is another one afterwards, and both planes do their work. */
  async function expectNothingChanged(work: () => Promise<void>): Promise<void> {
    const { drawbridge } = house();
    const before = await settled();
    await work();
    const after = await tables();
    const changed = [...after].filter(([name, rows]) => rows.join('\n') !== before.get(name)?.join('\n'));
    expect(changed.map(([name]) => name)).toEqual([]);
    for (const url of [drawbridge.apiUrl, drawbridge.gatewayUrl]) {
      expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(200);
    }
    expect((await ask(house())).status).toBe(200);
  }

  async function token(kind: 'running' | 'gateway-1'): Promise<string> {
    const { keysDir } = house().drawbridge;
    const file = (await readdir(keysDir)).find((name) => name.endsWith(`.${kind}.json`)) ?? '';
    const content = JSON.parse(await readFile(join(keysDir, file), 'utf8')) as Record<string, string>;
    return content.operatorToken ?? content.token ?? '';
  }

  async function api(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return send(`${house().drawbridge.apiUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token('running')}`,
        'content-type': 'application/json',
        'x-drawbridge-reason': 'a proof',
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Fields that an answer names. */
  function named(answer: Answer): string[] {
    const problem = JSON.parse(answer.body) as { errors?: { field: string }[] };
    return (problem.errors ?? []).map((error) => error.field);
  }

  const connection = {
    name: 'made up',
    vendor: 'openai',
    service: 'api',
    region: 'global',
    contract: 'recommended',
    credential: 'sk-made-up-never-kept',
  };
  const upstream = { scheme: 'https', host: 'api.example.com', port: 443, private: false };

  describe('the console’s port', () => {
    it.each<[string, Readonly<Record<string, string>>, string]>([
      ['another name for this machine', { host: 'drawbridge.attacker.example' }, 'wrong_host'],
      ['another port', { host: '127.0.0.1:1' }, 'wrong_host'],
      ['a page of another origin', { origin: 'https://attacker.example' }, 'wrong_origin'],
      ['a sandboxed page', { origin: 'null' }, 'wrong_origin'],
      ['the same name, another scheme', { origin: 'https://127.0.0.1' }, 'wrong_origin'],
    ])('refuses %s', async (_what, headers, code) => {
      await expectNothingChanged(async () => {
        for (const [method, body] of [
          ['GET', undefined],
          ['POST', JSON.stringify({ name: 'made up', owner: 'nobody' })],
        ] as const) {
          const answer = await api(method, '/apps', body, headers);
          expect([answer.status, JSON.parse(answer.body)]).toMatchObject([403, { code }]);
          expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        }
      });
    });

    it('refuses who is not signed in, at every route', async () => {
      const { body } = await api('GET', '/openapi.json');
      const { paths } = JSON.parse(body) as { paths: Record<string, Record<string, unknown>> };
      const open: string[] = [];
      for (const [path, methods] of Object.entries(paths)) {
        for (const method of Object.keys(methods)) {
          const headers = { authorization: 'Bearer dbo_made-up', cookie: '__Host-drawbridge=made-up' };
          const url = path.replaceAll(/\{\w+\}/g, 'made-up');
          const answer = await api(method.toUpperCase(), url, method === 'get' ? undefined : '{}', headers);
          if (answer.status !== 401) open.push(`${method} ${path} ${answer.status}`);
        }
      }
      // Who signs in is not signed in yet; who signs out need not be; and anyone may ask whether they are.
      expect(open.sort()).toEqual([
        'delete /session 204',
        // Proves itself by the token in its path.
        'get /clocks/feed/{file} 404',
        'get /session 200',
        'get /session/oidc/{id}/callback 303',
        'post /session/invitation 400',
        'post /session/oidc/{id} 404',
        'post /session/passkey 400',
        'post /session/passkey/options 409',
        'post /session/password 400',
        'post /session/recovery 400',
        'post /session/totp 400',
        'post /workload/exchange 400',
      ]);
      // Wrong tokens are counted, and written down in a minute: not while what follows compares tables.
      await inDatabase((pool) => pool.query('TRUNCATE refused_sign_in, refused_act'));
    });

    it.each([
      [
        'two lengths',
        'POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      ],
      [
        'a length and chunks',
        'POST /api/v1/apps HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['a header of 70 KB', `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Pad: ${'a'.repeat(70_000)}\r\n\r\n`],
      ['no HTTP', 'made up\r\n\r\n'],
      [
        'another server’s address',
        'GET http://attacker.example/api/v1/apps HTTP/1.1\r\nHost: attacker.example\r\n\r\n',
      ],
      ['a way out of the folder', 'GET /../../../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
      ['a tunnel', 'CONNECT attacker.example:443 HTTP/1.1\r\nHost: attacker.example\r\n\r\n'],
    ])('refuses %s', async (_what, request) => {
      await expectNothingChanged(async () => {
        const answer = await sendRaw(house().drawbridge.apiUrl, request);
        expect(answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer), answer).toBe(true);
        expect(answer).not.toContain('root:');
      });
    });
  });

  describe('bodies that are none', () => {
    it.each<[string, string | Buffer, number, Readonly<Record<string, string>>?]>([
      ['no JSON', '{"name":', 400],
      ['an array', '[]', 400],
      ['nothing', '', 400],
      ['JSON 500,000 deep', '['.repeat(500_000), 400],
      ['well-formed, and as deep', `{"name":${'['.repeat(300_000)}${']'.repeat(300_000)}}`, 400],
      ['not UTF-8', Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]), 400],
      ['a NUL in a text', '{"name":"a\\u0000b","owner":"made up"}', 400],
      ['members that change prototypes', '{"__proto__":{"name":"x"},"constructor":{"owner":"y"}}', 400],
      ['5 MB', JSON.stringify({ name: 'x'.repeat(5_000_000), owner: 'made up' }), 413],
      [
        '5 MB in chunks',
        JSON.stringify({ name: 'x'.repeat(5_000_000) }),
        413,
        { 'transfer-encoding': 'chunked' },
      ],
      ['a form', 'name=a&owner=b', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    ])('%s', async (_what, body, status, headers = {}) => {
      await expectNothingChanged(async () => {
        const answer = await api('POST', '/apps', body, headers);
        expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json']);
        expect(JSON.parse(answer.body)).toMatchObject({
          status,
          code: expect.any(String),
          detail: expect.any(String),
        });
        expect(answer.body.length).toBeLessThan(20_000);
      });
    });
  });

  describe('connections that can’t be', () => {
    it.each<[string, object, string]>([
      ['a name that is empty', { name: '  ' }, 'name'],
      ['a name of 5,000 letters', { name: 'x'.repeat(5_000) }, 'name'],
      ['a slug with a slash', { slug: 'a/b' }, 'slug'],
      ['a slug of ours', { slug: 'metrics' }, 'slug'],
      ['a slug that is taken', { slug: 'ai' }, 'slug'],
      ['no such vendor', { vendor: 'nobody' }, 'vendor'],
      ['no such service', { service: 'nothing' }, 'service'],
      ['no such region', { region: 'moon' }, 'region'],
      [
        'an upstream with a path',
        { upstream: { ...upstream, host: 'api.example.com/admin' } },
        'upstream.host',
      ],
      ['an upstream with a user', { upstream: { ...upstream, host: 'x@api.example.com' } }, 'upstream.host'],
      ['an upstream of this machine', { upstream: { ...upstream, host: '127.0.0.1' } }, 'upstream.private'],
      ['the same, as IPv6', { upstream: { ...upstream, host: '::ffff:127.0.0.1' } }, 'upstream.private'],
      ['the same, in one number', { upstream: { ...upstream, host: '2130706433' } }, 'upstream.host'],
      [
        'a cloud’s metadata service',
        { upstream: { ...upstream, host: '169.254.169.254' } },
        'upstream.private',
      ],
      ['a credential in clear', { upstream: { ...upstream, scheme: 'http' } }, 'upstream.scheme'],
      ['port 0', { upstream: { ...upstream, port: 0 } }, 'upstream.port'],
      ['a scheme of its own', { upstream: { ...upstream, scheme: 'file' } }, 'upstream.scheme'],
      ['an origin with a path', { origins: ['https://app.example.com/x'] }, 'origins.0'],
      ['any origin', { origins: ['https://app.example.com', '*'] }, 'origins.1'],
      ['a credential of two lines', { credential: 'sk-made\r\nx-other: up' }, 'credential'],
      ['a member that nobody knows', { admin: true }, 'admin'],
      ['a contract that is none', { contract: 'everything' }, 'contract'],
    ])('%s', async (_what, members, field) => {
      await expectNothingChanged(async () => {
        const answer = await api('POST', '/connections', JSON.stringify({ ...connection, ...members }));
        expect([400, 409, 422]).toContain(answer.status);
        expect(named(answer)).toContain(field);
        expect(answer.body).not.toContain('never-kept');
      });
    });
  });

  describe('contracts that can’t be', () => {
    const rules = {
      classes: { 'person.email': { do: 'drop' } },
      otherwise: { do: 'pass' },
      unmapped: { do: 'drop' },
      names: { do: 'pass', allowed: [] },
      properties: {},
    };
    it.each<[string, object, string]>([
      ['no such field class', { classes: { 'person.shoe_size': { do: 'drop' } } }, 'rules.classes'],
      [
        'no such treatment',
        { classes: { 'person.email': { do: 'shred' } } },
        'rules.classes.person.email.do',
      ],
      [
        'a treatment without its kind',
        { classes: { 'network.ip': { do: 'generalise' } } },
        'rules.classes.network.ip.to',
      ],
      ['values of nothing', { otherwise: { do: 'pass', values: [''] } }, 'rules.otherwise.values.0'],
      [
        'a treatment with more than it knows',
        { unmapped: { do: 'drop', later: true } },
        'rules.unmapped.later',
      ],
      ['names without a list', { names: { do: 'pass' } }, 'rules.names.allowed'],
      ['names that are dropped', { names: { do: 'drop', allowed: [] } }, 'rules.names.do'],
      ['a part that is missing', { otherwise: undefined }, 'rules.otherwise'],
      [
        'a property without a class',
        { properties: { plan: { treatment: { do: 'pass' } } } },
        'rules.properties.plan.class',
      ],
    ])('%s', async (_what, members, field) => {
      await expectNothingChanged(async () => {
        const body = JSON.stringify({ rules: { ...rules, ...members }, basedOn: 1 });
        const answer = await api('PUT', `/connections/${house().connections.events}/contract`, body);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(
          named(answer).some((name) => name.startsWith(field)),
          answer.body,
        ).toBe(true);
      });
    });

    it('one that was changed meanwhile', async () => {
      await expectNothingChanged(async () => {
        const path = `/connections/${house().connections.events}/contract`;
        const stale = await api('PUT', path, JSON.stringify({ rules, basedOn: 99 }));
        expect([409, 412]).toContain(stale.status);
        const match = await api('PUT', path, JSON.stringify({ rules, basedOn: 1 }), { 'if-match': '"99"' });
        expect(match.status).toBe(412);
      });
    });
  });

  describe('journals that no gateway wrote', () => {
    it('are taken from nobody, and from a gateway only whole', async () => {
      const gatewayToken = await token('gateway-1');
      const post = (body: string | Buffer, authorization: string) =>
        send(`${house().drawbridge.apiUrl}/fleet/v1/journal`, {
          headers: {
            authorization,
            'content-type': 'application/vnd.drawbridge.journal',
            'x-drawbridge-origin': 'gateway.drawbridge/gateway-1/made-up',
          },
          body,
        });
      await expectNothingChanged(async () => {
        expect((await post('{}', '')).status).toBe(401);
        expect((await post('{}', 'Bearer dbg_made-up')).status).toBe(401);
        expect((await post('{}', `Bearer ${await token('running')}`)).status).toBe(401);
        const bodies = [
          '',
          '{}',
          Buffer.alloc(100_000, 0xff),
          Buffer.alloc(100_000),
          Buffer.from('DBJ1'),
          'made up\n'.repeat(9),
        ];
        for (const body of bodies) {
          const answer = await post(body, `Bearer ${gatewayToken}`);
          expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
        }
        expect((await post(Buffer.alloc(17 * 1024 * 1024), `Bearer ${gatewayToken}`)).status).toBe(413);
      });
    });
  });
}
