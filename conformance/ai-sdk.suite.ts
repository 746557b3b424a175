import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { header } from '@drawbridge/standins';
import { APICallError, embed, generateText, jsonSchema, RetryError, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { type AiWorld, ANTHROPIC_KEY, type Contract, keyOf } from './ai-world.ts';
import { type Kept, type SdkCall, weatherSuite } from './weather.ts';
import { everythingIn, PSEUDONYM, reaching } from './world.ts';

const TEXT = 'What is a drawbridge? — “Zugbrücke” 🌉';

/** The Vercel AI SDK with the providers of OpenAI and Anthropic, unmodified. Everyone in it is made up. */
export function aiSdkSuite(world: () => AiWorld, kept: (sdk: string) => Kept): void {
  type Provider = 'openai' | 'anthropic';
  const attempts: Record<Provider, Record<Contract, number>> = {
    openai: { asIs: 0, recommended: 0 },
    anthropic: { asIs: 0, recommended: 0 },
  };
  const counted = (provider: Provider, contract: Contract): typeof fetch => {
    attempts[provider][contract] = 0;
    return (url, init) => {
      attempts[provider][contract] += 1;
      return fetch(url, init);
    };
  };
  const openai = (contract: Contract = 'recommended') => {
    const { key: apiKey, compatible } = world()[contract];
    return createOpenAI({ apiKey, baseURL: compatible.openai.url, fetch: counted('openai', contract) });
  };
  const anthropic = (contract: Contract = 'recommended') => {
    const { key: apiKey, anthropic: connection } = world()[contract];
    const baseURL = `${connection.url}/v1`;
    return createAnthropic({ apiKey, baseURL, fetch: counted('anthropic', contract) });
  };
  type Model = Parameters<typeof generateText>[0]['model'];

  const talks = (name: string, model: (contract: Contract) => Model): SdkCall[] => [
    {
      name: `generateText, ${name}`,
      ask: async (contract) => (await generateText({ model: model(contract), prompt: TEXT })).text,
      gets: `You said: ${TEXT}`,
    },
    {
      name: `streamText, ${name}`,
      ask: async (contract) => {
        let failure: unknown = null;
        const onError = ({ error }: { error: unknown }) => {
          failure = error;
        };
        let text = '';
        const { textStream } = streamText({ model: model(contract), prompt: TEXT, onError });
        for await (const piece of textStream) text += piece;
        // The SDK hands errors of a stream to its user in this way, and ends the stream.
        if (failure !== null) throw failure;
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
  ];
  const manners = {
    thrown: {
      badRequest: { name: 'AI_APICallError', statusCode: 400, message: 'made up 400' },
      serverError: { name: 'AI_RetryError', lastError: { statusCode: 500, message: 'made up 500' } },
    },
  };

  describe('@ai-sdk/openai', () => {
    const vendor = (contract: Contract = 'recommended') => world()[contract].compatible.openai.vendor;
    const calls: SdkCall[] = [
      ...talks('responses', (contract) => openai(contract)('gpt-5')),
      ...talks('chat', (contract) => openai(contract).chat('gpt-5')),
      {
        name: 'embed',
        ask: async (contract) => {
          const model = openai(contract).embedding('text-embedding-3-small');
          return (await embed({ model, value: 'one' })).embedding.length;
        },
        gets: 256,
      },
    ];
    weatherSuite(
      calls,
      {
        ...manners,
        vendor,
        attempts: (contract) => attempts.openai[contract],
        errorBody: (status) =>
          JSON.stringify({
            error: { message: `made up ${status}`, type: 'made_up', param: null, code: null },
          }),
      },
      kept('@ai-sdk/openai'),
    );

    it('recommended: people hidden, in the place where this provider names them', async () => {
      const providerOptions = { openai: { user: 'anna.berger@example.com' } };
      const ask = () => generateText({ model: openai()('gpt-5'), prompt: TEXT, providerOptions });
      const [request] = await reaching(vendor(), ask);
      if (request === undefined) throw new Error('nothing reached the vendor');
      expect(vendor().calls.at(-1)?.body.user).toMatch(PSEUDONYM);
      expect(header(request, 'authorization')).toBe(`Bearer ${keyOf('openai')}`);
      expect(header(request, 'user-agent')).toBe('ai');
      const text = everythingIn([request]);
      for (const secret of ['anna.berger', world().recommended.key]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/node\.js|x-forwarded|linux/i);
    });
  });

  describe('@ai-sdk/anthropic', () => {
    const vendor = (contract: Contract = 'recommended') => world()[contract].anthropic.vendor;
    weatherSuite(
      talks('messages', (contract) => anthropic(contract)('claude-sonnet-4-5')),
      {
        ...manners,
        vendor,
        attempts: (contract) => attempts.anthropic[contract],
        errorBody: (status) =>
          JSON.stringify({ type: 'error', error: { type: 'made_up_error', message: `made up ${status}` } }),
      },
      kept('@ai-sdk/anthropic'),
    );

    it('recommended: people hidden, and the real key where this provider puts it', async () => {
      const providerOptions = { anthropic: { metadata: { userId: 'anna.berger@example.com' } } };
      const model = anthropic()('claude-sonnet-4-5');
      const [request] = await reaching(vendor(), () =>
        generateText({ model, prompt: TEXT, providerOptions }),
      );
      if (request === undefined) throw new Error('nothing reached the vendor');
      expect(vendor().calls.at(-1)?.body.metadata).toEqual({ user_id: expect.stringMatching(PSEUDONYM) });
      expect([header(request, 'x-api-key'), header(request, 'authorization')]).toEqual([ANTHROPIC_KEY, null]);
      expect(everythingIn([request])).not.toContain(world().recommended.key);
    });
  });

  it.each(['openai', 'anthropic'] as const)('tools, called and answered in one go: %s', async (name) => {
    const inputSchema = jsonSchema<{ place: string }>({
      type: 'object',
      properties: { place: { type: 'string' } },
      required: ['place'],
      additionalProperties: false,
    });
    const asked: string[] = [];
    const get_weather = tool({
      description: 'Weather of a place',
      inputSchema,
      execute: ({ place }) => {
        asked.push(place);
        return '17 degrees';
      },
    });
    const model = name === 'openai' ? openai().chat('gpt-5') : anthropic()('claude-sonnet-4-5');
    const first = await generateText({ model, prompt: TEXT, tools: { get_weather } });
    expect([first.finishReason, asked]).toEqual(['tool-calls', ['example']]);
    expect(first.toolResults).toMatchObject([{ output: '17 degrees' }]);
  });

  it('refusals of the gateway are errors that are not tried again, and say why', async () => {
    const { compatible, anthropic: connection } = world().recommended;
    const at = { openai: compatible.openai.url, anthropic: `${connection.url}/v1` };
    const fetches = {
      openai: counted('openai', 'recommended'),
      anthropic: counted('anthropic', 'recommended'),
    };
    const strangers = [
      createOpenAI({ apiKey: 'sk-not-a-virtual-key', baseURL: at.openai, fetch: fetches.openai })('gpt-5'),
      createAnthropic({ apiKey: 'sk-ant-none', baseURL: at.anthropic, fetch: fetches.anthropic })('claude'),
    ];
    for (const model of strangers) {
      const refused: unknown = await generateText({ model, prompt: TEXT }).catch((error: unknown) => error);
      expect(RetryError.isInstance(refused)).toBe(false);
      expect(APICallError.isInstance(refused) && [refused.statusCode, refused.message]).toEqual([
        401,
        expect.stringMatching(/not a Drawbridge virtual key/),
      ]);
    }
    expect([attempts.openai.recommended, attempts.anthropic.recommended]).toEqual([1, 1]);
  });
}
