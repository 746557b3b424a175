import { describe, expect, it } from 'vitest';
import { liveOf, serviceOf } from '../minimise/testing/cross.ts';
import { matchEndpoint, paramsOf } from './match.ts';

const openai = serviceOf('openai');
const mixpanel = serviceOf('mixpanel');
const gemini = serviceOf('google-gemini');
const ai = liveOf(openai, openai.contracts.as_is).endpoints;
const analytics = liveOf(mixpanel, mixpanel.contracts.as_is).endpoints;
const verbs = liveOf(gemini, gemini.contracts.as_is).endpoints;

const id = (endpoints: typeof ai, method: string, path: string) => {
  const match = matchEndpoint(endpoints, method, path);
  return match === null || match === 'method' ? match : match.endpoint.id;
};

describe('matchEndpoint', () => {
  it.each([
    ['POST', '/v1/chat/completions', 'chat_completions'],
    ['GET', '/v1/chat/completions', 'chat_completion_list'],
    ['POST', '/v1/chat/completions/', 'chat_completions'],
    ['POST', '/v1/responses/input_tokens', 'response_input_tokens'],
    ['DELETE', '/v1/responses/resp_1', 'response'],
    ['POST', '/v1/responses/resp_1/cancel', 'response_cancel'],
    ['GET', '/v1/models/ft:gpt-4o:acme::abc', 'model'],
    ['PUT', '/v1/chat/completions', 'method'],
    ['POST', '/v1/chat', null],
    ['POST', '/v1/chat/completions/x/y', null],
    ['POST', '/V1/chat/completions', null],
    ['POST', '/', null],
    ['POST', '', null],
  ])('%s %s', (method, path, expected) => {
    expect(id(ai, method, path)).toBe(expected);
  });

  it('takes the slash that the browser SDK puts at the end', () => {
    expect(id(analytics, 'POST', '/track/')).toBe('track');
    expect(id(analytics, 'GET', '/track')).toBe('track');
  });

  it.each([
    '/v1//chat/completions',
    '//v1/chat/completions',
    '/v1/chat/completions//',
    '/v1/x/../chat/completions',
    '/v1/./chat/completions',
    '/v1/models/..',
    '/v1/models/%2e%2e',
    '/v1/models/a%2Fb',
    '/v1/models/a%5cb',
    '/v1/models/a\\b',
    '/v1/models/a%00',
    '/v1/models/a\0',
    '/v1/models/a%0d%0aX: y',
    '/v1/models/a%252Fb',
    '/v1/models/a%',
    '/v1/models/a%zz',
    '/v1/models/a b',
    '/v1/models/ä',
    '/v1/models/a?b',
    '/v1/models/a#b',
    `/v1/models/${'a'.repeat(301)}`,
    `/${'a/'.repeat(2000)}`,
    'v1/models',
    'http://elsewhere.example.com/v1/models',
  ])('knows nothing of %j', (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) expect(id(ai, method, path)).toBeNull();
  });

  it('gives the parameters as they stand in the path', () => {
    const match = matchEndpoint(ai, 'GET', '/v1/models/a%20b/');
    if (match === null || match === 'method') throw new Error('no match');
    expect(match.params).toEqual({ model: 'a%20b' });
    expect(paramsOf(match.endpoint, '/v1/models/a%20b/')).toEqual({ model: 'a%20b' });
  });

  it.each([
    ['POST', '/v1beta/models/gemini-2.5-flash:generateContent', 'generate_content'],
    ['POST', '/v1beta/models/gemini-2.5-flash:streamGenerateContent', 'stream_generate_content'],
    ['POST', '/v1/models/gemini-2.5-flash:generateContent/', 'generate_content_v1'],
    ['GET', '/v1beta/models/gemini-2.5-flash', 'model'],
    ['POST', '/v1beta/models/gemini-2.5-flash', 'method'],
    // What no endpoint names, and what one server may read as this verb and another as that one.
    ['POST', '/v1beta/models/gemini-2.5-flash:deleteEverything', 'method'],
    ['POST', '/v1beta/models/gemini-2.5-flash:GenerateContent', 'method'],
    ['POST', '/v1beta/models/gemini-2.5-flash%3AgenerateContent', 'method'],
    ['POST', '/v1beta/models/x:predict:generateContent', 'method'],
    ['POST', '/v1beta/models/x%3apredict:generateContent', 'method'],
    ['POST', '/v1beta/models/:generateContent', 'method'],
    ['POST', '/v1beta/models/a/b:generateContent', null],
  ])('verbs: %s %s', (method, path, expected) => {
    expect(id(verbs, method, path)).toBe(expected);
  });

  it('gives a parameter without the verb that follows it', () => {
    const path = '/v1beta/models/gemini-2.5-flash:generateContent';
    const match = matchEndpoint(verbs, 'POST', path);
    if (match === null || match === 'method') throw new Error('no match');
    expect(match.params).toEqual({ model: 'gemini-2.5-flash' });
    expect(paramsOf(match.endpoint, path)).toEqual({ model: 'gemini-2.5-flash' });
  });
});
