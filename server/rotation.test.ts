import { readFile } from 'node:fs/promises';
import { startOpenaiStandin } from '@drawbridge/standins';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** A key is replaced over the vendor's API while an SDK works through the gateway. All data is made up. */
const ADMIN = 'sk-admin-made-up-0123456789';
const OLD = 'sk-proj-made-up-old-key-0123456789';
let drawbridge: TestDeployment;
let openai: Awaited<ReturnType<typeof startOpenaiStandin>>;
beforeAll(async () => {
  [drawbridge, openai] = await Promise.all([
    testDeployment(),
    startOpenaiStandin({
      projectKeys: {
        adminKeys: [ADMIN],
        project: 'proj_made_up',
        userKeys: [{ id: 'key_old', value: OLD }],
        lagMs: 500,
      },
    }),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([drawbridge.remove(), openai.stop()]);
});

interface Shown {
  id: string;
  step: string;
  needs: string | null;
  said: string | null;
  endedAt: string | null;
  seen: { answered: number };
  steps: { step: string; needs: string | null; said: string | null }[];
}

async function rotated(id: string): Promise<Shown> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const shown = await drawbridge.call<Shown>('GET', `/rotations/${id}`);
    if (shown.endedAt !== null || shown.needs !== null || performance.now() > deadline) return shown;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('no call fails while the key of an SDK at work is replaced, and the old key is refused afterwards', async () => {
  // The shipped pack under another name: with a vendor that says within a second when a key was used.
  const shipped = await readFile(new URL('../packs/vendors/openai.yaml', import.meta.url), 'utf8');
  const pack = shipped
    .replace(/^vendor: openai$/m, 'vendor: openai-quick')
    .replace('lag_seconds: 900', 'lag_seconds: 1');
  await drawbridge.call('POST', '/packs', { pack, reason: 'a test' });
  const upstream = { scheme: 'http', host: openai.host, port: openai.port, private: true };
  const { id: connection } = await drawbridge.call<{ id: string }>('POST', '/connections', {
    name: 'AI',
    slug: 'ai',
    vendor: 'openai-quick',
    service: 'api',
    region: 'global',
    upstream,
    contract: 'as_is',
    credential: OLD,
    reason: 'a test',
  });
  const { id: app } = await drawbridge.call<{ id: string }>('POST', '/apps', {
    name: 'Assistant',
    owner: 'platform team',
    reason: 'a test',
  });
  const { key } = await drawbridge.call<{ key: string }>('POST', `/apps/${app}/keys`, {
    kind: 'secret',
    connections: [connection],
    reason: 'a test',
  });
  await drawbridge.call('PUT', `/connections/${connection}/vendor-admin`, {
    value: ADMIN,
    parameters: { project: 'proj_made_up' },
    upstream,
    reason: 'a test',
  });
  const client = new OpenAI({ apiKey: key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 });
  await expect
    .poll(
      () =>
        client.models.list().then(
          () => 'works',
          () => 'not yet',
        ),
      { timeout: 15_000 },
    )
    .toBe('works');

  let over = false;
  const results = { good: 0, bad: [] as unknown[] };
  const work = async () => {
    while (!over) {
      try {
        const stream = await client.chat.completions.create({
          model: 'gpt-5',
          messages: [{ role: 'user', content: 'Hello' }],
          stream: true,
        });
        let text = '';
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
        expect(text).toContain('Hello');
        results.good += 1;
      } catch (error) {
        results.bad.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const working = Promise.all([work(), work()]);
  const started = await drawbridge.call<Shown>('POST', `/connections/${connection}/rotations`, {
    oldKey: { key: 'key_old' },
    plan: { share: 2000, canarySeconds: 2, canaryAnswers: 3, overlapSeconds: 2 },
    reason: 'a test',
  });
  const end = await rotated(started.id);
  const after = results.good;
  await expect.poll(() => results.good).toBeGreaterThan(after + 5);
  over = true;
  await working;

  expect(end).toMatchObject({ step: 'done', needs: null });
  expect(end.steps.map(({ step }) => step)).toEqual([
    'create',
    'probe',
    'canary',
    'switch',
    'overlap',
    'deactivate',
    'delete',
    'prove',
    'done',
  ]);
  expect(results.bad).toEqual([]);
  expect(results.good).toBeGreaterThan(50);
  // The share of the canary went with the new key, the rest with the old one.
  expect(end.seen.answered).toBeGreaterThanOrEqual(3);
  const [fresh] = openai.projectKeys?.values() ?? [];
  expect(openai.projectKeys?.values()).toHaveLength(1);
  expect(fresh).not.toBe(OLD);
  const direct = await fetch(`${openai.url}/v1/models`, { headers: { authorization: `Bearer ${OLD}` } });
  expect(direct.status).toBe(401);
  // Neither key, nor the admin credential, is in anything that was logged or answered.
  const shown = JSON.stringify([
    end,
    await drawbridge.call('GET', '/changes'),
    await drawbridge.call('GET', '/rotations-due'),
  ]);
  for (const secret of [OLD, ADMIN, String(fresh)]) {
    expect(shown).not.toContain(secret);
    expect(drawbridge.logged()).not.toContain(secret);
  }
}, 150_000);
