import { connect } from 'node:net';
import { type Leaf, SnapshotSchema } from '@drawbridge/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { policySet } from './testing/deployment.ts';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { aiService } from './testing/services.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** The whole worker in each mode. People are made up. */

const strict = {
  ...aiService.contracts.as_is,
  classes: { 'person.id': { do: 'refuse' as const }, 'content.prompt': { do: 'drop' as const } },
};
const body = JSON.stringify({
  model: 'm',
  messages: [{ role: 'user', content: 'made up' }],
  user: 'anna@example.com',
});
const HOUR = 3_600_000;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function start(options: TestGatewayOptions): Promise<{ gateway: StartedGateway; vendor: StandIn }> {
  const vendor = await startStandIn((_request, response) => answerJson(response, { ok: true }));
  open.push(vendor.close);
  const gateway = await startTestGateway({ ai: vendor.port, contract: strict, ...options });
  open.unshift(gateway.close);
  return { gateway, vendor };
}

const chat = (gateway: StartedGateway, text = body) =>
  send(gateway.port, '/ai/v1/chat/completions', { headers: bearer(gateway.key), body: text });

async function leaves(gateway: StartedGateway): Promise<Leaf[]> {
  return (await gateway.entries()).filter((entry): entry is Leaf => entry.type === 'crossing');
}

describe('a snapshot from before there were modes', () => {
  it('is read, and enforced', async () => {
    const { gateway, vendor } = await start({});
    const { connections } = SnapshotSchema.parse(await gateway.deployment.snapshot());
    expect(connections[0]).not.toHaveProperty('mode');
    expect((await chat(gateway)).status).toBe(403);
    expect(vendor.received).toEqual([]);
    const [leaf] = await leaves(gateway);
    expect(leaf).toMatchObject({ decision: 'refused', reason: 'field_refused' });
    expect(leaf).not.toHaveProperty('mode');
    expect(leaf).not.toHaveProperty('would');
  });
});

