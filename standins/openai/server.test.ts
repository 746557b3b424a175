import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenaiStandin, startOpenaiStandin } from './server.ts';

const key = 'sk-of-a-test';
let standin: OpenaiStandin;
beforeEach(async () => {
  standin = await startOpenaiStandin({ validKeys: [key] });
});
afterEach(() => standin.stop());

const post = (path: string, body: unknown, bearer = key) =>
  fetch(standin.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const question = { model: 'gpt-5', messages: [{ role: 'user', content: 'Grüße' }] };

describe('the OpenAI stand-in', () => {
  it('answers with what it was told, and keeps the call', async () => {
    const answer: unknown = await (await post('/v1/chat/completions', question)).json();
    expect(answer).toMatchObject({ choices: [{ message: { content: 'You said: Grüße' } }] });
    expect(standin.calls).toMatchObject([{ endpoint: 'chat', body: question }]);
  });

  it('streams pieces that add up, ended by [DONE]', async () => {
    const text = await (await post('/v1/chat/completions', { ...question, stream: true })).text();
    const lines = text.split('\n\n').filter((line) => line !== '');
    expect(lines.at(-1)).toBe('data: [DONE]');
    const said = lines.slice(0, -1).map((line) => {
      const chunk: { choices: { delta: { content?: string | null } }[] } = JSON.parse(line.slice(6));
      return chunk.choices[0]?.delta.content ?? '';
    });
    expect(said.join('')).toBe('You said: Grüße');
  });

  it('says in the vendor’s shape what is wrong', async () => {
    const stranger = await post('/v1/chat/completions', question, 'sk-of-nobody');
    expect([stranger.status, await stranger.json()]).toMatchObject([
      401,
      { error: { code: 'invalid_api_key' } },
    ]);
    const empty = await post('/v1/chat/completions', { model: 'gpt-5' });
    expect([empty.status, await empty.json()]).toMatchObject([400, { error: { param: 'messages' } }]);
    expect((await post('/v1/unknown', {})).status).toBe(404);
    expect([standin.requests.length, standin.calls.length]).toEqual([3, 0]);
  });
});

describe('scripted behaviour', () => {
  it('answers as told for as many requests as told, then well again', async () => {
    const step = standin.script.add({ do: 'answer', status: 503, body: '{}' }, { times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await post('/v1/chat/completions', question)).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect(step.arrivals).toHaveLength(2);
  });

  it('holds a request until it is released, and lets others pass', async () => {
    const held = standin.script.add({ do: 'hold' }, { match: (request) => request.body.includes('Grüße') });
    let answered = false;
    const waiting = post('/v1/chat/completions', question).then((response) => {
      answered = true;
      return response.status;
    });
    await held.arrived();
    expect((await post('/v1/responses', { model: 'gpt-5', input: 'x' })).status).toBe(200);
    expect(answered).toBe(false);
    held.release();
    expect(await waiting).toBe(200);
  });

  it('breaks a stream off after so many events', async () => {
    standin.script.add({ do: 'drop_mid_stream', afterEvents: 2 });
    const response = await post('/v1/chat/completions', { ...question, stream: true });
    const received: string[] = [];
    const reading = async () => {
      for await (const chunk of response.body ?? []) received.push(Buffer.from(chunk).toString());
    };
    await expect(reading()).rejects.toThrow();
    expect(received.join('').match(/^data: /gm)).toHaveLength(2);
  });

  it('drops a connection without a word', async () => {
    standin.script.add({ do: 'drop' });
    await expect(post('/v1/chat/completions', question)).rejects.toThrow();
    expect(standin.requests).toHaveLength(1);
  });
});
