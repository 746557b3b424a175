import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerText, answerClasses, compileSecretScanner, type LiveAnswers } from '../scan/index.ts';
import { restoreFor } from './index.ts';
import { chat, cutAt, dataOf, event } from './testing/pass.ts';

/** Made up, and put together here, so that nobody takes it for a leaked one. */
const secret = ['mu', 'proj', '9f3b81c04d7e26a5', 'e1d05b7c'].join('-');
const worded = ['Summerwind', 'Harbour', 'Lantern', 'Bridge', 'Gate', '77'].join('');
const known = {
  lengths: new Set([worded.length]),
  lookup: (candidate: string) => (candidate === worded ? { id: 'made-up', class: 'secret.password' } : null),
};
const rules = [
  { id: 'made_up.project_key', class: 'secret.api_key' as const, forms: ['mu-proj-{hex:16}-{hex:8}'] },
];
const live = (knows: typeof known | null): LiveAnswers => ({
  scanner: compileSecretScanner(rules, knows),
  do: 'drop',
  classes: new Set(answerClasses),
  marker: () => '[removed]',
});
const delta = (content: string) =>
  event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const contentOf = (text: string): string =>
  (dataOf(text) as { choices: [{ delta: { content?: string } }] }[])
    .map(({ choices: [one] }) => one.delta.content ?? '')
    .join('');
const streamed = (pieces: readonly string[], knows: typeof known | null = null): string[] => {
  const body = restoreFor(chat, null, new AnswerText(live(knows), null)).begin([
    'content-type',
    'text/event-stream',
  ]);
  const out = pieces.map((piece) => contentOf(String(body?.push(Buffer.from(delta(piece))))));
  return [...out, contentOf(String(body?.end()))];
};

describe('the first word of an answer', () => {
  it('goes on as it comes, and what follows with the white space behind it', () => {
    expect(streamed(['Hel', 'lo', ' there', '!', ' Bye'])).toEqual(['Hel', 'lo', ' ', '', 'there! ', 'Bye']);
    expect(streamed([' ', 'Sure', ', ', 'of course'])).toEqual([' ', 'Sure', ', ', 'of ', 'course']);
  });

  it('waits where a secret may begin so: a form, digits, signs, a word as long as none is', () => {
    for (const begun of ['m', 'mu', 'ey', 'A7', 'pass=', '"', 'Abcdefghijklm', 'HTTP', 'camelCase'])
      expect(streamed([begun])[0], begun).toBe('');
  });

  it('shows no more than a quarter of a value that is kept', () => {
    const shown = streamed([...worded, ' ok'], known);
    expect(shown.join('')).toBe('Summerwin[removed] ok');
    expect('Summerwin'.length).toBeLessThanOrEqual(worded.length / 4);
    const short = { ...known, lengths: new Set([8]) };
    expect(streamed(['Hello'], short)[0]).toBe('');
    expect(streamed(['So'], short)[0]).toBe('So');
  });

  it('and all that follows it are the same as of the whole, wherever it is cut', () => {
    const texts = [
      `Hello ${secret}, bye`,
      `${secret} it is`,
      `mu-proj is not ${secret}`,
      `Okay`,
      `Ok\n${secret}`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        expect(streamed(cutAt(text, cuts)).join('')).toBe(text.replaceAll(secret, '[removed]'));
      }),
      { numRuns: 300 },
    );
  });
});
