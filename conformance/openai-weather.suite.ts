import OpenAI, { toFile } from 'openai';
import { describe } from 'vitest';
import type { Contract } from './ai-world.ts';
import { openaiCalls, openaiManners, question, TEXT } from './openai-dialect.ts';
import type { Weather } from './table.ts';
import { type Kept, type SdkCall, weatherSuite } from './weather.ts';
import type { World } from './world.ts';

const LINES = `${JSON.stringify({
  custom_id: 'one',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { ...question, user: 'anna.berger@example.com' },
})}\n`;

/**
 * Behind a dropped connection the SDK waits half a second. Chat (asked and streamed) and a form are seen to each time,
 * which differ in what is sent again; the others in the soak.
 */
const waitsIn: readonly Weather[] = ['dropped'];

/**
 * Every call of the OpenAI SDK that the suites here make at OpenAI, in every weather. The SDK tries twice again, by
 * default: after a lost connection, 408, 409, 429 and 5xx (its README, "Retries"). Everyone in it is made up.
 */
export function openaiWeatherSuite(world: () => World, kept: Kept): void {
  const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
  const client = (contract: Contract) => {
    attempts[contract] = 0;
    return new OpenAI({
      apiKey: world()[contract].secretKey,
      baseURL: `${world()[contract].openaiUrl}/v1`,
      fetch: (url, init) => {
        // For its first form the SDK asks for "data:,", to see how its `fetch` treats forms: nothing goes out.
        if (url !== 'data:,') attempts[contract] += 1;
        return fetch(url, init);
      },
    });
  };
  const calls = [
    ...openaiCalls(client, { embeddings: true, responses: true, model: true }).map((call) =>
      call.name.startsWith('chat.') ? call : { ...call, waitsIn },
    ),
    ...helperCalls(client),
    ...keptCalls(client),
    ...mediaCalls(client),
  ];
  describe('whatever the vendor does', () =>
    weatherSuite(
      calls,
      {
        ...openaiManners,
        vendor: (contract) => world()[contract].openai,
        attempts: (contract) => attempts[contract],
      },
      kept,
    ));
}

type Client = (contract: Contract) => OpenAI;

/** The SDK's own readers of streams. */
function helperCalls(client: Client): SdkCall[] {
  const gets = `You said: ${TEXT}`;
  return [
    {
      name: 'chat.completions.stream',
      ask: (contract) => client(contract).chat.completions.stream(question).finalContent(),
      gets,
      streams: true,
      waitsIn,
    },
    {
      name: 'responses.stream',
      ask: async (contract) => {
        const stream = client(contract).responses.stream({ model: 'gpt-5', input: TEXT });
        return (await stream.finalResponse()).output_text;
      },
      gets,
      streams: true,
      waitsIn,
    },
  ];
}

/** Calls about files and batches, which the vendor keeps. */
function keptCalls(client: Client): SdkCall[] {
  const ids: Record<Contract, string> = { asIs: '', recommended: '' };
  const upload = async (contract: Contract) => {
    const file = await toFile(Buffer.from(LINES), 'lines.jsonl');
    return client(contract).files.create({ file, purpose: 'batch' });
  };
  const batch = async (contract: Contract, input_file_id: string) => {
    const asked = { endpoint: '/v1/chat/completions' as const, completion_window: '24h' as const };
    return client(contract).batches.create({ ...asked, input_file_id });
  };
  const aFile = async (contract: Contract) => {
    ids[contract] = (await upload(contract)).id;
  };
  const aBatch = async (contract: Contract) => {
    await aFile(contract);
    ids[contract] = (await batch(contract, ids[contract])).id;
  };
  return [
    {
      name: 'files.create',
      ask: async (contract) => {
        const { object, filename, purpose } = await upload(contract);
        return { object, filename, purpose };
      },
      gets: { object: 'file', filename: 'lines.jsonl', purpose: 'batch' },
    },
    {
      name: 'files.list',
      given: aFile,
      ask: async (contract) => {
        const found = [];
        for await (const file of client(contract).files.list()) found.push(file.id);
        return found.includes(ids[contract]);
      },
      gets: true,
      waitsIn,
    },
    {
      name: 'files.retrieve',
      given: aFile,
      ask: async (contract) => {
        const { id, filename } = await client(contract).files.retrieve(ids[contract]);
        return { isIt: id === ids[contract], filename };
      },
      gets: { isIt: true, filename: 'lines.jsonl' },
      waitsIn,
    },
    {
      name: 'files.delete',
      given: aFile,
      ask: async (contract) => (await client(contract).files.delete(ids[contract])).deleted,
      gets: true,
      waitsIn,
    },
    {
      name: 'batches.create',
      given: aFile,
      ask: async (contract) => {
        const { status, request_counts } = await batch(contract, ids[contract]);
        return { status, completed: request_counts?.completed };
      },
      gets: { status: 'completed', completed: 1 },
      waitsIn,
    },
    {
      name: 'batches.retrieve',
      given: aBatch,
      ask: async (contract) => {
        const { id, status } = await client(contract).batches.retrieve(ids[contract]);
        return { isIt: id === ids[contract], status };
      },
      gets: { isIt: true, status: 'completed' },
      waitsIn,
    },
  ];
}

function mediaCalls(client: Client): SdkCall[] {
  return [
    {
      name: 'moderations.create',
      ask: async (contract) => {
        const model = 'omni-moderation-latest';
        return (await client(contract).moderations.create({ model, input: TEXT })).model;
      },
      gets: 'omni-moderation-latest',
      waitsIn,
    },
    {
      name: 'audio.transcriptions.create',
      ask: async (contract) => {
        const file = new File([Uint8Array.of(0, 255, 13, 10, 45, 45)], 'call.mp3', { type: 'audio/mpeg' });
        return (await client(contract).audio.transcriptions.create({ file, model: 'whisper-1' })).text;
      },
      gets: 'You said something.',
      waitsIn,
    },
    {
      name: 'images.edit',
      ask: async (contract) => {
        const image = new File(['made up'], 'one.png', { type: 'image/png' });
        const user = 'anna.berger@example.com';
        return (await client(contract).images.edit({ image, prompt: 'Draw a bridge', user })).data?.length;
      },
      gets: 1,
      waitsIn,
    },
  ];
}