describe('observe', () => {
  it('sends what the app sent with the credential put in, and records what would have been done', async () => {
    const { gateway, vendor } = await start({ mode: 'observe' });
    expect((await chat(gateway)).status).toBe(200);
    expect(vendor.received[0]?.body.toString()).toBe(body);
    expect(vendor.received[0]?.headers).toContain('Bearer made-up-vendor-credential');
    const [leaf] = await leaves(gateway);
    expect(leaf).toMatchObject({ mode: 'observe', decision: 'forwarded', reason: null });
    expect(leaf?.fields.every(([, treatment]) => treatment === 'pass')).toBe(true);
    expect(leaf?.would).toEqual({
      fields: expect.arrayContaining([
        ['person.id', 'refuse', 1],
        ['content.prompt', 'drop', 1],
      ]),
      reason: 'field_refused',
    });
  });

  it('puts the credential into base64 in a form, and leaves the rest of form, query and method alone', async () => {
    const vendor = await startStandIn((_request, response) => answerJson(response, 1));
    open.push(vendor.close);
    const gateway = await startTestGateway({ events: vendor.port, mode: 'observe', contract: 'recommended' });
    open.unshift(gateway.close);
    const event = (token: string) =>
      JSON.stringify([
        { event: 'Opened', properties: { token, distinct_id: 'anna@example.com', made: 'up' } },
      ]);
    const form = (token: string) =>
      `verbose=1&data=${encodeURIComponent(Buffer.from(event(token)).toString('base64'))}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-made-up': 'kept' };
    await send(gateway.port, '/events/track?ip=1&x=%41', { headers, body: form(gateway.key) });
    await send(gateway.port, `/events/track?${form(gateway.key)}`, { method: 'GET' });
    const [posted, got] = vendor.received;
    expect(posted?.body.toString()).toBe(form('made-up-vendor-credential'));
    expect(posted?.url).toBe('/track?ip=1&x=%41');
    expect(posted?.headers).toContain('kept');
    expect([got?.method, got?.url]).toEqual(['GET', `/track?${form('made-up-vendor-credential')}`]);
    const [leaf] = await leaves(gateway);
    expect(leaf?.fields).toContainEqual(['person.id', 'pass', 1]);
    expect(leaf?.would?.fields).toContainEqual(['person.id', 'pseudonymise', 1]);
  });

  it('passes a body on that it can’t read, and refuses what a key may not do', async () => {
    const { gateway, vendor } = await start({ mode: 'observe' });
    expect((await chat(gateway, '{"model":')).status).toBe(200);
    expect(vendor.received[0]?.body.toString()).toBe('{"model":');
    const wrong = await send(gateway.port, '/ai/v1/unknown', { headers: bearer(gateway.key), body });
    expect(wrong.status).toBe(404);
    const limited = gateway.deployment.issue({ connections: ['ai'], classes: ['ingest'] });
    await gateway.worker.apply(await gateway.deployment.snapshot());
    const denied = await send(gateway.port, '/ai/v1/chat/completions', { headers: bearer(limited), body });
    expect(denied.status).toBe(403);
    expect(vendor.received.length).toBe(1);
    const [unread, sighting, refused] = await leaves(gateway);
    expect(unread?.would).toEqual({ fields: [], reason: 'body_unreadable' });
    expect(sighting).toMatchObject({ mode: 'observe', decision: 'refused', reason: 'unknown_endpoint' });
    expect(refused).toMatchObject({ mode: 'observe', decision: 'refused', reason: 'key_not_allowed' });
  });
});

describe('in every mode', () => {
  it.each(['observe', 'minimise', 'enforce'] as const)(
    'a virtual key crosses in no place that is not its own: %s',
    async (mode) => {
      const { gateway, vendor } = await start({ mode, contract: 'as_is' });
      const { key, port } = gateway;
      const headers = {
        ...bearer(key),
        'x-made-up': `a ${key}`,
        referer: `http://x.example.com/?k=${key}`,
        connection: 'keep-alive, x-hop',
        'x-hop': 'of this hop',
      };
      const query = `a=1&b=x${key}&${key}=2&c=${encodeURIComponent(key)}`;
      expect((await send(port, `/ai/v1/chat/completions?${query}`, { headers, body })).status).toBe(200);
      const inPath = await send(port, `/ai/v1/models/x-${key}`, { method: 'GET', headers: bearer(key) });
      expect(inPath.status).toBe(400);
      const received = JSON.stringify(vendor.received);
      expect(vendor.received).toHaveLength(1);
      expect(received).not.toContain(key);
      expect(received).not.toContain('of this hop');
      expect(vendor.received[0]?.url).toBe('/v1/chat/completions?a=1');
      expect(JSON.stringify([await gateway.entries(), gateway.logged])).not.toContain(key);
    },
  );

  it.each(['observe', 'enforce'] as const)(
    'what any of several Connection headers names stays here: %s',
    async (mode) => {
      const { gateway, vendor } = await start({ mode, contract: 'as_is' });
      const socket = connect(gateway.port, '127.0.0.1');
      socket.write(
        'POST /ai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nConnection: user-agent\r\n' +
          `User-Agent: of this hop\r\nAuthorization: Bearer ${gateway.key}\r\nContent-Length: 2\r\n\r\n{}`,
      );
      await expect.poll(() => vendor.received.length).toBe(1);
      socket.destroy();
      expect(vendor.received[0]?.headers).not.toContain('of this hop');
    },
  );
});

describe('minimise', () => {
  it('drops what is refused, and refuses nothing for what it is', async () => {
    const { gateway, vendor } = await start({ mode: 'minimise' });
    expect((await chat(gateway)).status).toBe(200);
    expect(vendor.received[0]?.body.toString()).toBe('{"model":"m","messages":[{"role":"user"}]}');
    const [leaf] = await leaves(gateway);
    expect(leaf).toMatchObject({
      mode: 'minimise',
      would: { fields: [['person.id', 'refuse', 1]], reason: 'field_refused' },
    });
    expect(leaf?.fields).toContainEqual(['person.id', 'drop', 1]);
  });
});

