import { afterEach, describe, expect, test } from 'vitest';
import {
  ask,
  closeAll,
  closing,
  HOST,
  leaves,
  open,
  pairs,
  refusalOf,
  settled,
  setUp,
} from '../testing/egress-client.ts';
import { startStandIn } from '../testing/standin.ts';

afterEach(closeAll);

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
