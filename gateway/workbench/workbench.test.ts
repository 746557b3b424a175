import type { ContractDocument } from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceOf } from '../minimise/testing/cross.ts';
import { SampleError, tryRequest, type WorkbenchRun } from './index.ts';

/** All values are made up. */

const openai = serviceOf('openai');
const mail = 'anna.berger@example.com';
const ip = '203.0.113.7';
/** Put together here, so that no scanner of files takes it for a key. */
const password = `postgres://app:${'k3ller-Treppe-9'}@db.example.com/shop`;

function rulesWith(text: Partial<NonNullable<ContractDocument['text']>> = {}): ContractDocument {
  return {
    ...openai.contracts.as_is,
    text: {
      scan: 'all',
      found: { 'person.email': { do: 'tokenise' }, 'network.ip': { do: 'drop' } },
      otherwise: { do: 'refuse' },
      over_budget: 'refuse',
      ...text,
    },
  };
}

const scan: Parameters<typeof tryRequest>[0]['scan'] = {
  rules: [],
  known: null,
  phrases: null,
  custom: [],
  marks: null,
};
const text = (given: string, rules = rulesWith()): WorkbenchRun =>
  tryRequest({ service: openai, rules, scan, request: { text: given, endpoint: null } });

function chat(body: string, rules = rulesWith()): WorkbenchRun {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', target: '/v1/chat/completions', headers, body };
  return tryRequest({ service: openai, rules, scan, request });
}
const slices = (body: string, run: WorkbenchRun): string[] =>
  run.findings.flatMap(({ span }) => (span === null ? [] : [body.slice(span.start, span.end)]));

describe('a text that is tried', () => {
  it('is told with what was found where, what crosses and what comes back', () => {
    const given = `Write to ${mail} from ${ip}.`;
    const run = text(given);
    expect(run.refusal).toBeNull();
    expect(run.read).toBe(given);
    expect(slices(given, run)).toEqual([mail, ip]);
    const [first, second] = run.findings;
    expect(first).toMatchObject({ class: 'person.email', treatment: 'tokenise', confidence: 'certain' });
    expect(first?.stands).toMatch(/^\[\[EMAIL_[0-9A-Z]{8,13}\]\]$/);
    expect(second).toMatchObject({ class: 'network.ip', treatment: 'drop', path: 'messages[0].content' });
    expect(run.crosses).toBe(`Write to ${first?.stands} from ${second?.stands}.`);
    const back = `Write to ${mail} from ${second?.stands}.`;
    expect(run.back?.plain).toEqual({ text: back, restored: 1, unknown: 0, refusal: null });
    expect(run.back?.stream).toEqual({ text: back, restored: 1, unknown: 0, refusal: null });
  });

  it('holds under the same contract the same tokens, so that a change is seen alone', () => {
    const one = text(`Write to ${mail}`);
    const other = text(`Write to ${mail} from ${ip}`, rulesWith({ otherwise: { do: 'drop' } }));
    expect(other.findings[0]?.stands).toBe(one.findings[0]?.stands);
  });

  it('that is JSON itself is told by its own places', () => {
    const given = `{"a":"say \\"hi\\"","to":"${mail}"}`;
    const run = text(given);
    expect(slices(given, run)).toEqual([mail]);
    expect(run.findings[0]?.path).toBe('messages[0].content → to');
  });

  it('crosses with nothing found where texts are not looked through', () => {
    const run = text(`Write to ${mail}`, openai.contracts.as_is);
    expect(run).toMatchObject({ findings: [], refusal: null, crosses: `Write to ${mail}` });
  });

  it('needs an endpoint with a sample', () => {
    const request = { text: 'x', endpoint: 'files' };
    expect(() => tryRequest({ service: openai, rules: rulesWith(), scan, request })).toThrow(SampleError);
  });
});

