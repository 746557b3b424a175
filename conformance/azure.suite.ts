import { header } from '@drawbridge/standins';
import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import { type AiWorld, AZURE_KEY, type Contract } from './ai-world.ts';
import { openaiCalls, openaiManners, question, TEXT } from './openai-dialect.ts';
import { type Kept, weatherSuite } from './weather.ts';
import { everythingIn, PSEUDONYM, reaching } from './world.ts';

/** Azure OpenAI by key, as the OpenAI SDK's own Azure client speaks it. Everyone in it is made up. */
export function azureSuite(world: () => AiWorld, kept: Kept): void {
  const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
  let lastBody: RequestInit['body'] = null;
  const client = (
    contract: Contract = 'recommended',
    more: { deployment?: string; apiKey?: string } = {},
  ) => {
    attempts[contract] = 0;
    return new AzureOpenAI({
      apiKey: world()[contract].key,
      endpoint: world()[contract].azure.url,
      apiVersion: '2024-10-21',
      organization: 'org-of-the-customer',
      fetch: (url, init) => {
        attempts[contract] += 1;
        lastBody = init?.body ?? null;
        return fetch(url, init);
      },
      ...more,
    });
  };
  const vendor = (contract: Contract = 'recommended') => world()[contract].azure.vendor;
  const has = { embeddings: true, responses: true, model: true };

  describe('whatever the vendor does', () =>
    weatherSuite(
      openaiCalls(client, has),
      { ...openaiManners, vendor, attempts: (contract) => attempts[contract] },
      kept,
    ));

  it('asks at the deployment, in the version that the app names', async () => {
    const ask = () => client('recommended', { deployment: 'our-gpt' }).chat.completions.create(question);
    const [request] = await reaching(vendor(), ask);
    expect([request?.path, request?.rawQuery]).toEqual([
      '/openai/deployments/our-gpt/chat/completions',
      'api-version=2024-10-21',
    ]);
  });

  it('a batch: its file is read line by line', async () => {
    const user = 'anna.berger@example.com';
    const line = {
      custom_id: 'one',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { ...question, user },
    };
    const file = new File([JSON.stringify(line)], 'anna-berger.jsonl');
    const openai = client();
    const { id } = await openai.files.create({ file, purpose: 'batch' });
    const sent = JSON.parse(String(Object(vendor().calls.at(-1)?.body.file).text));
    expect(sent).toEqual({ ...line, body: { ...question, user: expect.stringMatching(PSEUDONYM) } });
    const made = { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
    const batch = await openai.batches.create(made);
    expect((await openai.batches.retrieve(batch.id)).output_file_id).toBe(batch.output_file_id);
  });

  it('the API without versions, whose key is a bearer', async () => {
    const { key: apiKey, azure } = world().recommended;
    const openai = new OpenAI({ apiKey, baseURL: `${azure.url}/openai/v1` });
    const answer = await openai.chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe(`You said: ${TEXT}`);
    const request = vendor().requests.at(-1);
    expect(request?.path).toBe('/openai/v1/chat/completions');
    expect(request === undefined ? null : header(request, 'authorization')).toBe(`Bearer ${AZURE_KEY}`);
  });

  it('recommended: people and accounts hidden, the rest as the app sent it, under the real key', async () => {
    const user = 'anna.berger@example.com';
    const [request] = await reaching(vendor(), () => client().chat.completions.create({ ...question, user }));
    if (request === undefined) throw new Error('nothing reached the vendor');
    expect(vendor().calls.at(-1)?.body).toEqual({ ...question, user: expect.stringMatching(PSEUDONYM) });
    expect([header(request, 'api-key'), header(request, 'authorization')]).toEqual([AZURE_KEY, null]);
    const text = everythingIn([request]);
    for (const secret of [user, 'org-of-the-customer', world().recommended.key])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/x-stainless|x-forwarded|node\.js|linux/i);
  });

  it('as is: what the app sent, byte for byte', async () => {
    const ask = () => client('asIs').chat.completions.create({ ...question, user: 'anna' });
    const [request] = await reaching(vendor('asIs'), ask);
    if (request === undefined || typeof lastBody !== 'string') throw new Error('nothing was sent');
    expect(request.body.equals(Buffer.from(lastBody))).toBe(true);
    expect(header(request, 'api-key')).toBe(AZURE_KEY);
    expect(everythingIn([request])).not.toContain(world().asIs.key);
  });

  it('keys to the customer’s documents do not cross unasked, and a stranger’s key does not either', async () => {
    const reached = await reaching(vendor(), async () => {
      const data_sources = [{ type: 'azure_search', parameters: { authentication: { key: 'made-up' } } }];
      const asked = { ...question, data_sources };
      await expect(client().chat.completions.create(asked)).rejects.toMatchObject({ code: 'field_refused' });
      expect(attempts.recommended).toBe(1);
      const stranger = client('recommended', { apiKey: AZURE_KEY }).chat.completions.create(question);
      await expect(stranger).rejects.toThrow(OpenAI.AuthenticationError);
      expect(attempts.recommended).toBe(1);
      const images = client().images.generate({ model: 'gpt-image-1', prompt: 'A drawbridge' });
      await expect(images).rejects.toThrow(/knows no such path/);
    });
    expect(reached).toEqual([]);
  });
}
