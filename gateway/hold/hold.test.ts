import type { Leaf, LogEntry, Route, Settlement } from '@drawbridge/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { type RoutedGateway, startRouted } from '../route/testing.ts';
import { policySet } from '../testing/deployment.ts';
import { startTestGateway, type TestGatewayOptions } from '../testing/gateway.ts';
import { send } from '../testing/send.ts';
import { analyticsService } from '../testing/services.ts';
import type { Answer } from '../testing/standin.ts';
import { Disks, heldService, holding } from './testing.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const takes: Answer = (_request, response) => void response.end('1');
const NOW = Date.UTC(2025, 10, 9, 12);

interface Event {
  event: string;
  properties: Record<string, unknown>;
}

async function start(
  answer: Answer = takes,
  route: Partial<Route> = holding(),
  options: TestGatewayOptions & { disks?: Disks } = {},
): Promise<RoutedGateway & { disks: Disks }> {
  const { disks = new Disks(), ...rest } = options;
  const gateway = await startRouted(
    [{ slug: 'a', service: heldService, answer, contract: analyticsService.contracts.recommended }],
    { slug: 'kept', ...route },
    { holds: (deployment) => disks.holds(deployment), ...rest },
  );
  closing.push(() => gateway.end());
  return { ...gateway, disks };
}

const eventsOf = (gateway: RoutedGateway): Event[] =>
  (gateway.vendors[0]?.received ?? []).flatMap(({ body }) => JSON.parse(body.toString()) as Event[]);