describe('a refusal', () => {
  it('says where, and does not hide what stands behind it', () => {
    const run = text(`${password} and ${mail}`);
    expect(run.refusal).toMatchObject({ code: 'field_refused', path: 'messages[0].content' });
    expect(run.crosses).toBeNull();
    expect(run.findings.map(({ treatment }) => treatment)).toEqual(['refuse', 'tokenise']);
    expect(JSON.stringify([run.findings, run.refusal])).not.toContain('Treppe');
  });

  it('for a secret in an id or a setting says where, and what stands behind it', () => {
    const key = `ghp_${'k3llerTreppe9'.repeat(3).slice(0, 36)}`;
    const rules = [{ id: 'made_up.key', class: 'secret.api_key' as const, forms: ['ghp_{base62:36}'] }];
    const body = `{"model":"${key}","messages":[{"role":"user","content":"to ${mail}"}]}`;
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', target: '/v1/chat/completions', headers, body };
    const run = tryRequest({ service: openai, rules: rulesWith(), scan: { ...scan, rules }, request });
    expect(run.refusal).toMatchObject({ code: 'field_refused', path: 'model' });
    expect(slices(body, run)).toEqual([key, mail]);
    expect(run.findings[0]).toMatchObject({ path: 'model', treatment: 'refuse', stands: null });

    const found = { 'secret.api_key': { do: 'pass' }, 'person.email': { do: 'tokenise' } } as const;
    const passed = tryRequest({
      service: openai,
      rules: rulesWith({ found }),
      scan: { ...scan, rules },
      request,
    });
    expect(passed.findings[0]).toMatchObject({ path: 'model', treatment: 'pass' });
    expect(passed.back?.plain.text).toBe(`to ${mail}`);
  });

  it.each([
    ['no JSON', '{"model":', 'body_unreadable'],
    ['binary', '\u0000\u0001\u001f\ufffd', 'body_unreadable'],
    ['deep JSON', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'body_too_deep'],
    ['half a pair', '{"messages":"\ud800', 'body_unreadable'],
  ])('of %s is told', (_name, body, code) => {
    expect(chat(body).refusal).toMatchObject({ code, path: null });
  });

  it('of an endpoint that there is not is told', () => {
    const request = { method: 'POST', target: '/nowhere', headers: {}, body: '{}' };
    const run = tryRequest({ service: openai, rules: rulesWith(), scan, request });
    expect(run.refusal?.code).toBe('unknown_endpoint');
  });
});

describe('where a finding stands in the text as it was given', () => {
  const messages = (content: string): string =>
    `{"model":"gpt-5.1",\n "messages" : [ {"role":"user","content":${content}} ]}`;

  it('is right with escapes and pairs before it', () => {
    const body = messages(`"\\ud83d\\ude00 😀 \\"\\u00e4\\/ \\n${mail}\\n é ${ip}"`);
    expect(slices(body, chat(body))).toEqual([mail, ip]);
  });

  it('is right where the value itself is written with escapes', () => {
    const written = mail.replace('a', '\\u0061').replace('.', '\\u002e');
    const body = messages(`"to ${written} now"`);
    expect(slices(body, chat(body))).toEqual([written]);
  });

  it('is right in JSON in a string, also twice, and of several the same', () => {
    const inner = JSON.stringify({ to: mail, "it's": '"', more: JSON.stringify({ to: mail, ä: [mail] }) });
    const body = `{"messages":[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"send","arguments":${JSON.stringify(inner)}}}]}]}`;
    const run = chat(body);
    expect(slices(body, run)).toEqual([mail, mail, mail]);
    expect(run.findings.map(({ path }) => path)).toEqual(
      ['to', 'more → to', 'more → ä[0]'].map(
        (end) => `messages[0].tool_calls[0].function.arguments → ${end}`,
      ),
    );
    const starts = run.findings.map(({ span }) => span?.start);
    expect(starts).toEqual([...body.matchAll(/anna\.berger/g)].map(({ index }) => index));
  });

  it('is right in names of members', () => {
    const body = `{"messages":[{"role":"user","content":"x"}],"metadata":{"${mail}":"${ip}"}}`;
    expect(slices(body, chat(body))).toEqual([mail, ip]);
  });

  const characters = fc.constantFrom(
    'a',
    ' ',
    '"',
    '\\',
    '/',
    '\n',
    '\u0007',
    '😀',
    '\ud83d',
    'é',
    '{',
    ']',
    '\u200d',
  );
  it('is right whatever stands before and behind it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: characters, maxLength: 30 }),
        fc.string({ unit: characters, maxLength: 10 }),
        (before, behind) => {
          const body = messages(JSON.stringify(`${before} ; ${mail} ; ${behind}`));
          expect(slices(body, chat(body))).toContain(mail);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is told of the first two thousand, however many texts lie in one string', () => {
    const content = JSON.stringify(Array.from({ length: 2_100 }, (_, at) => `m${at}@example.com`));
    const body = messages(JSON.stringify(content));
    const run = chat(body);
    expect(run.found).toBe(2_100);
    expect(slices(body, run).at(-1)).toBe('m1999@example.com');
  });

  it('puts together what crosses', () => {
    const body = messages(JSON.stringify(`a "${mail}" 😀\n${ip}`));
    const run = chat(body);
    let crosses = '';
    let at = 0;
    for (const { span, stands } of run.findings) {
      crosses += body.slice(at, span?.start) + (stands ?? '');
      at = span?.end ?? at;
    }
    expect(run.crosses).toBe(crosses + body.slice(at));
  });
});
