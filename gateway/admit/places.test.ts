import type { AuthPlacement, Service, Snapshot } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { startTestGateway } from '../testing/gateway.ts';
import { answerJson, bearer, type Sent, send } from '../testing/send.ts';
import { aiService, analyticsService } from '../testing/services.ts';
import { startStandIn } from '../testing/standin.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const CREDENTIAL = 'made-up-vendor-credential';
const inQuery: AuthPlacement = { in: 'query', name: 'api_key' };
const inHeader: AuthPlacement = { in: 'header', name: 'x-api-key' };
const inBasic: AuthPlacement = { in: 'basic', part: 'username' };
const inBody: AuthPlacement = { in: 'body', path: 'properties.secret' };

const chat = JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content: 'Hello?' }] });
const json = { 'content-type': 'application/json' };

/** The service with places that its pack learnt: before and after the ones it had. */
function withPlaces(service: Service, first: AuthPlacement, ...last: AuthPlacement[]): Service {
  return { ...service, auth: [first, ...structuredClone(service.auth), ...last] };
}

/** The snapshot after a pack update that gave these places to a service. Credentials stay as they were entered. */
function afterUpdate(
  snapshot: Snapshot,
  id: string,
  ...gained: [AuthPlacement, ...AuthPlacement[]]
): Snapshot {
  return {
    ...snapshot,
    services: snapshot.services.map((each) =>
      each.service.id === id ? { ...each, service: withPlaces(each.service, ...gained) } : each,
    ),
  };
}

async function start() {
  const vendor = await startStandIn((_request, response) => answerJson(response, {}));
  closing.push(() => vendor.close());
  const gateway = await startTestGateway({ ai: vendor.port, events: vendor.port });
  closing.push(() => gateway.close());
  return { vendor, gateway };
}

const codeOf = (answer: Sent): unknown => {
  const { code, error } = JSON.parse(answer.body);
  return code ?? error.code;
};

test('a place that the pack learnt after the credential was entered is refused; the ones before are served', async () => {
  const { vendor, gateway } = await start();
  const { port, key, worker, deployment } = gateway;
  await worker.apply(afterUpdate(await deployment.snapshot(), aiService.id, inQuery, inHeader, inBasic));
  const basic = { ...json, authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
  const elsewhere: [string, Record<string, string>][] = [
    [`?api_key=${key}`, json],
    ['', { ...json, 'x-api-key': key }],
    ['', basic],
    [`?api_key=${key}`, bearer(key)],
    ['', { ...bearer(key), 'x-api-key': key }],
  ];
  for (const [query, headers] of elsewhere) {
    const answer = await send(port, `/ai/v1/chat/completions${query}`, { headers, body: chat });
    expect([query, headers, answer.status, codeOf(answer)]).toEqual([
      query,
      headers,
      503,
      'credential_unusable',
    ]);
    expect(answer.body).toMatch(/entered before the vendor's pack knew this place\. Enter it again/);
    expect(answer.body).not.toContain(key);
  }
  expect(vendor.received).toEqual([]);
  const leaves = (await gateway.entries()).filter((entry) => entry.type === 'crossing');
  expect(leaves).toHaveLength(elsewhere.length);
  for (const leaf of leaves) {
    expect(leaf).toMatchObject({ reason: 'credential_unusable', stage: 'admit' });
  }

  expect((await send(port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat })).status).toBe(
    200,
  );
  expect(vendor.received[0]?.headers).toContain(`Bearer ${CREDENTIAL}`);
});

test('the same places are served where the credential was entered for them', async () => {
  const { vendor, gateway } = await start();
  const { port, worker, deployment } = gateway;
  const service = { ...withPlaces(aiService, inQuery, inHeader), id: 'wide' };
  const upstream = { scheme: 'http' as const, host: '127.0.0.1', port: vendor.port, private: true };
  await deployment.connect({ slug: 'wide', service, upstream });
  const key = deployment.issue({ connections: ['wide'] });
  await worker.apply(await deployment.snapshot());
  await send(port, `/wide/v1/chat/completions?api_key=${key}`, { headers: json, body: chat });
  await send(port, '/wide/v1/chat/completions', { headers: { ...json, 'x-api-key': key }, body: chat });
  expect(vendor.received.map(({ url }) => url)).toEqual([
    `/v1/chat/completions?api_key=${CREDENTIAL}`,
    '/v1/chat/completions',
  ]);
  expect(vendor.received[1]?.headers).toContain(CREDENTIAL);
});

test('a place in the body that was learnt later is refused, also in a record far behind the one with the key', async () => {
  const { vendor, gateway } = await start();
  const { port, key, worker, deployment } = gateway;
  await worker.apply(afterUpdate(await deployment.snapshot(), analyticsService.id, inBody));
  const track = (events: object[]) =>
    send(port, '/events/track', { headers: json, body: JSON.stringify(events) });
  const known = { event: 'Opened', properties: { token: key } };
  const learnt = { event: 'Opened', properties: { secret: key } };
  const long = { event: 'Opened', properties: { token: key, note: 'x'.repeat(100_000) } };
  for (const events of [[learnt], [known, learnt], [long, learnt]]) {
    const answer = await track(events);
    expect([answer.status, codeOf(answer)]).toEqual([503, 'credential_unusable']);
    expect(answer.body).toMatch(/Enter it again/);
  }
  expect(vendor.received).toEqual([]);
  const stages = (await gateway.entries()).flatMap((entry) =>
    entry.type === 'crossing' ? [entry.stage] : [],
  );
  expect(stages).toEqual(['admit', 'admit', 'minimise']);

  expect((await track([known, known])).status).toBe(200);
  expect(vendor.received[0]?.body.toString()).toBe(
    JSON.stringify([known, known]).replaceAll(key, CREDENTIAL),
  );
});

test('a place that the pack no longer has needs no new credential', async () => {
  const { vendor, gateway } = await start();
  const { port, worker, deployment } = gateway;
  const service = { ...withPlaces(aiService, inQuery), id: 'wide' };
  const upstream = { scheme: 'http' as const, host: '127.0.0.1', port: vendor.port, private: true };
  await deployment.connect({ slug: 'wide', service, upstream });
  const key = deployment.issue({ connections: ['wide'] });
  const snapshot = await deployment.snapshot();
  for (const each of snapshot.services) {
    if (each.service.id === 'wide') each.service = { ...each.service, auth: aiService.auth };
  }
  await worker.apply(snapshot);
  const ask = (path: string, headers: Record<string, string>) =>
    send(port, `/wide/v1/chat/completions${path}`, { headers, body: chat });
  expect((await ask('', bearer(key))).status).toBe(200);
  expect(codeOf(await ask(`?api_key=${key}`, json))).toBe('key_missing');
  expect(vendor.received).toHaveLength(1);
});
