import { afterEach, expect, test } from 'vitest';
import { policySet } from '../testing/deployment.ts';
import { startTestGateway } from '../testing/gateway.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import { startStandIn } from '../testing/standin.ts';
import { regionProblem } from './region.ts';

/** What a developer, the vendor and the journal see where a connection has to be somewhere. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start() {
  const vendor = await startStandIn((_request, response) => answerJson(response, { id: 'x', choices: [] }));
  closing.push(vendor.close);
  const gateway = await startTestGateway({ ai: vendor.port });
  closing.push(gateway.close);
  const connection = gateway.deployment.connections.find(({ slug }) => slug === 'ai');
  if (connection === undefined) throw new Error('no connection');
  const apply = async () => gateway.worker.apply(await gateway.deployment.snapshot());
  const ask = () =>
    send(gateway.port, '/ai/v1/chat/completions', {
      headers: bearer(gateway.key),
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello?' }] }),
    });
  const leaves = async () => (await gateway.entries()).filter((entry) => entry.type === 'crossing');
  return { gateway, vendor, connection, apply, ask, leaves };
}
const demanded = { demands: 'EU', place: 'US', within: false } as const;

test('a host in the United States is refused where the European Union is demanded, and the host there is named', async () => {
  const { vendor, connection, apply, ask, leaves } = await start();
  connection.residency = { ...demanded, instead: { host: 'eu.api.ai.test', place: 'EU' } };
  await apply();
  const answer = await ask();
  expect(answer.status).toBe(403);
  const text = answer.body;
  for (const part of ['has to be in EU', 'is in US', 'nothing was sent', 'eu.api.ai.test'])
    expect(text).toContain(part);
  expect(vendor.received).toHaveLength(0);
  expect(await leaves()).toMatchObject([
    { decision: 'refused', reason: 'region_not_allowed', stage: 'authorise' },
  ]);
});

test('a host within crosses, and one of which nothing is known does not', async () => {
  const { vendor, connection, apply, ask } = await start();
  connection.residency = { demands: 'EU', place: 'UNKNOWN', within: false };
  await apply();
  const answer = await ask();
  expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('nothing shows where')]);
  connection.residency = { demands: 'EU', place: 'DE', within: true };
  await apply();
  expect((await ask()).status).toBe(200);
  expect(vendor.received).toHaveLength(1);
});

test('where policies are lifted it crosses, and the record says what would have been', async () => {
  const { connection, apply, ask, leaves } = await start();
  connection.residency = demanded;
  connection.mode = 'observe';
  await apply();
  expect((await ask()).status).toBe(200);
  expect(await leaves()).toMatchObject([{ decision: 'forwarded', would: { reason: 'region_not_allowed' } }]);
});

test('policies read the jurisdiction of the host, not of the region that a connection is named after', async () => {
  const { gateway, connection, apply, ask } = await start();
  gateway.deployment.given.policies = policySet({
    eu: 'forbid (principal, action == Action::"cross", resource) when { resource.jurisdiction != "EU" };',
  });
  const { services } = await gateway.deployment.snapshot();
  const regions = services.find(({ service }) => service.id === connection.service)?.service.regions;
  if (regions === undefined) throw new Error('no service');
  const [first] = regions;
  if (first === undefined) throw new Error('no region');
  const { host, jurisdiction, id } = first;
  try {
    // The connection says "eu" and goes to the host of the United States.
    connection.region = 'eu';
    regions.splice(0, 1, { ...first, id: 'eu', jurisdiction: 'EU' });
    regions.push({ ...first, id: 'us', host: connection.upstream.host, jurisdiction: 'US' });
    await apply();
    expect((await ask()).status).toBe(403);
    regions.pop();
    await apply();
    expect((await ask()).status).toBe(200);
  } finally {
    regions.splice(0, regions.length, { ...first, host, jurisdiction, id });
  }
});

test('nothing is demanded: no problem', async () => {
  const { connection } = await start();
  expect(regionProblem(connection, 'AI')).toBeNull();
});
