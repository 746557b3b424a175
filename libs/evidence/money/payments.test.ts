import { expect, test } from 'vitest';
import { readEvidence } from '../read.ts';

test('a payee with an e-mail address or the number of an account is left out, and told', async () => {
  async function* bytes() {
    yield Buffer.from(
      'date,payee,amount\n2026-01-02,made-up@example.com,3\n2026-01-03,DE02120300000000202051,3\n2026-01-04,Orbit Ltd,3\n',
    );
  }
  const { traces, unread } = await readEvidence('payments.csv', bytes(), { format: 'payments' });
  expect(traces.map(({ value }) => value)).toEqual(['Orbit Ltd']);
  expect(unread.map(({ line }) => line)).toEqual([2, 3]);
});
