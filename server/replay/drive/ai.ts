import OpenAI from 'openai';
import type { AiCall, Person } from '../population/person.ts';
import { inParallel } from './parallel.ts';

/** Where the OpenAI SDK sends to, and with which key. */
export interface AiTarget {
  /** With `/v1` at the end. */
  baseURL: string;
  apiKey: string;
}

async function call(client: OpenAI, made: AiCall): Promise<void> {
  const about = {
    ...(made.user === null ? {} : { user: made.user }),
    ...(made.safetyIdentifier === null ? {} : { safety_identifier: made.safetyIdentifier }),
    ...(made.metadata === null ? {} : { metadata: made.metadata }),
  };
  const messages = [{ role: 'user' as const, content: made.prompt }];
  switch (made.kind) {
    case 'chat':
      await client.chat.completions.create({ model: 'gpt-5-mini', messages, ...about });
      return;
    case 'chat_stream': {
      const stream = await client.chat.completions.create({
        model: 'gpt-5-mini',
        messages,
        ...about,
        stream: true,
      });
      let said = '';
      for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? '';
      if (said === '') throw new Error('the streamed answer was empty');
      return;
    }
    case 'responses':
      await client.responses.create({ model: 'gpt-5', input: made.prompt, ...about });
      return;
    case 'embeddings': {
      const user = made.user === null ? {} : { user: made.user };
      await client.embeddings.create({ model: 'text-embedding-3-small', input: made.prompt, ...user });
    }
  }
}

/** Plays the calls that the app makes to its AI vendor on behalf of people, through the unmodified SDK. Resolves with their number. */
export async function playAi(target: AiTarget, people: readonly Person[]): Promise<number> {
  const client = new OpenAI({
    baseURL: target.baseURL,
    apiKey: target.apiKey,
    organization: 'org-of-the-made-up-customer',
    maxRetries: 0,
  });
  const calls = people.flatMap((person) => person.aiCalls);
  await inParallel(calls, 6, (made) => call(client, made));
  return calls.length;
}
