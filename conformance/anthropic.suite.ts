import Anthropic from '@anthropic-ai/sdk';
import { header } from '@drawbridge/standins';
import { describe, expect, it } from 'vitest';
import { type AiWorld, ANTHROPIC_KEY, type Contract } from './ai-world.ts';
import { type Kept, type SdkCall, weatherSuite } from './weather.ts';
import { everythingIn, PSEUDONYM, reaching } from './world.ts';

const TEXT = 'What is a drawbridge? — “Zugbrücke” 🌉';
const question = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  system: 'Be brief.',
  messages: [{ role: 'user' as const, content: TEXT }],
};
const tools = [
  {
    name: 'get_weather',
    description: 'Weather of a place',
    input_schema: {
      type: 'object' as const,
      properties: { place: { type: 'string' }, days: { type: 'integer' } },
    },
  },
];

/** Anthropic's SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function anthropicSuite(world: () => AiWorld, kept: Kept): void {
  const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
  let lastBody: RequestInit['body'] = null;
  const client = (contract: Contract = 'recommended', more: { apiKey?: string; authToken?: string } = {}) => {
    attempts[contract] = 0;
    return new Anthropic({
      apiKey: world()[contract].key,
      baseURL: world()[contract].anthropic.url,
      maxRetries: 2,
      fetch: (url, init) => {
        attempts[contract] += 1;
        lastBody = init?.body ?? null;
        return fetch(url, init);
      },
      ...more,
    });
  };
  const vendor = (contract: Contract = 'recommended') => world()[contract].anthropic.vendor;
  const said = (message: Anthropic.Message) =>
    message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

  const calls: SdkCall[] = [
    {
      name: 'messages.create',
      ask: async (contract) => said(await client(contract).messages.create(question)),
      gets: `You said: ${TEXT}`,
    },
    {
      name: 'messages.create, streamed',
      ask: async (contract) => {
        let text = '';
        for await (const event of await client(contract).messages.create({ ...question, stream: true })) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
            text += event.delta.text;
        }
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
    {
      name: 'messages.stream',
      ask: (contract) => client(contract).messages.stream(question).finalText(),
      gets: `You said: ${TEXT}`,
      streams: true,
    },
    {
      name: 'messages.countTokens',
      ask: async (contract) => {
        const { model, messages } = question;
        return (await client(contract).messages.countTokens({ model, messages })).input_tokens;
      },
      gets: Math.ceil(TEXT.length / 4),
    },
    {
      name: 'messages.batches.create',
      ask: async (contract) => {
        const requests = [{ custom_id: 'first', params: question }];
        return (await client(contract).messages.batches.create({ requests })).request_counts.succeeded;
      },
      gets: 1,
    },
    {
      name: 'models.list',
      ask: async (contract) => {
        const found = [];
        for await (const model of client(contract).models.list()) found.push(model.id);
        return found;
      },
      gets: ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'],
    },
    {
      name: 'models.retrieve',
      ask: async (contract) => (await client(contract).models.retrieve('claude-haiku-4-5')).id,
      gets: 'claude-haiku-4-5',
    },
  ];

  describe('whatever the vendor does', () =>
    weatherSuite(
      calls,
      {
        vendor,
        attempts: (contract) => attempts[contract],
        errorBody: (status) =>
          JSON.stringify({ type: 'error', error: { type: 'made_up_error', message: `made up ${status}` } }),
        thrown: {
          badRequest: { status: 400, error: { error: { message: 'made up 400' } } },
          serverError: { status: 500, error: { error: { message: 'made up 500' } } },
        },
      },
      kept,
    ));

  describe('works as before', () => {
    it('the first piece of a stream comes before the vendor has gone on', async () => {
      const held = vendor().script.add({ do: 'hold_mid_stream', afterEvents: 4 });
      let text = '';
      for await (const event of await client().messages.create({ ...question, stream: true })) {
        if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue;
        text += event.delta.text;
        // Where answers are looked through for secrets, the begun word waits for what ends it.
        if (text === 'You ') held.release();
      }
      expect(text).toBe(`You said: ${TEXT}`);
    });

    it('tool calls, plain and streamed, and the tool’s answer', async () => {
      const called = await client().messages.create({ ...question, tools });
      const use = called.content[0];
      if (use?.type !== 'tool_use') throw new Error('no tool was called');
      expect([called.stop_reason, use.input]).toEqual(['tool_use', { place: 'example', days: 42 }]);
      const streamed = await client()
        .messages.stream({ ...question, tools })
        .finalMessage();
      expect(streamed.content[0]).toMatchObject({ type: 'tool_use', input: use.input });
      const messages: Anthropic.MessageParam[] = [
        ...question.messages,
        { role: 'assistant', content: called.content },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: use.id,
              content: [{ type: 'text', text: '17 degrees' }],
            },
          ],
        },
      ];
      const last = await client().messages.create({ ...question, messages, tools });
      expect(said(last)).toBe('You said: 17 degrees');
      expect(vendor().calls.at(-1)?.body.messages).toEqual(messages);
    });

    it('batches, from their making to their deletion', async () => {
      const anthropic = client();
      const made = await anthropic.messages.batches.create({
        requests: [
          { custom_id: 'first', params: question },
          { custom_id: 'second', params: question },
        ],
      });
      expect((await anthropic.messages.batches.retrieve(made.id)).id).toBe(made.id);
      const listed = [];
      for await (const batch of anthropic.messages.batches.list({ limit: 1 })) listed.push(batch.id);
      expect(listed).toContain(made.id);
      expect((await anthropic.messages.batches.cancel(made.id)).id).toBe(made.id);
      expect((await anthropic.messages.batches.delete(made.id)).type).toBe('message_batch_deleted');
    });

    it('a batch’s results: their address leads through the gateway, wherever the vendor says it', async () => {
      const { anthropic } = world().recommended;
      const requests = [{ custom_id: 'first', params: question }];
      const { id, results_url } = await client().messages.batches.create({ requests });
      expect(results_url).toBe(`${anthropic.url}/v1/messages/batches/${id}/results`);
      const found = [];
      for await (const line of await client().messages.batches.results(id)) found.push(line.custom_id);
      expect(found).toEqual(['first']);
      for await (const batch of client().messages.batches.list()) {
        expect(batch.results_url).toMatch(`${anthropic.url}/v1/messages/batches/`);
      }
    });

    it('files', async () => {
      const file = new File(['made up'], 'anna-berger.txt', { type: 'text/plain' });
      const made = await client().beta.files.upload({ file });
      expect(vendor().calls.at(-1)?.body.file).toEqual({
        name: 'anna-berger.txt',
        type: 'text/plain',
        text: 'made up',
      });
      expect((await client().beta.files.retrieveMetadata(made.id)).filename).toBe('anna-berger.txt');
      expect(await (await client().beta.files.download(made.id)).text()).toBe('made up');
      const listed = [];
      for await (const each of client().beta.files.list()) listed.push(each.id);
      expect(listed).toContain(made.id);
      expect((await client().beta.files.delete(made.id)).id).toBe(made.id);
    });

    it('beta calls, which have the same paths', async () => {
      const betas = ['made-up-2025-01-01'];
      const answer = await client().beta.messages.create({ ...question, betas });
      expect(answer.content[0]).toMatchObject({ text: `You said: ${TEXT}` });
      const request = vendor().requests.at(-1);
      expect(request === undefined ? null : header(request, 'anthropic-beta')).toBe(betas[0]);
    });

    it('the vendor’s own errors, as the SDK’s classes', async () => {
      await expect(client().models.retrieve('no-such-model')).rejects.toThrow(Anthropic.NotFoundError);
      const wrong = client().messages.create({ ...question, messages: [], model: undefined as never });
      await expect(wrong).rejects.toThrow(Anthropic.BadRequestError);
    });
  });

  describe('the vendor gets only what the contract allows', () => {
    const person = 'anna.berger@example.com';
    const ask = (contract: Contract) => () =>
      client(contract).messages.create({ ...question, metadata: { user_id: person } });

    it('recommended: people hidden, the rest as the app sent it', async () => {
      const [request, ...others] = await reaching(vendor(), ask('recommended'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      expect(others).toEqual([]);
      expect(vendor().calls.at(-1)?.body).toEqual({
        ...question,
        metadata: { user_id: expect.stringMatching(PSEUDONYM) },
      });
      expect(header(request, 'anthropic-version')).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(header(request, 'user-agent')).toBe('Anthropic/JS');
      const text = everythingIn([request]);
      for (const secret of [person, world().recommended.key]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/x-stainless|x-forwarded|node\.js|linux/i);
    });

    it('recommended: one person is one pseudonym, in messages, counts and batches', async () => {
      const metadata = { user_id: 'anna' };
      await client().messages.create({ ...question, metadata });
      const inMessage = vendor().calls.at(-1)?.body.metadata;
      const params = { ...question, metadata };
      const other = { ...question, metadata: { user_id: 'ben' } };
      await client().messages.batches.create({
        requests: [
          { custom_id: 'first', params },
          { custom_id: 'second', params: other },
        ],
      });
      expect(vendor().calls.at(-1)?.body.requests).toEqual([
        { custom_id: 'first', params: { ...question, metadata: inMessage } },
        {
          custom_id: 'second',
          params: { ...question, metadata: { user_id: expect.stringMatching(PSEUDONYM) } },
        },
      ]);
      expect(everythingIn(vendor().requests.slice(-2))).not.toMatch(/"(anna|ben)"/);
    });

    it('as is: what the app sent, byte for byte, under the real key', async () => {
      const [request] = await reaching(vendor('asIs'), ask('asIs'));
      if (request === undefined) throw new Error('nothing reached the vendor');
      if (typeof lastBody !== 'string') throw new Error('the SDK sends JSON as text');
      expect(lastBody).toContain(person);
      expect(request.body.equals(Buffer.from(lastBody))).toBe(true);
      expect(header(request, 'x-stainless-lang')).toBe('js');
      expect(everythingIn([request])).not.toContain(world().asIs.key);
    });

    it('the real key stands where the app’s stood, whichever place the SDK chose', async () => {
      const [byKey] = await reaching(vendor(), () => client().messages.create(question));
      const { key: authToken } = world().recommended;
      const bearer = new Anthropic({ apiKey: null, authToken, baseURL: world().recommended.anthropic.url });
      const [byToken] = await reaching(vendor(), () => bearer.messages.create(question));
      if (byKey === undefined || byToken === undefined) throw new Error('nothing reached the vendor');
      expect(everythingIn([byKey])).toContain(ANTHROPIC_KEY);
      expect(header(byToken, 'authorization')).toBe(`Bearer ${ANTHROPIC_KEY}`);
      expect(header(byToken, 'x-api-key')).toBeNull();
    });
  });

  describe('refusals of the gateway', () => {
    it('one attempt, and none at the vendor, when the contract refuses', async () => {
      const reached = await reaching(vendor(), async () => {
        const request = client().beta.messages.create({
          ...question,
          mcp_servers: [
            {
              type: 'url',
              name: 'calendar',
              url: 'https://mcp.example.com',
              authorization_token: 'made-up',
            },
          ],
        });
        await expect(request).rejects.toThrow(Anthropic.PermissionDeniedError);
        await expect(request).rejects.toMatchObject({ error: { error: { code: 'field_refused' } } });
      });
      expect([attempts.recommended, reached]).toEqual([1, []]);
    });

    it('one attempt, and none at the vendor, when the key is unknown', async () => {
      for (const apiKey of ['sk-ant-not-a-virtual-key', ANTHROPIC_KEY]) {
        const reached = await reaching(vendor(), () =>
          expect(client('recommended', { apiKey }).messages.create(question)).rejects.toThrow(
            Anthropic.AuthenticationError,
          ),
        );
        expect([attempts.recommended, reached]).toEqual([1, []]);
      }
    });

    it('what the pack does not know is refused, and says so', async () => {
      const reached = await reaching(vendor(), async () => {
        const file = new File(['made up'], 'anna-berger.zip');
        const made = client().beta.skills.create({ files: [file] });
        await expect(made).rejects.toThrow(/knows no such path/);
      });
      expect(reached).toEqual([]);
    });
  });
}
