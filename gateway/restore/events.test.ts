import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal/index.ts';
import { restoreFor } from './index.ts';
import {
  address,
  anna,
  chat,
  cutAt,
  dataOf,
  event,
  messages,
  pass,
  plain,
  responses,
  sse,
  tokens,
} from './testing/pass.ts';

describe('events', () => {
  const delta = (content: string, index = 0) => event({ choices: [{ index, delta: { content } }] });

  it('pass as they came, in the same chunk, where nothing is to be put back', () => {
    const chunk = Buffer.from(
      `: hi\n\nid: 1\nretry: 5\n\n${event({ choices: [{ index: 0, delta: { content: 'ä [1] 1.50 a_b' } }] }).replace('"index":0', '"index" : 0.0')}`,
    );
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    expect(body?.push(chunk)).toBe(chunk);
    const cut = Buffer.from(delta('Hello'));
    expect(body?.push(cut.subarray(0, 20)).length).toBe(0);
    expect(body?.push(Buffer.concat([cut.subarray(20), Buffer.from('data: x')]))).toEqual(cut);
  });

  it('keep all else of one in which a token stands', () => {
    const given = `: note\nid: 7\ndata: {"n":1.50,"big":12345678901234567890,\ndata:  "choices":[{"index":0,"delta":{"content":"${anna}!"}}]}\nretry: 1\n\n`;
    const { text } = sse(chat, [given]);
    expect(text).toBe(given.replace(anna, 'Änna \\"Made-up\\" Berger'));
  });

  it('are told apart in their channels, and each lets go when its own ends', () => {
    const end = (index: number) => event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
    const chunks = [
      delta('[[PER', 0),
      delta('[[', 1),
      delta('SON_7Q2K9', 0),
      delta('ADDR', 1),
      delta('XWM10]]', 0),
      end(0),
      end(1),
      'data: [DONE]\n\n',
    ];
    const { text, chunks: out } = sse(chat, chunks);
    const found = dataOf(text) as { choices: { index: number; delta: { content?: string } }[] }[];
    const of = (index: number) =>
      found.map(({ choices: [one] }) => (one?.index === index ? (one.delta.content ?? '') : '')).join('');
    expect([of(0), of(1)]).toEqual([plain(anna), '[[ADDR']);
    // The rest of channel 1 comes with its end, and not at the end of another.
    expect(out[5]).not.toContain('[[ADDR');
    expect(out[6]).toMatch(/"content":"\[\[ADDR"[\s\S]*"finish_reason":"stop"/);
  });

  it('are read behind one that has a field without a value', () => {
    const { text } = sse(chat, ['data\n\n', delta(`a ${anna}`), delta('[[PERSON_7Q2'), delta('K9XWM10]]')]);
    const found = dataOf(text) as { choices: { delta: { content: string } }[] }[];
    const said = found.map(({ choices: [one] }) => one?.delta.content ?? '').join('');
    expect(said).toBe(plain(`a ${anna}${anna}`));
    const json = `{"choices":[{"index":0,\ndata:"delta":{"content":"${anna}"}}]}`;
    const restored = json.replace(anna, 'Änna \\"Made-up\\" Berger');
    expect(sse(chat, [`data\ndata:${json}\n\n`]).text).toBe(`data:\ndata:${restored}\n\n`);
  });

  it('let go before the mark at the end, and at the end without one', () => {
    expect(sse(chat, [delta('a [[PERSON_7'), 'data: [DONE]\n\n']).text).toBe(
      `${delta('a ')}${delta('[[PERSON_7')}data: [DONE]\n\n`,
    );
    expect(sse(chat, [delta('a [[PERSON_7')]).text).toBe(`${delta('a ')}${delta('[[PERSON_7')}`);
    expect(sse(chat, [delta('a [['), 'data: {"cut":']).text).toBe(
      `${delta('a ')}${delta('[[')}data: {"cut":`,
    );
  });

  it('have tokens put back in all their strings, and in JSON within them', () => {
    const value = {
      type: 'response.completed',
      response: { output: [{ arguments: JSON.stringify({ a: address }) }, { text: anna }] },
    };
    const [found] = dataOf(sse(responses, [event(value)]).text) as [
      { response: { output: [{ arguments: string }, { text: string }] } },
    ];
    expect(JSON.parse(found.response.output[0].arguments)).toEqual({ a: plain(address) });
    expect(found.response.output[1].text).toBe(plain(anna));
    expect(sse(null, [event({ any: [anna] })]).text).toBe(event({ any: [plain(anna)] }));
    expect(sse(null, [`data: ${anna} says\n\n`]).text).toBe(`data: ${plain(anna)} says\n\n`);
  });

  it('that are a structured output come back as JSON', () => {
    const text = JSON.stringify({ name: anna, address });
    const { text: out } = sse(
      chat,
      [...text].map((content) => delta(content)),
    );
    const got = (dataOf(out) as { choices: { delta: { content: string } }[] }[])
      .map((each) => each.choices[0]?.delta.content)
      .join('');
    expect(JSON.parse(got)).toEqual({ name: plain(anna), address: plain(address) });
  });

  it('of a vendor’s signed thoughts stay as they are, streamed and plain', () => {
    const thought = event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking: anna },
    });
    expect(sse(messages, [thought]).text).toBe(thought);
    const message = {
      content: [
        { type: 'thinking', thinking: anna, signature: 's' },
        { type: 'text', text: anna },
      ],
    };
    const { text } = pass(messages, 'application/json', cutAt(JSON.stringify(message), [10, 40]));
    expect(JSON.parse(text)).toEqual({ content: [message.content[0], { type: 'text', text: plain(anna) }] });
  });

  it('may be large, end in any way, and hold bytes that are no UTF-8', () => {
    const large = delta(`${'x'.repeat(100_000)}${anna}`);
    expect(sse(chat, cutAt(large, [1, 70_000])).text).toBe(large.replace(anna, 'Änna \\"Made-up\\" Berger'));
    for (const end of ['\r\n', '\r', '\n']) {
      const given = (delta('[[PER') + delta('SON_7Q2K9XWM10]]')).replaceAll('\n', end);
      for (const chunks of [[given], [...given]]) {
        const text = sse(chat, chunks).text;
        expect(text.replaceAll(end, '\n')).toBe(delta('') + delta(plain(anna)));
      }
    }
    const bytes = Buffer.concat([
      Buffer.from('data: {"a":"'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from(`","b":"${anna}"}\n\n`),
    ]);
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    const out = Buffer.concat([
      body?.push(bytes.subarray(0, 13)) ?? Buffer.alloc(0),
      body?.push(bytes.subarray(13)) ?? Buffer.alloc(0),
    ]);
    expect(out.subarray(0, 15)).toEqual(bytes.subarray(0, 15));
    expect(out.toString()).toContain('Änna');
    expect(sse(chat, [`\ufeff${delta(anna)}`]).text).toBe(`\ufeff${delta(plain(anna))}`);
  });

  it('that are never whole, or of ever new channels, are cut off', () => {
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let n = 0; n < 10; n++) body?.push(chunk);
    }).toThrow(Refusal);
    const many = Array.from({ length: 300 }, (_, index) => delta('[', index));
    expect(() => sse(chat, many)).toThrow(expect.objectContaining({ code: 'restore_failed' }));
  });

  it('of more than 64 KB let go of what they would hold back', () => {
    const large = event({
      filler: 'x'.repeat(70_000),
      choices: [{ index: 0, delta: { content: '[[PERSON_7Q' } }],
    });
    expect(sse(chat, [large]).text).toBe(large);
  });
});
