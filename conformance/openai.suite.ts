import { header } from '@drawbridge/standins';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { everythingIn, OPENAI_KEY, PSEUDONYM, reaching, type World } from './world.ts';

type Side = 'asIs' | 'recommended';

/** The OpenAI SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function openaiSuite(world: () => World): void {
  let attempts = 0;
  /** The body of the last request as the SDK handed it to the network. */
  let lastBody: RequestInit['body'] = null;
  const client = (side: Side = 'recommended', more: { apiKey?: string; maxRetries?: number } = {}) => {
    attempts = 0;
    return new OpenAI({
      apiKey: world()[side].secretKey,
      baseURL: `${world()[side].openaiUrl}/v1`,
      organization: 'org-of-the-customer',
      project: 'proj-of-the-customer',
      maxRetries: 2,
      fetch: (url, init) => {
        attempts += 1;
        lastBody = init?.body ?? null;
        return fetch(url, init);
      },
      ...more,
    });
  };
  const vendor = (side: Side = 'recommended') => world()[side].openai;
  const question = {
    model: 'gpt-5',
    messages: [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'What is a drawbridge? — “Zugbrücke” 🌉' },
    ],
  };
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'Weather of a place',
        parameters: { type: 'object', properties: { place: { type: 'string' }, days: { type: 'integer' } } },
      },
    },
  ];

  describe('works as before', () => {
    it('chat completion', async () => {
      const answer = await client().chat.completions.create(question);
      expect(answer.choices[0]?.message.content).toBe('You said: What is a drawbridge? — “Zugbrücke” 🌉');
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
      expect(answer._request_id).toMatch(/^req_/);
    });

    it('streamed chat completion, the first piece before the vendor has gone on', async () => {
      const held = vendor().script.add({ do: 'hold_mid_stream', afterEvents: 3 });
      const stream = await client().chat.completions.create({
        ...question,
        stream: true,
        stream_options: { include_usage: true },
      });
      let said = '';
      let usage = 0;
      for await (const chunk of stream) {
        said += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage?.total_tokens ?? usage;
        if (said === 'You said: ') held.release();
      }
      expect(said).toBe('You said: What is a drawbridge? — “Zugbrücke” 🌉');
      expect(usage).toBeGreaterThan(0);
    });

    it('tool calls, plain and streamed, and the tool’s answer', async () => {
      const called = await client().chat.completions.create({ ...question, tools });
      const call = called.choices[0]?.message.tool_calls?.[0];
      if (call?.type !== 'function') throw new Error('no function was called');
      expect(JSON.parse(call.function.arguments)).toEqual({ place: 'example', days: 42 });
      const runner = client().chat.completions.stream({ ...question, tools });
      const streamed = (await runner.finalChatCompletion()).choices[0]?.message.tool_calls?.[0];
      expect(streamed?.type === 'function' && streamed.function.arguments).toBe(call.function.arguments);
      const assistant = called.choices[0]?.message;
      if (assistant === undefined) throw new Error('no message');
      const messages = [
        ...question.messages,
        assistant,
        { role: 'tool' as const, tool_call_id: call.id, content: '17 degrees' },
      ];
      const last = await client().chat.completions.create({ ...question, messages, tools });
      expect(last.choices[0]?.message.content).toBe('You said: 17 degrees');
      expect(vendor().calls.at(-1)?.body.messages).toEqual(messages);
    });

    it('responses, plain and streamed', async () => {
      const answer = await client().responses.create({ model: 'gpt-5', input: 'Grüße' });
      expect(answer.output_text).toBe('You said: Grüße');
      const stream = await client().responses.create({ model: 'gpt-5', input: 'Grüße', stream: true });
      let said = '';
      for await (const event of stream) if (event.type === 'response.output_text.delta') said += event.delta;
      expect(said).toBe('You said: Grüße');
    });

    it('embeddings, which the SDK asks for in base64', async () => {
      const inputs = ['one', 'two'];
      const through = await client().embeddings.create({ model: 'text-embedding-3-small', input: inputs });
      const direct = new OpenAI({ apiKey: OPENAI_KEY, baseURL: `${vendor().url}/v1` });
      world().sentStraight += 1;
      const straight = await direct.embeddings.create({ model: 'text-embedding-3-small', input: inputs });
      expect(through.data).toEqual(straight.data);
      expect(vendor().calls.at(-2)?.body.encoding_format).toBe('base64');
    });

    it('models', async () => {
      const found = [];
      for await (const model of client().models.list()) found.push(model.id);
      expect(found).toContain('gpt-5');
      expect((await client().models.retrieve('gpt-5')).id).toBe('gpt-5');
    });

    it('the vendor’s own errors, as the SDK’s classes', async () => {
      const missing = client().models.retrieve('no-such-model');
      await expect(missing).rejects.toThrow(OpenAI.NotFoundError);
      await expect(missing).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
    });
  });

  describe('the vendor gets only what the contract allows', () => {
    const about = { user: 'anna.berger@example.com', safety_identifier: 'user-of-the-customer-17' };
    const ask = (side: Side) => () =>
      client(side).chat.completions.create({ ...question, ...about, temperature: 0.5 });

    it('recommended: people and accounts hidden, the rest as the app sent it', async () => {
      const side = world().recommended;
      const [request, ...others] = await reaching(vendor(), ask('recommended'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      expect(others).toEqual([]);
      const { user, safety_identifier, ...body } = vendor().calls.at(-1)?.body ?? {};
      expect(body).toEqual({ ...question, temperature: 0.5 });
      expect([user, safety_identifier]).toEqual([
        expect.stringMatching(PSEUDONYM),
        expect.stringMatching(PSEUDONYM),
      ]);
      expect(header(request, 'authorization')).toBe(`Bearer ${OPENAI_KEY}`);
      const text = everythingIn([request]);
      for (const secret of [
        ...Object.values(about),
        'org-of-the-customer',
        'proj-of-the-customer',
        side.secretKey,
      ]) {
        expect(text).not.toContain(secret);
      }
      expect(text).not.toMatch(/x-stainless|x-forwarded|node\.js|linux/i);
    });

    it('recommended: one person is one pseudonym, another another', async () => {
      const userOf = async (user: string) => {
        await client().chat.completions.create({ ...question, user });
        return vendor().calls.at(-1)?.body.user;
      };
      const anna = await userOf('anna');
      expect(await userOf('anna')).toBe(anna);
      expect(await userOf('ben')).not.toBe(anna);
    });

    it('as is: what the app sent, byte for byte, under the real key', async () => {
      const [request] = await reaching(vendor('asIs'), ask('asIs'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      if (typeof lastBody !== 'string') throw new Error('the SDK sends JSON as text');
      expect(lastBody).toContain('anna.berger@example.com');
      expect(request.body.equals(Buffer.from(lastBody))).toBe(true);
      expect(header(request, 'openai-organization')).toBe('org-of-the-customer');
      expect(everythingIn([request])).not.toContain(world().asIs.secretKey);
    });
  });

  describe('attempts', () => {
    const ask = (openai: OpenAI) => openai.chat.completions.create(question);

    it('one, and none at the vendor, when the contract refuses', async () => {
      const refused = await reaching(vendor(), async () => {
        const request = client().responses.create({
          model: 'gpt-5',
          input: 'Read my calendar',
          tools: [
            {
              type: 'mcp',
              server_label: 'calendar',
              server_url: 'https://mcp.example.com',
              authorization: 'made-up',
            },
          ],
        });
        await expect(request).rejects.toThrow(OpenAI.PermissionDeniedError);
        await expect(request).rejects.toMatchObject({ code: 'field_refused' });
      });
      expect([attempts, refused]).toEqual([1, []]);
    });

    it('one, and none at the vendor, when the key is unknown', async () => {
      const known = world().recommended.secretKey;
      const stranger = known.slice(0, -1) + (known.endsWith('a') ? 'b' : 'a');
      for (const apiKey of [stranger, 'sk-not-a-virtual-key', OPENAI_KEY]) {
        const reached = await reaching(vendor(), () =>
          expect(ask(client('recommended', { apiKey }))).rejects.toThrow(OpenAI.AuthenticationError),
        );
        expect([apiKey === stranger, attempts, reached]).toEqual([apiKey === stranger, 1, []]);
      }
    });

    it('one, and none at the vendor, for what the pack does not know, and it says so', async () => {
      const reached = await reaching(vendor(), () =>
        expect(client().evals.retrieve('eval_1')).rejects.toThrow(/knows no such path/),
      );
      expect([attempts, reached]).toEqual([1, []]);
    });

    it('as many as the SDK makes on 429 and 5xx, each of them at the vendor', async () => {
      const busy = {
        do: 'answer' as const,
        body: '{"error":{"message":"busy"}}',
        headers: { 'retry-after-ms': '1' },
      };
      vendor().script.add({ ...busy, status: 429 }, { times: 1 });
      vendor().script.add({ ...busy, status: 503 }, { times: 1 });
      const reached = await reaching(vendor(), () => ask(client()));
      expect([attempts, reached.length]).toEqual([3, 3]);

      const step = vendor().script.add({ ...busy, status: 500 }, { times: 5 });
      await expect(ask(client())).rejects.toThrow(OpenAI.InternalServerError);
      expect([attempts, step.arrivals.length]).toEqual([3, 3]);
      vendor().script.clear();
    });

    it('again when the vendor drops the connection; a stream that breaks off is not taken for a whole one', async () => {
      vendor().script.add({ do: 'drop' }, { times: 1 });
      const reached = await reaching(vendor(), () => ask(client()));
      expect([attempts, reached.length]).toEqual([2, 2]);

      vendor().script.add({ do: 'drop_mid_stream', afterEvents: 2 }, { times: 1 });
      const stream = await client().chat.completions.create({ ...question, stream: true });
      const read = async () => {
        for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
      };
      await expect(read()).rejects.toThrow();
    });
  });
}