describe('a policy', () => {
  it.each(['observe', 'minimise'] as const)(
    'that denies is noted in %s, and decides on what the contract would let cross',
    async (mode) => {
      const policies = policySet({
        'no-pseudonyms':
          'forbid (principal, action, resource) when { context.treatments.contains("person.id:pseudonymise") };',
      });
      const { gateway, vendor } = await start({ mode, policies, contract: 'recommended' });
      expect((await chat(gateway)).status).toBe(200);
      expect(vendor.received.length).toBe(1);
      const [leaf] = await leaves(gateway);
      expect(leaf).toMatchObject({
        policy: policies.hash,
        decision: 'forwarded',
        decided_by: ['no-pseudonyms'],
        would: { reason: 'policy_denied' },
      });
      const enforcing = await start({ policies, contract: 'recommended' });
      expect((await chat(enforcing.gateway)).status).toBe(403);
      expect(enforcing.vendor.received).toEqual([]);
    },
  );
});

describe('a break-glass', () => {
  it('lifts contract until it ends by the gateway’s own clock, with no other snapshot', async () => {
    let now = 1_790_000_000_000;
    const breakGlass = { id: 'glass-1', until: now + HOUR };
    const { gateway, vendor } = await start({ breakGlass, clock: () => now });
    expect((await chat(gateway)).status).toBe(200);
    expect(vendor.received[0]?.body.toString()).toBe(body);
    now += HOUR - 1;
    expect((await chat(gateway)).status).toBe(200);
    now += 1;
    expect((await chat(gateway)).status).toBe(403);
    expect(vendor.received.length).toBe(2);
    const [first, , last] = await leaves(gateway);
    expect(first).toMatchObject({
      mode: 'break_glass',
      break_glass: 'glass-1',
      would: { reason: 'field_refused' },
    });
    expect(last).toMatchObject({ decision: 'refused', reason: 'field_refused' });
    expect(last).not.toHaveProperty('mode');
  });

  it('goes back to the mode that the connection had', async () => {
    let now = 1_790_000_000_000;
    const breakGlass = { id: 'glass-1', until: now + 1 };
    const { gateway, vendor } = await start({ mode: 'minimise', breakGlass, clock: () => now });
    await chat(gateway);
    now += 1;
    await chat(gateway);
    expect(vendor.received.map((each) => each.body.toString().includes('anna'))).toEqual([true, false]);
  });

  it('and no mode lets a class cross that is cut off from the vendor', async () => {
    const breakGlass = { id: 'glass-1', until: Date.now() + HOUR };
    const { gateway, vendor } = await start({ breakGlass });
    expect((await chat(gateway)).status).toBe(200);
    for (const connection of gateway.deployment.connections) {
      connection.severed_classes = ['person.id'];
    }
    await gateway.worker.apply(await gateway.deployment.snapshot());
    expect((await chat(gateway)).status).toBe(403);
    for (const connection of gateway.deployment.connections) {
      Object.assign(connection, { break_glass: undefined, mode: 'observe' });
    }
    await gateway.worker.apply(await gateway.deployment.snapshot());
    expect((await chat(gateway)).status).toBe(403);
    expect(vendor.received).toHaveLength(1);
  });

  it('opens no severed connection, and lets no secret cross', async () => {
    const until = Date.now() + HOUR;
    const secret = { class: 'secret.api_key' as const, treatment: { do: 'refuse' as const } };
    const contract = { ...strict, properties: { api_key: secret } };
    const { gateway, vendor } = await start({ breakGlass: { id: 'glass-1', until }, contract });
    const withSecret = JSON.stringify({ model: 'm', messages: [], api_key: 'made-up-secret' });
    expect((await chat(gateway, withSecret)).status).toBe(403);
    for (const connection of gateway.deployment.connections) connection.state = 'severed';
    await gateway.worker.apply(await gateway.deployment.snapshot());
    expect((await chat(gateway)).status).toBe(503);
    expect(vendor.received).toEqual([]);
  });
});
