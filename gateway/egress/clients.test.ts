import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, ProxyAgent, request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { certificate } from '../testing/certificate.ts';
import { startTestEgress, startTlsOrigin } from '../testing/egress.ts';
import { startStandIn } from '../testing/standin.ts';

/** What people really use, unchanged, with the lines that the docs give. */

const run = promisify(execFile);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HOST = 'vendor.example.test';

async function setUp() {
  const origin = await startTlsOrigin((asked, response) =>
    response.end(`${asked.method} ${asked.url} over TLS`),
  );
  const plain = await startStandIn((asked, response, body) =>
    response.end(`${asked.method} ${asked.url} ${body}`),
  );
  const egress = await startTestEgress({
    rules: {
      allow: { vendors: [], hosts: [HOST], countries: [] },
      ports: { connect: [origin.port], http: [plain.port] },
      sni: true,
    },
    names: { [HOST]: ['127.0.0.1'], 'other.example.test': ['127.0.0.1'] },
  });
  const dir = await mkdtemp(join(tmpdir(), 'drawbridge-egress-'));
  closing.push(
    () => origin.close(),
    () => plain.close(),
    () => egress.close(),
    () => rm(dir, { recursive: true }),
  );
  const ca = join(dir, 'ca.pem');
  await writeFile(ca, certificate.cert);
  return {
    egress,
    plain,
    ca,
    proxy: `http://app:${egress.key}@127.0.0.1:${egress.port}`,
    secure: `https://${HOST}:${origin.port}`,
    clear: `http://${HOST}:${plain.port}`,
    forbidden: `https://other.example.test:${origin.port}`,
  };
}

/** What was recorded of a crossing through the proxy, in the order of the journal. */
async function told(egress: Awaited<ReturnType<typeof startTestEgress>>) {
  await expect
    .poll(async () => {
      const entries = await egress.entries();
      return (
        entries.filter(({ type }) => type === 'settlement').length ===
        entries.filter(({ type }) => type === 'crossing').length
      );
    })
    .toBe(true);
  const entries = await egress.entries();
  return entries.flatMap((leaf) => {
    if (leaf.type !== 'crossing') return [];
    const end = entries.find((entry) => entry.type === 'settlement' && entry.crossing === leaf.id);
    return end?.type === 'settlement' ? [{ leaf, end }] : [];
  });
}

describe('undici', () => {
  test('ProxyAgent: TLS through CONNECT, and the reason where it is refused', async () => {
    const { egress, proxy, secure, forbidden } = await setUp();
    const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: certificate.cert } });
    closing.push(() => dispatcher.destroy());
    const answer = await request(`${secure}/v1/x?secret=1`, { dispatcher });
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'GET /v1/x?secret=1 over TLS']);
    await expect(request(forbidden, { dispatcher })).rejects.toThrow(/403/);
    await dispatcher.close();
    const [first, second] = await told(egress);
    expect(first?.leaf).toMatchObject({
      decision: 'forwarded',
      vendor: '@unknown',
      egress: { host: HOST, would: null },
    });
    expect(first?.end).toMatchObject({ outcome: 'answered', egress: { sni: 'same' } });
    expect(first?.end.remote).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(first?.end.egress?.sent).toBeGreaterThan(200);
    expect(first?.end.bytes.response).toBeGreaterThan(200);
    expect(JSON.stringify(first)).not.toContain('secret');
    expect(second?.leaf).toMatchObject({ decision: 'refused', reason: 'egress_not_listed' });
    expect(second?.end).toMatchObject({ outcome: 'not_sent', egress: { ended: 'none', sent: 0 } });
  });

  test('EnvHttpProxyAgent: both schemes, from the usual variables', async () => {
    const { proxy, secure, clear, egress } = await setUp();
    const dispatcher = new EnvHttpProxyAgent({
      httpProxy: proxy,
      httpsProxy: proxy,
      noProxy: '',
      requestTls: { ca: certificate.cert },
    });
    closing.push(() => dispatcher.destroy());
    const answers = await Promise.all([secure, clear].map((url) => request(url, { dispatcher })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    await Promise.all(answers.map(({ body }) => body.dump()));
    await dispatcher.close();
    const ports = (await told(egress)).map(({ leaf }) => leaf.egress?.port);
    expect(new Set(ports).size).toBe(2);
  });
});

describe('curl', { skip: spawnSync('curl', ['--version']).status !== 0 && !process.env.CI }, () => {
  test('TLS, plain HTTP with a body, and what it is told when it is refused', async () => {
    const { proxy, secure, clear, forbidden, ca, egress } = await setUp();
    const curl = (...args: string[]) =>
      run('curl', ['-sS', '--max-time', '10', '--proxy', proxy, '--cacert', ca, ...args]).then(
        ({ stdout }) => stdout,
        (error: { stderr: string; stdout: string }) => error.stdout + error.stderr,
      );
    expect(await curl(`${secure}/a`)).toBe('GET /a over TLS');
    expect(await curl('-d', 'made=up', `${clear}/b`)).toBe('POST /b made=up');
    expect(await curl(forbidden)).toContain('403');
    expect(await curl('-H', 'Transfer-Encoding: chunked', '-d', 'x'.repeat(100_000), `${clear}/c`)).toBe(
      `POST /c ${'x'.repeat(100_000)}`,
    );
    const stranger = await run('curl', ['-sS', '--proxy', `http://127.0.0.1:${egress.port}`, clear]);
    expect(JSON.parse(stranger.stdout)).toMatchObject({ status: 407, code: 'key_missing' });
    const [, post] = await told(egress);
    expect(post?.leaf).toMatchObject({ method: 'POST', endpoint: 'http' });
    expect(post?.end).toMatchObject({ status: 200, outcome: 'answered' });
  });
});

const PYTHON = `
import ssl, sys, urllib.request, urllib.error
context = ssl.create_default_context(cafile=sys.argv[1])
opener = urllib.request.build_opener(urllib.request.ProxyHandler(), urllib.request.HTTPSHandler(context=context))
for url in sys.argv[2:]:
    try:
        print(opener.open(url, timeout=10).read().decode())
    except urllib.error.HTTPError as error:
        print(error.code, error.headers['x-drawbridge-refusal'])
    except OSError as error:
        print(error)
`;

describe('python', { skip: spawnSync('python3', ['--version']).status !== 0 && !process.env.CI }, () => {
  test('urllib takes the proxy from the environment: TLS, plain, refused', async () => {
    const { proxy, secure, clear, forbidden, ca } = await setUp();
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, https_proxy: proxy, http_proxy: proxy };
    const urls = [`${secure}/p`, `${clear}/q`, forbidden, `${clear.replace(HOST, 'other.example.test')}/r`];
    const { stdout } = await run('python3', ['-c', PYTHON, ca, ...urls], { env });
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe('GET /p over TLS');
    expect(lines[1]).toBe('GET /q ');
    expect(lines[2]).toContain('403');
    expect(lines[3]).toBe('403 egress_not_listed');
  });
});
