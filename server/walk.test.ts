import { createRequire } from 'node:module';
import { startMixpanelStandin, startOpenaiStandin } from '@drawbridge/standins';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** The first whole walk: unmodified SDKs, the real gateway and control plane, vendors stood in for. All data is made up. */
let drawbridge: TestDeployment;
let openai: Awaited<ReturnType<typeof startOpenaiStandin>>;
let mixpanel: Awaited<ReturnType<typeof startMixpanelStandin>>;
beforeAll(async () => {
  [drawbridge, openai, mixpanel] = await Promise.all([
    testDeployment(),
    startOpenaiStandin({ validKeys: ['sk-made-up-real-credential'] }),
    startMixpanelStandin({}),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([drawbridge.remove(), openai.stop(), mixpanel.stop()]);
});

interface Made {
  connection: string;
  key: string;
  keyId: string;
}

async function connect(
  vendor: string,
  service: string,
  region: string,
  url: string,
  credential: string,
  contract: string,
  slug = `${vendor}-${contract.replace('_', '-')}`,
): Promise<Made> {
  const { hostname, port } = new URL(url);
  const connection = await drawbridge.call<{ id: string }>('POST', '/connections', {
    name: `${vendor} ${contract}`,
    slug,
    vendor,
    service,
    region,
    upstream: { scheme: 'http', host: hostname, port: Number(port), private: true },
    contract,
    credential,
    reason: 'the walk',
  });
  const app = await drawbridge.call<{ id: string }>('POST', '/apps', {
    name: `app of ${vendor}`,
    owner: 'platform team',
    reason: 'the walk',
  });
  const key = await drawbridge.call<{ id: string; key: string }>('POST', `/apps/${app.id}/keys`, {
    kind: 'secret',
    connections: [connection.id],
    reason: 'the walk',
  });
  return { connection: connection.id, key: key.key, keyId: key.id };
}

/** Asks until the answer is there: projections follow within a second or two. */
async function eventually<T>(ask: () => Promise<T>, enough: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = await ask();
    if (enough(value) || performance.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('an OpenAI SDK works as before, the vendor gets its real key, and the crossing is shown', async () => {
  const made = await connect(
    'openai',
    'api',
    'global',
    openai.url,
    'sk-made-up-real-credential',
    'recommended',
  );
  const client = new OpenAI({
    apiKey: made.key,
    baseURL: `${drawbridge.gatewayUrl}/openai-recommended/v1`,
    maxRetries: 0,
  });
  const answer = await eventually(
    () =>
      client.chat.completions
        .create({
          model: 'gpt-5',
          messages: [{ role: 'user', content: 'Hello' }],
          user: 'anna.walk@example.com',
        })
        .catch((error: unknown) => error),
    (value) => !(value instanceof Error),
  );
  expect(answer).toMatchObject({ choices: [{ message: { content: 'You said: Hello' } }] });
  const [call] = openai.calls;
  expect(JSON.stringify(openai.requests)).not.toContain('anna.walk@example.com');
  expect(JSON.stringify(openai.requests)).not.toContain(made.key);
  expect(call?.body).toMatchObject({ messages: [{ role: 'user', content: 'Hello' }] });

  const { items } = await eventually(
    () =>
      drawbridge.call<{ items: { id: string; status: number | null }[] }>(
        'GET',
        `/crossings?connection=${made.connection}`,
      ),
    (page) => page.items.some((item) => item.status !== null),
  );
  const detail = await drawbridge.call<Record<string, unknown>>('GET', `/crossings/${items[0]?.id}`);
  expect(detail).toMatchObject({ decision: 'forwarded', status: 200, outcome: 'answered' });
  expect(JSON.stringify(detail)).not.toContain('anna.walk');
});

/** What a change may take to be in force on a machine that is busy with other tests; alone it takes under a second. */
const IN_FORCE_MS = 5_000;

test('a change of the contract and a revoked key are in force at once, on a busy machine within seconds', async () => {
  const made = await connect('openai', 'api', 'global', openai.url, 'sk-made-up-real-credential', 'as_is');
  const client = new OpenAI({
    apiKey: made.key,
    baseURL: `${drawbridge.gatewayUrl}/openai-as-is/v1`,
    maxRetries: 0,
  });
  const ask = () =>
    client.chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'Hi' }],
      user: 'anna.walk@example.com',
    });
  await eventually(
    () => ask().catch((error: unknown) => error),
    (value) => !(value instanceof Error),
  );
  const userThatArrived = async () => {
    await ask();
    return openai.calls.at(-1)?.body.user;
  };
  expect(await userThatArrived()).toBe('anna.walk@example.com');

  const path = `/connections/${made.connection}/contract`;
  const { current } = await drawbridge.call<{ current: { version: number; rules: { classes: object } } }>(
    'GET',
    path,
  );
  const changed = performance.now();
  await drawbridge.call('PUT', path, {
    rules: { ...current.rules, classes: { ...current.rules.classes, 'person.id': { do: 'drop' } } },
    basedOn: current.version,
    reason: 'the walk',
  });
  expect(await eventually(userThatArrived, (user) => user === undefined)).toBeUndefined();
  expect(performance.now() - changed).toBeLessThan(IN_FORCE_MS);

  const revoked = performance.now();
  await drawbridge.call('DELETE', `/keys/${made.keyId}`, { reason: 'the walk' });
  const refused = await eventually(
    () => ask().catch((error: unknown) => error),
    (value) => value instanceof OpenAI.AuthenticationError,
  );
  expect(refused).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(performance.now() - revoked).toBeLessThan(IN_FORCE_MS);
});