function track(gateway: RoutedGateway, events: Partial<Event>[], query = '') {
  const body = events.map(({ event = 'Seen', properties }) => ({
    event,
    properties: { token: gateway.key, distinct_id: 'ada@example.test', time: NOW, ...properties },
  }));
  return send(gateway.port, `/kept/track${query}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function sever(gateway: RoutedGateway, state: 'open' | 'severed' = 'severed'): Promise<void> {
  for (const each of gateway.deployment.connections) if (each.slug === 'a') each.state = state;
  await gateway.apply();
}

const waits = async (gateway: RoutedGateway) =>
  Number(
    /drawbridge_held_requests\{connection="conn-a"\} (\d+)/.exec(await gateway.worker.metrics.text())?.[1] ??
      0,
  );
const leaves = (entries: readonly LogEntry[]) =>
  entries.filter((one): one is Leaf => one.type === 'crossing');
const ends = (entries: readonly LogEntry[]) =>
  entries.filter((one): one is Settlement => one.type === 'settlement');

describe('while a vendor is severed', () => {
  test('events are kept, the client hears what the vendor says, and they go out once it is open', async () => {
    const gateway = await start();
    await sever(gateway);
    const answer = await track(gateway, [{}, {}]);
    expect([answer.status, answer.body, answer.headers['x-drawbridge-held']]).toEqual([200, '1', 'held']);
    expect((await track(gateway, [{}, {}, {}], '?verbose=1')).body).toBe('{"status":3}');
    expect(await waits(gateway)).toBe(2);
    expect(leaves(await gateway.entries())).toEqual([]);
    expect(gateway.vendors[0]?.received).toHaveLength(0);
    await sever(gateway, 'open');
    await expect.poll(() => eventsOf(gateway).length).toBe(5);
    const [event] = eventsOf(gateway);
    expect(event?.properties.token).toBe('credential-of-a');
    expect(event?.properties.distinct_id).not.toContain('ada');
    await expect.poll(() => waits(gateway)).toBe(0);
    const entries = await gateway.entries();
    const told = answer.headers['x-drawbridge-crossing'];
    expect(leaves(entries)[0]).toMatchObject({
      decision: 'forwarded',
      route: { id: 'route-1', try: 1, first: told },
      fields: expect.arrayContaining([['person.id', 'pseudonymise', 2]]),
      items: 1,
    });
    expect(ends(entries)[0]).toMatchObject({ outcome: 'answered', status: 200 });
  });

  test('a pseudonym is the same whether an event was kept or not', async () => {
    const gateway = await start();
    await track(gateway, [{}]);
    await sever(gateway);
    await track(gateway, [{}]);
    await sever(gateway, 'open');
    await expect.poll(() => eventsOf(gateway).length).toBe(2);
    const [live, kept] = eventsOf(gateway).map(({ properties }) => properties.distinct_id);
    expect(kept).toBe(live);
  });

  test('what comes while others wait, waits behind them', async () => {
    const answers: (() => void)[] = [];
    const gateway = await start((_request, response) => void answers.push(() => response.end('1')));
    await sever(gateway);
    await track(gateway, [{ event: '1' }]);
    await sever(gateway, 'open');
    await expect.poll(() => answers.length).toBe(1);
    expect((await track(gateway, [{ event: '2' }])).headers['x-drawbridge-held']).toBe('held');
    expect(eventsOf(gateway)).toHaveLength(1);
    answers[0]?.();
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.();
    await expect.poll(() => waits(gateway)).toBe(0);
  });

  test('a key that may not, and events that are no JSON, are refused as ever', async () => {
    const gateway = await start();
    await sever(gateway);
    const bad = await send(gateway.port, '/kept/track', {
      body: '[{"properties":{"token":"dbk_nobody"}}]',
    });
    expect(bad.status).toBe(401);
    expect((await send(gateway.port, '/kept/track', { body: '{nope' })).status).toBe(400);
    expect(await waits(gateway)).toBe(0);
  });

  test('no more is kept than the route lets; the rest is refused, and stays with the app', async () => {
    const gateway = await start(takes, holding({ bytes: 1_000_000 }));
    await sever(gateway);
    const large = { properties: { note: 'x'.repeat(400_000), time: NOW } };
    const lax = gateway.deployment.connections.find(({ slug }) => slug === 'a');
    if (lax !== undefined)
      lax.contract = { ...lax.contract, version: 2, rules: analyticsService.contracts.as_is };
    await gateway.apply();
    expect((await track(gateway, [large])).status).toBe(200);
    expect((await track(gateway, [large])).status).toBe(200);
    const full = await track(gateway, [large]);
    expect([full.status, JSON.parse(full.body).code]).toEqual([503, 'hold_full']);
  });

  test('a full disk refuses, and loses nothing of what was acknowledged', async () => {
    const gateway = await start();
    await sever(gateway);
    expect((await track(gateway, [{ event: 'kept' }])).status).toBe(200);
    gateway.disks.isFull = true;
    const refused = await track(gateway, [{ event: 'refused' }]);
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([503, 'hold_unavailable']);
    gateway.disks.isFull = false;
    await expect.poll(async () => (await track(gateway, [{ event: 'later' }])).status).toBe(200);
    await sever(gateway, 'open');
    await expect.poll(() => waits(gateway)).toBe(0);
    expect(eventsOf(gateway)).toHaveLength(2);
  });

  test('after so many days it is given up', async () => {
    let now = NOW;
    const gateway = await start(takes, holding({ days: 1 }), { clock: () => now });
    await sever(gateway);
    await track(gateway, [{}]);
    now += 86_400_001;
    await gateway.apply();
    await expect.poll(() => waits(gateway)).toBe(0);
    await sever(gateway, 'open');
    expect(gateway.vendors[0]?.received).toHaveLength(0);
    expect(await gateway.worker.metrics.text()).toContain('how="expired"} 1');
  });

  test('drop: taken, forgotten, and on the record as that', async () => {
    const gateway = await start(takes, { one_way: { do: 'drop' } });
    await sever(gateway);
    const answer = await track(gateway, [{}]);
    expect([answer.status, answer.headers['x-drawbridge-held']]).toEqual([200, 'dropped']);
    await sever(gateway, 'open');
    expect((await track(gateway, [{}])).headers['x-drawbridge-held']).toBeUndefined();
    expect(eventsOf(gateway)).toHaveLength(1);
    expect(leaves(await gateway.entries())[0]).toMatchObject({
      decision: 'refused',
      reason: 'route_dropped',
    });
  });

  test('refuse, where the route says nothing', async () => {
    const gateway = await start(takes, {});
    await sever(gateway);
    expect((await track(gateway, [{}])).status).toBe(503);
  });
});

describe('while a vendor is down', () => {
  test.each([
    ['503', (_request, response) => void response.writeHead(503).end()],
    ['500', (_request, response) => void response.writeHead(500).end()],
    ['429', (_request, response) => void response.writeHead(429).end()],
    ['a broken connection', (request) => void request.socket.destroy()],
  ] satisfies [string, Answer][])('%s: events are kept, and sent until it takes them', async (_, fails) => {
    let isWell = false;
    const gateway = await start((...given) => (isWell ? takes : fails)(...given), {
      ...holding(),
      breaker: { failures: 1000, open_ms: 100 },
    });
    expect((await track(gateway, [{}])).headers['x-drawbridge-held']).toBe('held');
    isWell = true;
    await expect.poll(() => waits(gateway), { timeout: 10_000 }).toBe(0);
    const ids = new Set(
      eventsOf(gateway)
        .slice(1)
        .map(({ properties }) => properties.$insert_id),
    );
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a vendor that says no to an event for good gets it no more', async () => {
    const gateway = await start((_request, response) => void response.writeHead(400).end());
    await sever(gateway);
    await track(gateway, [{}]);
    await sever(gateway, 'open');
    await expect.poll(() => waits(gateway)).toBe(0);
    expect(gateway.vendors[0]?.received).toHaveLength(1);
    expect(await gateway.worker.metrics.text()).toContain('how="rejected"} 1');
  });

  test.each([
    ['lose', 1],
    ['repeat', 2],
  ] as const)(
    'without ids that the vendor knows events again by, in doubt the route may %s',
    async (inDoubt, times) => {
      let calls = 0;
      const gateway = await start(
        (request, response) => {
          calls += 1;
          if (calls === 1) request.socket.destroy();
          else response.end('1');
        },
        holding({ in_doubt: inDoubt }),
      );
      await sever(gateway);
      await track(gateway, [{ properties: { time: undefined } }]);
      await sever(gateway, 'open');
      await expect.poll(() => waits(gateway), { timeout: 10_000 }).toBe(0);
      expect(gateway.vendors[0]?.received).toHaveLength(times);
    },
  );

  test('to lose rather than to repeat, what may have arrived is not kept: the app hears it', async () => {
    const gateway = await start((request) => void request.socket.destroy(), holding({ in_doubt: 'lose' }));
    const answer = await track(gateway, [{ properties: { time: undefined } }]);
    expect(answer.status).toBe(502);
    expect(await waits(gateway)).toBe(0);
  });
});

describe('a contract that changed meanwhile', () => {
  const change = async (gateway: RoutedGateway, classes: object): Promise<void> => {
    const one = gateway.deployment.connections.find(({ slug }) => slug === 'a');
    if (one === undefined) throw new Error('it is there');
    const rules = { ...one.contract.rules, classes: { ...one.contract.rules.classes, ...classes } };
    one.contract = { ...one.contract, version: one.contract.version + 1, rules };
    await gateway.apply();
  };

  test('what is stricter by now is done, and what was done is not done twice', async () => {
    const gateway = await start();
    await track(gateway, [{}]);
    await sever(gateway);
    await track(gateway, [{}]);
    await change(gateway, { 'event.time': { do: 'drop' } });
    await sever(gateway, 'open');
    await expect.poll(() => eventsOf(gateway).length).toBe(2);
    const [before, after] = eventsOf(gateway);
    expect(before?.properties).toHaveProperty('time');
    expect(after?.properties).not.toHaveProperty('time');
    expect(after?.properties.distinct_id).toBe(before?.properties.distinct_id);
    expect(leaves(await gateway.entries())[1]).toMatchObject({
      contract: { version: 2 },
      fields: expect.arrayContaining([['event.time', 'drop', 1]]),
    });
  });

  test('a class that was severed meanwhile is taken out, in every mode and within one version', async () => {
    const gateway = await start();
    await sever(gateway);
    await track(gateway, [{}]);
    const one = gateway.deployment.connections.find(({ slug }) => slug === 'a');
    if (one === undefined) throw new Error('it is there');
    one.severed_classes = ['event.time'];
    one.mode = 'observe';
    const { rules } = one.contract;
    const classes = { ...rules.classes, 'event.time': { do: 'drop' as const } };
    one.contract = { ...one.contract, rules: { ...rules, classes } };
    await sever(gateway, 'open');
    await expect.poll(() => eventsOf(gateway).length).toBe(1);
    expect(eventsOf(gateway)[0]?.properties).not.toHaveProperty('time');
  });

  test('what a policy forbids by now is given up, on the record', async () => {
    const gateway = await start();
    await sever(gateway);
    await track(gateway, [{}]);
    gateway.deployment.given.policies = policySet({ none: 'forbid (principal, action, resource);' });
    await sever(gateway, 'open');
    await expect.poll(() => waits(gateway)).toBe(0);
    expect(gateway.vendors[0]?.received).toHaveLength(0);
    expect(leaves(await gateway.entries())).toMatchObject([{ decision: 'refused', reason: 'policy_denied' }]);
  });

  test('what is laxer by now stays as it was stored', async () => {
    const gateway = await start();
    await sever(gateway);
    await track(gateway, [{}]);
    await change(gateway, { 'person.id': { do: 'pass' } });
    await sever(gateway, 'open');
    await expect.poll(() => eventsOf(gateway).length).toBe(1);
    expect(eventsOf(gateway)[0]?.properties.distinct_id).not.toContain('ada');
  });

  test('what it refuses by now is given up, on the record', async () => {
    const gateway = await start();
    await sever(gateway);
    await track(gateway, [{}]);
    await change(gateway, { 'person.id': { do: 'refuse' } });
    await sever(gateway, 'open');
    await expect.poll(() => waits(gateway)).toBe(0);
    expect(gateway.vendors[0]?.received).toHaveLength(0);
    expect(leaves(await gateway.entries())).toMatchObject([
      { decision: 'refused', reason: 'field_refused', items: 0 },
    ]);
  });
});

describe('order and crashes', () => {
  test('of one subject events go out in the order in which they came, whatever fails', async () => {
    const sequence = new Map<string, number[]>();
    const gateway = await start(
      (_request, response, body) => {
        if (Math.random() < 0.3) {
          response.writeHead(503).end();
          return;
        }
        for (const { properties } of JSON.parse(body.toString()) as Event[]) {
          const who = String(properties.distinct_id);
          sequence.set(who, [...(sequence.get(who) ?? []), Number(properties.time)]);
        }
        setTimeout(() => response.end('1'), Math.random() * 10);
      },
      holding(),
      { monotonic: () => performance.now() * 100 },
    );
    await sever(gateway);
    for (let n = 0; n < 60; n++)
      await track(gateway, [{ properties: { distinct_id: `person-${n % 5}`, time: n } }]);
    await sever(gateway, 'open');
    await expect.poll(() => waits(gateway), { timeout: 20_000 }).toBe(0);
    expect(sequence.size).toBe(5);
    for (const times of sequence.values()) expect(times).toEqual([...times].sort((a, b) => a - b));
    expect([...sequence.values()].flat()).toHaveLength(60);
  }, 30_000);

  test.each(['power', 'kill'] as const)('after a %s cut all that was acknowledged goes out', async (how) => {
    const disks = new Disks();
    const first = await start(takes, holding(), { disks });
    await sever(first);
    for (let n = 0; n < 20; n++) expect((await track(first, [{ properties: { time: n } }])).status).toBe(200);
    disks.restart(how);
    const { deployment } = first;
    for (const each of deployment.connections) if (each.slug === 'a') each.state = 'open';
    const second = await startTestGateway({ deployment, holds: (made) => disks.holds(made) });
    closing.push(() => second.close());
    await expect.poll(() => eventsOf(first).length, { timeout: 10_000 }).toBe(20);
    expect(eventsOf(first).map(({ properties }) => properties.time)).toEqual([...Array(20).keys()]);
  });

  test.each([
    ['lose', 1],
    ['repeat', 2],
  ] as const)('what was on its way when the process was killed: the route may %s', async (inDoubt, times) => {
    const disks = new Disks();
    let isSilent = true;
    const answer: Answer = (_request, response) => void (isSilent || response.end('1'));
    const first = await start(answer, holding({ in_doubt: inDoubt }), { disks });
    await sever(first);
    await track(first, [{ properties: { time: undefined } }]);
    await sever(first, 'open');
    await expect.poll(() => first.vendors[0]?.received.length).toBe(1);
    disks.restart('power');
    isSilent = false;
    const { deployment } = first;
    const second = await startTestGateway({ deployment, holds: (made) => disks.holds(made) });
    closing.push(() => second.close());
    const waiting = async () =>
      /drawbridge_held_requests\{connection="conn-a"\} 0/.test(await second.worker.metrics.text());
    await expect.poll(waiting, { timeout: 10_000 }).toBe(true);
    expect(first.vendors[0]?.received).toHaveLength(times);
  });
});
