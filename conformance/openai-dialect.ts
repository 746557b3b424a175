import type OpenAI from 'openai';
import type { Contract } from './ai-world.ts';
import type { Manners, SdkCall } from './weather.ts';

export const TEXT = 'What is a drawbridge? — “Zugbrücke” 🌉';
export const question = {
  model: 'gpt-5',
  messages: [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: TEXT },
  ],
};

/** The calls that all vendors have who speak OpenAI's protocol, made by its SDK. */
export function openaiCalls(
  client: (contract: Contract) => OpenAI,
  has: { embeddings: boolean; responses: boolean; model: boolean },
): SdkCall[] {
  const calls: SdkCall[] = [
    {
      name: 'chat.completions.create',
      ask: async (contract) =>
        (await client(contract).chat.completions.create(question)).choices[0]?.message.content,
      gets: `You said: ${TEXT}`,
    },
    {
      name: 'chat.completions.create, streamed',
      ask: async (contract) => {
        let text = '';
        const stream = await client(contract).chat.completions.create({ ...question, stream: true });
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
        return text;
      },
      gets: `You said: ${TEXT}`,
      streams: true,
    },
    {
      name: 'models.list',
      ask: async (contract) => {
        const found = [];
        for await (const model of client(contract).models.list()) found.push(model.id);
        return found;
      },
      gets: ['gpt-5', 'gpt-5-mini', 'text-embedding-3-small'],
    },
  ];
  if (has.embeddings) {
    calls.push({
      name: 'embeddings.create',
      ask: async (contract) => {
        const model = 'text-embedding-3-small';
        const { data } = await client(contract).embeddings.create({ model, input: ['one', 'two'] });
        return data.map((one) => one.embedding.length);
      },
      gets: [256, 256],
    });
  }
  if (has.responses) {
    calls.push(
      {
        name: 'responses.create',
        ask: async (contract) =>
          (await client(contract).responses.create({ model: 'gpt-5', input: TEXT })).output_text,
        gets: `You said: ${TEXT}`,
      },
      {
        name: 'responses.create, streamed',
        ask: async (contract) => {
          let text = '';
          const asked = { model: 'gpt-5', input: TEXT, stream: true as const };
          for await (const event of await client(contract).responses.create(asked)) {
            if (event.type === 'response.output_text.delta') text += event.delta;
          }
          return text;
        },
        gets: `You said: ${TEXT}`,
        streams: true,
      },
    );
  }
  if (has.model) {
    calls.push({
      name: 'models.retrieve',
      ask: async (contract) => (await client(contract).models.retrieve('gpt-5')).id,
      gets: 'gpt-5',
    });
  }
  return calls;
}

/** How the SDK takes what the vendor does. */
export const openaiManners: Pick<Manners, 'errorBody' | 'thrown'> = {
  errorBody: (status) =>
    JSON.stringify({ error: { message: `made up ${status}`, type: 'made_up', param: null, code: null } }),
  thrown: {
    badRequest: { status: 400, error: { message: 'made up 400' } },
    serverError: { status: 500, error: { message: 'made up 500' } },
  },
};