test('a policy refuses and says so, an exception lets it cross, and a try tells it from what crossed', async () => {
  const made = await connect(
    'openai',
    'api',
    'global',
    openai.url,
    'sk-made-up-real-credential',
    'as_is',
    'by-policy',
  );
  const client = new OpenAI({
    apiKey: made.key,
    baseURL: `${drawbridge.gatewayUrl}/by-policy/v1`,
    maxRetries: 0,
  });
  const ask = () =>
    client.chat.completions
      .create({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] })
      .then(() => 'crossed')
      .catch((error: unknown) => (error instanceof Error ? error.message : 'unknown'));
  expect(await eventually(ask, (value) => value === 'crossed')).toBe('crossed');

  const name = 'only-approved-vendors';
  const { items: starters } = await drawbridge.call<{
    items: { name: string; text: string; examples: object[] }[];
  }>('GET', '/policies/starters');
  const { text, examples } = starters.find((starter) => starter.name === name) ?? {};
  const tried = () =>
    drawbridge.call<{ refused: number; items: { id: string }[] }>('POST', '/policies/dry-run', {
      name,
      text,
    });
  expect((await eventually(tried, ({ refused }) => refused > 0)).refused).toBeGreaterThan(0);
  await drawbridge.call('POST', '/policies', { name, text, examples, activate: true, reason: 'the walk' });
  const refused = await eventually(ask, (value) => value !== 'crossed');
  expect(refused).toContain('"Only approved vendors" (only-approved-vendors)');
  const id = /crossings\/([0-9a-f-]{36})/.exec(refused)?.[1] ?? '';

  const crossing = () =>
    drawbridge.call<{ policies: { name: string }[] }>('GET', `/crossings/${id}/refusal`).catch(() => null);
  expect(await eventually(crossing, (found) => found !== null)).toMatchObject({ policies: [{ name }] });
  const request = await drawbridge.call<{ id: string }>('POST', '/access-requests', {
    crossing: id,
    reason: 'the walk needs it',
  });
  const until = new Date(Date.now() + 3600_000).toISOString();
  await drawbridge.call('POST', `/access-requests/${request.id}/grant`, { until, reason: 'the walk' });
  expect(await eventually(ask, (value) => value === 'crossed')).toBe('crossed');
  await drawbridge.call('POST', `/policies/${name}/deactivate`, { reason: 'the walk' });
});

