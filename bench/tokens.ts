import { createHmac } from 'node:crypto';
import { ruleOf } from '@drawbridge/protocol';
import { newIssuer, newRestorer, restoreAll, TOKEN_ALPHABET, TokenIndex } from '@drawbridge/tokens';
import { serviceOf } from '../gateway/minimise/testing/cross.ts';
import { compileAnswer, restoreFor } from '../gateway/restore/index.ts';
import { AnswerText, answerClasses, compileSecretScanner } from '../gateway/scan/index.ts';
import { loadDetectors, shippedDetectors } from '../server/scan/pack.ts';

/** CPU microseconds of tokens put back and secrets looked for: per 16 KB of text, and per event of a stream. Medians of rounds. */
const ROUNDS = 7;
const results: Record<string, { 'CPU µs': number }> = {};

function measure(name: string, calls: number, per: number, run: () => void): void {
  const rounds: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let call = 0; call < calls; call++) run();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) rounds.push((user + system) / calls / per);
  }
  rounds.sort((a, b) => a - b);
  results[name] = { 'CPU µs': Number((rounds[ROUNDS >> 1] ?? 0).toFixed(2)) };
}

const issuer = newIssuer((kind, value) =>
  [...createHmac('sha256', 'made-up key').update(`${kind}\n${value}`).digest()]
    .slice(0, 13)
    .map((byte) => TOKEN_ALPHABET[byte & 31])
    .join(''),
);
const tokens = Array.from({ length: 20 }, (_, n) => issuer.token('PERSON', `someone ${n}`, `Someone ${n}`));
const index = new TokenIndex(issuer.issued);

const SIZE = 16 * 1024;
const prose = 'The invoice was sent on Monday; see item [3] of the list, and call finish_reason `stop_now`. ';
const plain = prose.repeat(Math.ceil(SIZE / prose.length)).slice(0, SIZE);
const tokenised = tokens.map((token) => plain.slice(0, SIZE / 20 - token.length) + token).join('');

measure('16 KB of text, no token', 2_000, 1, () => void restoreAll(plain, index, 0));
measure('16 KB of text, 20 tokens', 2_000, 1, () => void restoreAll(tokenised, index, 0));
measure('16 KB of [', 500, 1, () => void restoreAll('['.repeat(SIZE), index, 0));
measure(
  '16 KB of PERSON_00000000',
  200,
  1,
  () => void restoreAll('PERSON_00000000'.repeat(SIZE / 15), index, 0),
);
measure('a piece of a word', 200_000, 1, () => void newRestorer(index, 1).push('weather '));

const endpoint = serviceOf('openai').endpoints.find(({ id }) => id === 'chat_completions');
const answer = endpoint?.answer === undefined ? null : compileAnswer(endpoint.answer);
const EVENTS = 50;
const event = (content: string) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-made-up', object: 'chat.completion.chunk', created: 1, model: 'made-up', system_fingerprint: 'fp_made_up', choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] })}\n\n`;

const live = {
  scanner: compileSecretScanner((await loadDetectors(shippedDetectors)).map(ruleOf), null),
  do: 'drop' as const,
  classes: new Set(answerClasses),
  marker: (name: string) => `[removed: ${name}]`,
};

function stream(name: string, contents: (at: number) => string, isLooked = false): void {
  const chunks = Array.from({ length: EVENTS }, (_, at) => Buffer.from(event(contents(at))));
  measure(name, 400, EVENTS, () => {
    const body = restoreFor(
      answer,
      isLooked ? null : issuer.issued,
      isLooked ? new AnswerText(live, null) : null,
    ).begin(['content-type', 'text/event-stream']);
    for (const chunk of chunks) body?.push(chunk);
    body?.end();
  });
}
const spread = [...(tokens[0] ?? '')];
stream('an event of a chat stream, no token', () => 'weather ');
stream('an event of a chat stream, one token in ten, whole', (at) =>
  at % 10 === 0 ? `${tokens[0]} ` : 'weather ',
);
stream('an event of a chat stream, a token over five', (at) =>
  spread.slice((at % 5) * 4, at % 5 === 4 ? undefined : (at % 5) * 4 + 4).join(''),
);

stream('an event of a chat stream, looked through', () => ' weather', true);
stream('an event of a chat stream, looked through, ends in a space', () => 'weather ', true);

const whole = Buffer.from(
  JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: tokenised } }] }),
);
measure('16 KB of JSON, 20 tokens', 1_000, 1, () => {
  const body = restoreFor(answer, issuer.issued, null).begin(['content-type', 'application/json']);
  body?.push(whole);
  body?.end();
});
measure('16 KB of JSON, looked through', 1_000, 1, () => {
  const body = restoreFor(answer, null, new AnswerText(live, null)).begin([
    'content-type',
    'application/json',
  ]);
  body?.push(whole);
  body?.end();
});
console.table(results);
