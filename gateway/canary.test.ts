import { createHash, randomBytes } from 'node:crypto';
import { formVirtualKey } from '@drawbridge/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientClass } from './canary.ts';
import { type StartedGateway, startTestGateway } from './testing/gateway.ts';
import { bearer, send } from './testing/send.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const planted = `sk-proj-${randomBytes(60).toString('base64url')}`;
const plantedVirtual = formVirtualKey(randomBytes(42)).key;
const strange = `sk-proj-${randomBytes(60).toString('base64url')}`;
const strangeVirtual = formVirtualKey(randomBytes(42)).key;

let gateway: StartedGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.deployment.canaries.push(
    { id: 'canary-1', hash: sha256(planted) },
    { id: 'canary-2', hash: sha256(plantedVirtual) },
  );
  await gateway.worker.apply(await gateway.deployment.snapshot());
});
afterAll(() => gateway.close());

const CHAT = '/ai/v1/chat/completions';
const show = (key: string, path = CHAT) =>
  send(gateway.port, path, { headers: { ...bearer(key), 'user-agent': 'python-requests/2.32' }, body: '{}' });

test.each([
  ['of a vendor', planted, strange],
  ['of ours', plantedVirtual, strangeVirtual],
])('whoever shows a planted key %s is answered as with any unknown one', async (_, canary, unknown) => {
  const [got, other] = [await show(canary), await show(unknown)];
  expect([got.status, got.body]).toEqual([other.status, other.body]);
  const told = ({ headers: { date: _date, ...headers } }: typeof got) => headers;
  expect(told(got)).toEqual(told(other));
});

test('the use is told at once with its source, and journalled without', async () => {
  gateway.canaryUses.length = 0;
  await show(planted);
  await expect
    .poll(() => gateway.canaryUses)
    .toMatchObject([
      {
        canary: 'canary-1',
        address: '127.0.0.1',
        client: 'python',
        connection: 'conn-ai',
        endpoint: '/v1/chat/completions',
      },
    ]);
  // What others showed before may come into the journal meanwhile.
  const { crossing } = gateway.canaryUses[0] ?? { crossing: 'none' };
  const journalled = async () =>
    (await gateway.entries()).filter((entry) => JSON.stringify(entry).includes(crossing));
  await expect.poll(journalled).toHaveLength(2);
  const [leaf] = await journalled();
  expect(leaf).toMatchObject({
    type: 'crossing',
    id: crossing,
    app: 'canary',
    key: 'canary-1',
    decision: 'refused',
    reason: 'canary_used',
  });
});

test('it is heard at a path that no pack knows, and beside another key', async () => {
  gateway.canaryUses.length = 0;
  expect((await show(planted, '/ai/v1/organization/projects')).status).toBe(404);
  await send(gateway.port, `/events/track?api_key=${plantedVirtual}`, { body: '{}' });
  await expect.poll(() => gateway.canaryUses.map(({ canary }) => canary)).toContain('canary-1');
});

test('unknown keys tell nothing', async () => {
  gateway.canaryUses.length = 0;
  await show(strange);
  await show(gateway.key);
  expect(gateway.canaryUses).toEqual([]);
});

test.each([
  [undefined, 'none'],
  ['curl/8.5.0', 'curl'],
  ['OpenAI/Python 1.2', 'python'],
  ['Go-http-client/2.0', 'go'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'browser'],
  ['x', 'other'],
])('of the user agent %s only its kind is kept', (agent, kind) => {
  expect(clientClass(agent)).toBe(kind);
});
