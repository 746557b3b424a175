import { startOpenaiStandin } from '@drawbridge/standins';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** A connection is held to a region, with the real gateway and control plane. All data is made up. */
let drawbridge: TestDeployment;
let openai: Awaited<ReturnType<typeof startOpenaiStandin>>;
beforeAll(async () => {
  [drawbridge, openai] = await Promise.all([
    testDeployment(),
    startOpenaiStandin({ validKeys: ['sk-made-up-real-credential'] }),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([drawbridge.remove(), openai.stop()]);
});

const reason = 'a test';

test('a contract says EU and the host is not known to be there: nothing crosses, and the host there is named', async () => {
  const { id: connection } = await drawbridge.call<{ id: string }>('POST', '/connections', {
    name: 'AI',
    slug: 'ai',
    vendor: 'openai',
    service: 'api',
    region: 'global',
    upstream: { scheme: 'http', host: openai.host, port: openai.port, private: true },
    contract: 'as_is',
    credential: 'sk-made-up-real-credential',
    reason,
  });
  const { id: app } = await drawbridge.call<{ id: string }>('POST', '/apps', {
    name: 'Assistant',
    owner: 'platform team',
    reason,
  });
  const { key } = await drawbridge.call<{ key: string }>('POST', `/apps/${app}/keys`, {
    kind: 'secret',
    connections: [connection],
    reason,
  });
  const client = new OpenAI({ apiKey: key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 });
  const ask = () =>
    client.models.list().then(
      () => ({ code: 'crossed', message: '' }),
      (error: { code?: string; message: string }) => ({ code: error.code ?? '', message: error.message }),
    );
  await expect.poll(async () => (await ask()).code, { timeout: 15_000 }).toBe('crossed');

  interface Demand {
    met: boolean;
    says: string;
    instead: { host: string; place: string } | null;
  }
  const demand = await drawbridge.call<Demand>('PUT', `/residency/demands/${connection}`, {
    place: 'EU',
    reason,
  });
  expect(demand).toMatchObject({ met: false, instead: { host: 'eu.api.openai.com', place: 'EU' } });
  await expect.poll(async () => (await ask()).code, { timeout: 15_000 }).toBe('region_not_allowed');
  const { message } = await ask();
  expect(message).toContain('has to be in EU');
  expect(message).toContain('eu.api.openai.com');

  // What crossed before was seen at an address of our own, which proves nothing of the vendor.
  interface Where {
    seen: { host: string | null; found: { place: string }; crossings: number }[];
  }
  const where = () => drawbridge.call<Where>('GET', '/residency/vendors/openai');
  await expect.poll(async () => (await where()).seen.length, { timeout: 15_000 }).toBe(1);
  expect((await where()).seen).toMatchObject([{ host: openai.host, found: { place: 'UNKNOWN' } }]);
}, 120_000);
