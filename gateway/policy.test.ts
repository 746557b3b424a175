import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { policySet } from './testing/deployment.ts';
import { type StartedGateway, startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** What a developer, the vendor, and the journal see of policies. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: TestGatewayOptions): Promise<{ gateway: StartedGateway; vendor: StandIn }> {
  const vendor = await startStandIn((_request, response) =>
    answerJson(response, { id: 'made-up', choices: [] }),
  );
  closing.push(vendor.close);
  const gateway = await startTestGateway({ ai: vendor.port, ...options });
  closing.push(gateway.close);
  return { gateway, vendor };
}

async function leaves({ entries }: StartedGateway) {
  return (await entries()).filter((entry) => entry.type === 'crossing');
}

const CONSOLE = 'https://console.example.org/drawbridge';
const approved = policySet({
  'only-approved-vendors':
    '@title("Only approved vendors")\nforbid (principal, action == Action::"cross", resource) unless { resource.vendor.approved };',
});
const told = (id: string | undefined): string =>
  `The policy "Only approved vendors" (only-approved-vendors) refuses this request. To ask for an exception, open the crossing in Drawbridge. Details: ${CONSOLE}/crossings/${id}`;

test('OpenAI’s SDK says which rule refused and where to ask, and does not try again', async () => {
  const { gateway, vendor } = await start({});
  let requests = 0;
  gateway.worker.server.on('request', () => {
    requests += 1;
  });
  gateway.deployment.given.policies = approved;
  gateway.deployment.given.console = CONSOLE;
  await gateway.worker.apply(await gateway.deployment.snapshot());
  const client = new OpenAI({ apiKey: gateway.key, baseURL: `http://127.0.0.1:${gateway.port}/ai/v1` });
  const refused = await client.chat.completions
    .create({ model: 'm', messages: [{ role: 'user', content: 'Hello?' }] })
    .catch((error: unknown) => error);
  const [leaf] = await leaves(gateway);
  expect(refused).toBeInstanceOf(OpenAI.PermissionDeniedError);
  expect(refused).toMatchObject({
    status: 403,
    code: 'policy_denied',
    message: expect.stringContaining(told(leaf?.id)),
  });
  expect(leaf).toMatchObject({
    decision: 'refused',
    reason: 'policy_denied',
    stage: 'authorise',
    policy: approved.hash,
    decided_by: ['only-approved-vendors'],
  });
  expect([requests, vendor.received.length]).toEqual([1, 0]);
});

test('Anthropic’s SDK says the same in its own shape', async () => {
  const { gateway, vendor } = await start({});
  await gateway.deployment.connect({
    slug: 'claude',
    service: serviceOf('anthropic'),
    upstream: { scheme: 'http', host: '127.0.0.1', port: vendor.port, private: true },
  });
  const apiKey = gateway.deployment.issue({ connections: ['claude'] });
  Object.assign(gateway.deployment.given, { policies: approved, console: CONSOLE });
  await gateway.worker.apply(await gateway.deployment.snapshot());
  const client = new Anthropic({ apiKey, baseURL: `http://127.0.0.1:${gateway.port}/claude` });
  const refused = await client.messages
    .create({ model: 'claude-made-up', max_tokens: 5, messages: [{ role: 'user', content: 'Hello?' }] })
    .catch((error: unknown) => error);
  const seen = await leaves(gateway);
  expect(refused).toBeInstanceOf(Anthropic.PermissionDeniedError);
  expect(refused).toMatchObject({
    status: 403,
    error: { type: 'error', error: { message: told(seen[0]?.id) } },
  });
  expect([seen.length, vendor.received.length]).toEqual([1, 0]);
});

const ask = (gateway: StartedGateway) =>
  send(gateway.port, '/ai/v1/chat/completions', {
    headers: bearer(gateway.key),
    body: '{"model":"m","messages":[]}',
  });

test('another set is in force with its snapshot; one that can’t be used leaves the old one, and says so', async () => {
  const { gateway } = await start({});
  const apply = async (texts: Record<string, string> | null) => {
    gateway.deployment.given.policies = texts === null ? undefined : policySet(texts);
    await gateway.worker.apply(await gateway.deployment.snapshot());
  };
  const now = new Date();
  const forbid = (when: string) =>
    `forbid (principal, action == Action::"cross", resource) when { ${when} };`;
  expect((await ask(gateway)).status).toBe(200);
  await apply({ always: forbid('context.hour >= 0') });
  expect((await ask(gateway)).status).toBe(403);
  await expect(apply({ always: forbid('context.hours >= 0') })).rejects.toMatchObject({
    code: 'policies_invalid',
    field: 'policies.items.always',
    message: expect.stringContaining('did you mean `hour`?'),
  });
  expect((await ask(gateway)).status).toBe(403);
  const other = forbid(`context.weekday == "${now.getUTCFullYear()}"`);
  await apply({ always: other });
  expect((await ask(gateway)).status).toBe(200);
  await apply(null);
  expect((await ask(gateway)).status).toBe(200);
  const seen = await leaves(gateway);
  expect(seen.map(({ policy, decided_by }) => [policy, decided_by])).toEqual([
    [null, undefined],
    [policySet({ always: forbid('context.hour >= 0') }).hash, ['always']],
    [policySet({ always: forbid('context.hour >= 0') }).hash, ['always']],
    [policySet({ always: other }).hash, undefined],
    [null, undefined],
  ]);
});

test('a policy that fails refuses, and the log names it without what it failed on', async () => {
  const text =
    'forbid (principal, action == Action::"cross", resource) when { context.hour * 9223372036854775807 + 9223372036854775807 > 0 };';
  const { gateway, vendor } = await start({ policies: policySet({ overflow: text }) });
  const answer = await ask(gateway);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('could not be evaluated');
  expect(vendor.received).toEqual([]);
  const said = gateway.logged.filter((line) => 'event' in line && line.event === 'policy_failed');
  expect(said).toEqual([{ event: 'policy_failed', crossing: expect.any(String), policies: ['overflow'] }]);
  expect(await leaves(gateway)).toMatchObject([{ reason: 'policy_denied', decided_by: ['overflow'] }]);
});
