import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDeployment, testDeployment } from './testing/deployment.ts';

/** What an organisation said of itself, in the prompts of a real SDK through a whole deployment. All data is made up. */
let drawbridge: TestDeployment;
let vendor: Server;
/** What the vendor got. */
const bodies: string[] = [];
let client: OpenAI;
const employee = 'EMP-123456';
const deployKey = ['made-up', 'deploy', 'key-0123456789'].join('_');
const reason = 'a test';

beforeAll(async () => {
  vendor = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(body);
      const [message] = (JSON.parse(body) as { messages: { content: string }[] }).messages;
      const content = message?.content.replace('the label', 'STRENG VERTRAULICH');
      const choice = {
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content },
      };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ id: 'made-up', object: 'chat.completion', model: 'gpt-4o', choices: [choice] }),
      );
    });
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  drawbridge = await testDeployment();
  const { id: connection } = await drawbridge.call<{ id: string }>('POST', '/connections', {
    name: 'AI',
    slug: 'ai',
    vendor: 'openai',
    service: 'api',
    region: 'global',
    upstream: {
      scheme: 'http',
      host: '127.0.0.1',
      port: (vendor.address() as AddressInfo).port,
      private: true,
    },
    contract: 'recommended',
    credential: ['sk-proj', 'made-up-0123456789'].join('-'),
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
  client = new OpenAI({ apiKey: key, baseURL: `${drawbridge.gatewayUrl}/ai/v1`, maxRetries: 0 });
}, 120_000);
afterAll(async () => {
  vendor.close();
  await drawbridge.remove();
});

const list = async (given: object, format: string, content: string): Promise<void> => {
  const { id } = await drawbridge.call<{ id: string }>('POST', '/known-lists', { ...given, reason });
  await drawbridge.call('POST', `/known-lists/${id}/imports`, { format, content, reason });
};
const ask = async (content: string): Promise<string> => {
  const answer = await client.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content }],
  });
  return answer.choices[0]?.message.content ?? '';
};
const refusal = async (content: string): Promise<string> => {
  try {
    return `answered: ${await ask(content)}`;
  } catch (error) {
    if (error instanceof APIError) return error.message;
    throw error;
  }
};
const latest = (): string => bodies.at(-1) ?? '';

test('people and words of ours cross as tokens and come back; marks and registered secrets are refused by name', async () => {
  const prompt = `quermuster zadora works on nordstern as ${employee}, with Beispiel & Sohn`;
  await expect.poll(() => refusal(prompt), { timeout: 20_000 }).toBe(`answered: ${prompt}`);
  expect(latest()).toContain('quermuster zadora works on nordstern');

  await list(
    { name: 'Staff', kind: 'people' },
    'csv',
    'given,family,employer\nZadora,Quermuster,Beispiel & Sohn KG\n',
  );
  await list({ name: 'Projects', kind: 'words', class: 'business.term' }, 'lines', 'Nordstern\n');
  await list({ name: 'Labels', kind: 'words', class: 'business.marker' }, 'lines', 'Streng Vertraulich\n');
  await drawbridge.call(
    'POST',
    '/patterns/employee',
    {
      name: 'Employee number',
      class: 'custom.match',
      pattern: 'EMP-\\d{6}',
      confidence: 'likely',
      finds: [employee],
      passes: [],
      reason,
    },
    201,
  );
  await drawbridge.call(
    'POST',
    '/registered-secrets',
    {
      label: 'Deploy key',
      owner: 'platform team',
      class: 'secret.token',
      value: deployKey,
      reason,
    },
    201,
  );

  // In force once the last of it is.
  await expect
    .poll(() => refusal(`our key: ${deployKey}.`), { timeout: 20_000 })
    .toContain('It is one that Drawbridge keeps (registered secret "Deploy key")');
  const before = bodies.length;
  const marked = await refusal('STRENG VERTRAULICH: the plan');
  expect(marked).toContain('business.marker, found by phrase');
  expect(marked).toContain('(list Labels)');
  expect(marked.toLowerCase()).not.toContain('vertraulich');
  expect(bodies.length).toBe(before);

  const answered = await ask('say the label, please');
  expect(answered).toMatch(/^say \[removed: [^\]]+\], please$/);
  expect(await ask(prompt)).toBe(prompt);
  expect(latest()).toMatch(
    /\[\[PERSON_\w+\]\] works on \[\[TERM_\w+\]\] as \[\[VALUE_\w+\]\], with \[\[ORG_\w+\]\]/,
  );
  for (const word of ['zadora', 'quermuster', 'nordstern', employee, 'Beispiel'])
    expect(latest().toLowerCase()).not.toContain(word.toLowerCase());
}, 90_000);
