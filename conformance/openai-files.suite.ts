import OpenAI, { toFile } from 'openai';
import { describe, expect, it } from 'vitest';
import { everythingIn, PSEUDONYM, reaching, type World } from './world.ts';

type Side = 'asIs' | 'recommended';
const ANNA = 'anna.berger@example.com';

/** What the OpenAI SDK sends in forms and files, and its endpoints that keep text. Everyone in it is made up. */
export function openaiFilesSuite(world: () => World): void {
  /** The body of the last form as the SDK made it. */
  let lastForm: Buffer | null = null;
  const client = (side: Side = 'recommended') =>
    new OpenAI({
      apiKey: world()[side].secretKey,
      baseURL: `${world()[side].openaiUrl}/v1`,
      maxRetries: 0,
      fetch: async (url, init) => {
        if (!(init?.body instanceof ReadableStream || init?.body instanceof FormData))
          return fetch(url, init);
        const made = new Response(init.body, init.headers === undefined ? {} : { headers: init.headers });
        lastForm = Buffer.from(await made.arrayBuffer());
        const headers = new Headers(made.headers);
        return fetch(url, { ...init, headers, body: lastForm });
      },
    });
  const vendor = (side: Side = 'recommended') => world()[side].openai;
  const lastCall = (side: Side = 'recommended') => vendor(side).calls.at(-1);

  const chat = (user: string) => ({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }], user });
  const lines = [
    { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: chat(ANNA) },
    { custom_id: 'two', method: 'POST', url: '/v1/chat/completions', body: chat('ben') },
    {
      custom_id: 'three',
      method: 'POST',
      url: '/v1/responses',
      body: { model: 'gpt-5', input: 'Hi', safety_identifier: ANNA },
    },
    {
      custom_id: 'four',
      method: 'POST',
      url: '/v1/embeddings',
      body: { model: 'text-embedding-3-small', input: 'Hi', user: ANNA },
    },
  ];
  const jsonl = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  const upload = (side: Side = 'recommended') =>
    toFile(Buffer.from(jsonl), 'anna-berger.jsonl').then((file) =>
      client(side).files.create({ file, purpose: 'batch' }),
    );

  describe('files and batches', () => {
    it('a batch from its file to its answers; each line is treated as its endpoint’s body would be', async () => {
      await client().chat.completions.create({ ...question, user: ANNA });
      const pseudonym = lastCall()?.body.user;
      const file = await upload();
      const { text } = Object(lastCall()?.body.file);
      expect(
        String(text)
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      ).toEqual([
        { ...lines[0], body: chat(String(pseudonym)) },
        { ...lines[1], body: { ...chat(''), user: expect.stringMatching(PSEUDONYM) } },
        { ...lines[2], body: { model: 'gpt-5', input: 'Hi', safety_identifier: pseudonym } },
        { ...lines[3], body: { model: 'text-embedding-3-small', input: 'Hi', user: pseudonym } },
      ]);
      const batch = await client().batches.create({
        input_file_id: file.id,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
        metadata: { job: 'made up' },
      });
      expect((await client().batches.retrieve(batch.id)).status).toBe('completed');
      const listed = [];
      for await (const each of client().batches.list()) listed.push(each.id);
      expect(listed).toContain(batch.id);
      expect((await client().batches.cancel(batch.id)).id).toBe(batch.id);
      const output = await (await client().files.content(batch.output_file_id ?? '')).text();
      expect(
        output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).custom_id),
      ).toEqual(['one', 'two', 'three', 'four']);
    });

    it('as is: the form that the SDK made, byte for byte', async () => {
      const [request] = await reaching(vendor('asIs'), () => upload('asIs'));
      expect(request?.body.equals(lastForm ?? Buffer.alloc(0))).toBe(true);
      expect(lastForm?.toString()).toContain(ANNA);
    });

    it('files are listed, shown, read and deleted', async () => {
      const content = 'What a made-up handbook says.';
      const made = await client().files.create({
        file: new File([content], 'handbook.txt', { type: 'text/plain' }),
        purpose: 'user_data',
      });
      expect(Object(lastCall()?.body.file)).toEqual({
        name: 'handbook.txt',
        type: 'text/plain',
        text: content,
      });
      expect((await client().files.retrieve(made.id)).filename).toBe('handbook.txt');
      const listed = [];
      for await (const file of client().files.list({ purpose: 'user_data' })) listed.push(file.id);
      expect(listed).toContain(made.id);
      expect(await (await client().files.content(made.id)).text()).toBe(content);
      expect((await client().files.delete(made.id)).deleted).toBe(true);
    });

    it('a file of lines that can’t be read is refused, and says why', async () => {
      const reached = await reaching(vendor(), async () => {
        const file = new File(['{"custom_id":"one"} {"custom_id":"two"}'], 'lines.jsonl');
        const request = client().files.create({ file, purpose: 'batch' });
        await expect(request).rejects.toMatchObject({ status: 400, code: 'body_unreadable' });
      });
      expect(reached).toEqual([]);
    });
  });

  describe('forms with media', () => {
    it('a transcription', async () => {
      const [request] = await reaching(vendor(), async () => {
        const file = new File([Uint8Array.of(0, 255, 13, 10, 45, 45)], 'call.mp3', { type: 'audio/mpeg' });
        const answer = await client().audio.transcriptions.create({
          file,
          model: 'whisper-1',
          prompt: 'A call.',
        });
        expect(answer.text).toBe('You said something.');
      });
      expect(request?.body.equals(lastForm ?? Buffer.alloc(0))).toBe(true);
    });

    it('an edit of images, with who asks hidden', async () => {
      const image = ['one.png', 'two.png'].map((name) => new File(['made up'], name, { type: 'image/png' }));
      const answer = await client().images.edit({ image, prompt: 'Draw a bridge', user: ANNA });
      expect(answer.data).toHaveLength(1);
      expect(lastCall()?.body).toEqual({
        prompt: 'Draw a bridge',
        user: expect.stringMatching(PSEUDONYM),
        'image[]': { name: 'two.png', type: 'image/png', text: 'made up' },
      });
    });
  });

  it('moderations, conversations, threads, messages, runs and assistants carry their text', async () => {
    const reached = await reaching(vendor(), async () => {
      const openai = client();
      await openai.moderations.create({ input: 'Is this fine?' });
      expect(lastCall()?.body).toEqual({ input: 'Is this fine?' });
      const items = [{ type: 'message' as const, role: 'user' as const, content: 'Hello' }];
      await openai.conversations.create({ items, metadata: { topic: 'bridges' } });
      expect(lastCall()?.body).toEqual({ items, metadata: { topic: 'bridges' } });
      await openai.beta.assistants.create({ model: 'gpt-5', name: 'Bridges', instructions: 'Be brief.' });
      const thread = await openai.beta.threads.create({ messages: [{ role: 'user', content: 'Hello' }] });
      await openai.beta.threads.messages.create(thread.id, { role: 'user', content: 'Hello again' });
      expect(lastCall()?.body).toEqual({ role: 'user', content: 'Hello again' });
      await openai.beta.threads.runs.create(thread.id, { assistant_id: 'asst_1' });
    });
    expect(reached).toHaveLength(6);
    expect(everythingIn(reached)).not.toContain(world().recommended.secretKey);
  });
}

const question = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hello' }] };
