import { header } from '@drawbridge/standins';
import { ApiError, GoogleGenAI, type HttpRetryOptions } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { type AiWorld, type Contract, GEMINI_KEY } from './ai-world.ts';
import { type Kept, type SdkCall, weatherSuite } from './weather.ts';
import { everythingIn, reaching } from './world.ts';

const TEXT = 'What is a drawbridge? — “Zugbrücke” 🌉';
const question = { model: 'gemini-2.5-flash', contents: TEXT, config: { systemInstruction: 'Be brief.' } };
const declared = {
  name: 'get_weather',
  description: 'Weather of a place',
  parametersJsonSchema: {
    type: 'object',
    properties: { place: { type: 'string' }, days: { type: 'integer' } },
  },
};

/** Google's SDK for the Gemini API, unmodified, through the gateway. Everyone in it is made up. */
export function geminiSuite(world: () => AiWorld, kept: Kept): void {
  const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
  let lastBody: RequestInit['body'] = null;
  const quick: HttpRetryOptions = { attempts: 3, initialDelay: 0.001, maxDelay: 0.01 };
  const client = (
    contract: Contract = 'recommended',
    more: { apiKey?: string; apiVersion?: string; retryOptions?: HttpRetryOptions | undefined } = {},
  ) => {
    attempts[contract] = 0;
    const { apiKey = world()[contract].key, retryOptions, ...rest } = { retryOptions: quick, ...more };
    return new GoogleGenAI({
      apiKey,
      ...rest,
      httpOptions: {
        baseUrl: world()[contract].gemini.url,
        ...(retryOptions === undefined ? {} : { retryOptions }),
        fetch: (url, init) => {
          attempts[contract] += 1;
          lastBody = init?.body ?? null;
          return fetch(url, init);
        },
      },
    });
  };
  const vendor = (contract: Contract = 'recommended') => world()[contract].gemini.vendor;

  const calls: SdkCall[] = [
    {
      name: 'generateContent',
      ask: async (contract) => (await client(contract).models.generateContent(question)).text,
      gets: `You said: ${TEXT}`,
    },
    {
      name: 'generateContentStream',
      ask: async (contract) => {
        let text = '';
        for await (const part of await client(contract).models.generateContentStream(question))
          text += part.text ?? '';
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
    {
      name: 'countTokens',
      ask: async (contract) => {
        const { model, contents } = question;
        return (await client(contract).models.countTokens({ model, contents })).totalTokens;
      },
      gets: Math.ceil(TEXT.length / 4),
    },
    {
      name: 'embedContent',
      ask: async (contract) => {
        const contents = ['one', 'two'];
        const answer = await client(contract).models.embedContent({
          model: 'gemini-embedding-001',
          contents,
        });
        return answer.embeddings?.map(({ values }) => values?.length);
      },
      gets: [8, 8],
    },
    {
      name: 'models.list',
      ask: async (contract) => {
        const found = [];
        for await (const model of await client(contract).models.list()) found.push(model.name);
        return found;
      },
      gets: ['models/gemini-2.5-flash', 'models/gemini-2.5-pro', 'models/gemini-embedding-001'],
    },
    {
      name: 'models.get',
      ask: async (contract) => (await client(contract).models.get({ model: 'gemini-2.5-pro' })).name,
      gets: 'models/gemini-2.5-pro',
    },
  ];

  describe('whatever the vendor does', () =>
    weatherSuite(
      calls,
      {
        vendor,
        attempts: (contract) => attempts[contract],
        errorBody: (status) =>
          JSON.stringify({ error: { code: status, message: `made up ${status}`, status: 'MADE_UP' } }),
        thrown: {
          badRequest: { name: 'ApiError', status: 400, message: expect.stringContaining('made up 400') },
          serverError: { name: 'ApiError', status: 500, message: expect.stringContaining('made up 500') },
        },
      },
      kept,
    ));

  describe('works as before', () => {
    it.each(['v1', 'v1beta'])('both path styles: %s', async (apiVersion) => {
      const { models } = client('recommended', { apiVersion });
      expect((await models.generateContent(question)).text).toBe(`You said: ${TEXT}`);
      expect(vendor().calls.at(-1)).toMatchObject({ version: apiVersion, endpoint: 'generateContent' });
    });

    it('the first piece of a stream comes before the vendor has gone on', async () => {
      const held = vendor().script.add({ do: 'hold_mid_stream', afterEvents: 2 });
      let text = '';
      for await (const part of await client().models.generateContentStream(question)) {
        text += part.text ?? '';
        if (text === 'You said: ') held.release();
      }
      expect(text).toBe(`You said: ${TEXT}`);
    });

    it('a stream without alt=sse, as people ask for it with curl', async () => {
      const { key, gemini } = world().recommended;
      const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';
      const answer = await fetch(`${gemini.url}${path}?key=${key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ parts: [{ text: 'Grüße' }] }] }),
      });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(await answer.json())).toContain('finishReason');
      const request = vendor().requests.at(-1);
      expect(request?.rawQuery).toBe(`key=${GEMINI_KEY}`);
    });

    it('function calls and the function’s answer', async () => {
      const config = { tools: [{ functionDeclarations: [declared] }] };
      const called = await client().models.generateContent({ ...question, config });
      expect(called.functionCalls).toMatchObject([
        { name: 'get_weather', args: { place: 'example', days: 42 } },
      ]);
      const contents = [
        { role: 'user', parts: [{ text: TEXT }] },
        { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: { place: 'example' } } }] },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'get_weather', response: { output: '17 degrees' } } }],
        },
      ];
      const last = await client().models.generateContent({ ...question, contents, config });
      expect(last.text).toContain('17 degrees');
      expect(vendor().calls.at(-1)?.body.contents).toEqual(contents);
    });

    it('chats, which send their history again', async () => {
      const chat = client().chats.create({ model: question.model });
      await chat.sendMessage({ message: 'First' });
      expect((await chat.sendMessage({ message: 'Second' })).text).toBe('You said: Second');
      expect(vendor().calls.at(-1)?.body.contents).toHaveLength(3);
    });

    it('tries once where the app asks for no more', async () => {
      vendor().script.add({ do: 'answer', status: 503, body: '{}' });
      const { models } = client('recommended', { retryOptions: undefined });
      await expect(models.generateContent(question)).rejects.toMatchObject({ status: 503 });
      expect(attempts.recommended).toBe(1);
    });

    it('the vendor’s own errors, as the SDK’s class', async () => {
      const missing = client().models.get({ model: 'no-such-model' });
      await expect(missing).rejects.toThrow(ApiError);
      await expect(missing).rejects.toMatchObject({ status: 404 });
    });
  });

  describe('the vendor gets only what the contract allows', () => {
    const ask = (contract: Contract) => () => client(contract).models.generateContent(question);

    it('recommended: what the app asks, and nothing of where it runs', async () => {
      const [request, ...others] = await reaching(vendor(), ask('recommended'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      expect(others).toEqual([]);
      if (typeof lastBody !== 'string') throw new Error('the SDK sends JSON as text');
      expect(request.body.equals(Buffer.from(lastBody))).toBe(true);
      expect(header(request, 'x-goog-api-key')).toBe(GEMINI_KEY);
      expect(header(request, 'x-goog-api-client')).toBeNull();
      expect(header(request, 'user-agent')).toBe('google-genai-sdk');
      const text = everythingIn([request]);
      expect(text).not.toContain(world().recommended.key);
      expect(text).not.toMatch(/gl-node|x-forwarded|linux/i);
    });

    it('recommended: where somebody is does not cross', async () => {
      const toolConfig = {
        retrievalConfig: { latLng: { latitude: 47.07, longitude: 15.44 }, languageCode: 'de' },
      };
      const config = { tools: [{ googleSearch: {} }], toolConfig };
      await client().models.generateContent({ ...question, config });
      expect(vendor().calls.at(-1)?.body.toolConfig).toEqual({ retrievalConfig: {} });
      expect(everythingIn(vendor().requests.slice(-1))).not.toMatch(/47\.07|15\.44/);
    });

    it('as is: what the app sent, byte for byte, under the real key', async () => {
      const [request] = await reaching(vendor('asIs'), ask('asIs'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      if (typeof lastBody !== 'string') throw new Error('the SDK sends JSON as text');
      expect(request.body.equals(Buffer.from(lastBody))).toBe(true);
      expect(header(request, 'x-goog-api-key')).toBe(GEMINI_KEY);
      expect(header(request, 'x-goog-api-client')).toContain('gl-node');
      expect(everythingIn([request])).not.toContain(world().asIs.key);
    });
  });

  describe('refusals of the gateway', () => {
    it('one attempt, and none at the vendor, when the key is unknown', async () => {
      for (const apiKey of ['AIza-not-a-virtual-key', GEMINI_KEY]) {
        const reached = await reaching(vendor(), () =>
          expect(client('recommended', { apiKey }).models.generateContent(question)).rejects.toMatchObject({
            status: 401,
          }),
        );
        expect([attempts.recommended, reached]).toEqual([1, []]);
      }
    });

    it('what the pack does not know is refused, and says so', async () => {
      const reached = await reaching(vendor(), async () => {
        const caches = client().caches.create({ model: question.model, config: { contents: TEXT } });
        await expect(caches).rejects.toThrow(/knows no such path/);
        const file = new Blob(['made up'], { type: 'text/plain' });
        await expect(client().files.upload({ file })).rejects.toThrow();
      });
      expect(reached).toEqual([]);
    });
  });
}