test('a Mixpanel SDK works as before, and the vendor gets no person', async () => {
  const made = await connect(
    'mixpanel',
    'analytics',
    'eu',
    mixpanel.url,
    'made-up-project-token',
    'recommended',
  );
  const Mixpanel = createRequire(import.meta.url)('mixpanel') as {
    init(
      token: string,
      config: Record<string, unknown>,
    ): { track(name: string, properties: Record<string, unknown>, done: (error?: Error) => void): void };
  };
  const { hostname, port } = new URL(drawbridge.gatewayUrl);
  const client = Mixpanel.init(made.key, {
    host: `${hostname}:${port}`,
    protocol: 'http',
    path: '/mixpanel-recommended',
  });
  const track = () =>
    new Promise<Error | undefined>((resolve) =>
      client.track(
        'Signed up',
        {
          distinct_id: 'u-77',
          $email: 'anna.walk@example.com',
          $city: 'Walkville',
          secret_note: 'marked-note',
        },
        resolve,
      ),
    );
  expect(await eventually(track, (error) => !error)).toBeFalsy();
  expect(mixpanel.store.events).toHaveLength(1);
  const received = JSON.stringify(mixpanel.requests);
  for (const clear of ['anna.walk', 'Walkville', 'marked-note', 'u-77', 'Signed up', made.key])
    expect(received).not.toContain(clear);

  const vendor = await eventually(
    () =>
      drawbridge
        .call<{ people: number; holdings: { class: string; treatment: string; people: number }[] }>(
          'GET',
          '/vendors/mixpanel',
        )
        .catch(() => null),
    (page) => page !== null && page.people > 0,
  );
  expect(vendor?.people).toBe(1);
  expect(vendor?.holdings).toContainEqual(
    expect.objectContaining({ class: 'person.email', treatment: 'drop', people: 1 }),
  );
  expect(vendor?.holdings).toContainEqual(
    expect.objectContaining({ class: 'person.id', treatment: 'pseudonymise', people: 1 }),
  );

  interface Shapes {
    endpoints: { fields: { path: string; name: string | null; class: string; treatment: string }[] }[];
  }
  const shapesPath = `/connections/${made.connection}/shapes`;
  const shapes = await eventually(
    () => drawbridge.call<Shapes>('GET', shapesPath),
    (answer) => answer.endpoints.length > 0,
  );
  const text = JSON.stringify(shapes);
  for (const given of ['anna.walk', 'Walkville', 'u-77', 'marked-note', 'secret_note', 'Signed up'])
    expect(text).not.toContain(given);
  const fields = shapes.endpoints.flatMap((endpoint) => endpoint.fields);
  expect(fields).toContainEqual(expect.objectContaining({ class: 'person.email', treatment: 'drop' }));
  const unmapped = fields.filter(({ path }) => path.startsWith('#'));
  expect(unmapped).toMatchObject([{ name: null }]);
  // Whoever knows the name allows it: then it stands in the contract, and is no secret.
  await drawbridge.call('POST', `/connections/${made.connection}/contract/allow`, {
    kind: 'property',
    name: 'secret_note',
    class: 'event.property',
    treatment: 'pass',
    reason: 'the walk',
  });
  const allowed = await drawbridge.call<Shapes>('GET', shapesPath);
  expect(allowed.endpoints.flatMap((endpoint) => endpoint.fields)).toContainEqual(
    expect.objectContaining({ path: unmapped[0]?.path, name: 'secret_note' }),
  );
});

test('stopped and started again, all is there and serves at once', async () => {
  const read = () => drawbridge.call<{ items: { outcome: string | null }[] }>('GET', '/crossings');
  const before = await eventually(read, (page) => page.items.every((item) => item.outcome !== null));
  expect(before.items.length).toBeGreaterThan(0);
  await drawbridge.restart();
  const after = await read();
  expect(after.items).toEqual(before.items);
});

test('a vendor that redirects is followed nowhere with the credential: the app is told, as the vendor told it', async () => {
  const elsewhere = await startOpenaiStandin({});
  try {
    const made = await connect(
      'openai',
      'api',
      'global',
      openai.url,
      'sk-made-up-real-credential',
      'as_is',
      'openai-redirected',
    );
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `${elsewhere.url}/v1/models`;
      openai.script.add(
        { do: 'answer', status, headers: { location } },
        { match: ({ path }) => path === '/v1/models' },
      );
      const ask = () =>
        fetch(`${drawbridge.gatewayUrl}/openai-redirected/v1/models`, {
          headers: { authorization: `Bearer ${made.key}` },
          redirect: 'manual',
        });
      expect((await eventually(ask, (answer) => answer.status === status)).status).toBe(status);
    }
    expect(elsewhere.requests).toEqual([]);
  } finally {
    await elsewhere.stop();
  }
});
