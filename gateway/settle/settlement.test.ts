import { parseEntry, type Settlement } from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomTexts } from '../record/index.ts';
import { formSettlement, type SettlementInput } from './index.ts';

const random = new RandomTexts((length) => Buffer.alloc(length, 5));
const outcomes: Settlement['outcome'][] = [
  'answered',
  'connect_failed',
  'upstream_failed',
  'timed_out',
  'client_gone',
  'not_sent',
];

const input: SettlementInput = {
  crossing: '01923456-789a-7abc-8abc-0123456789ab',
  at: 1_764_000_000_500,
  outcome: 'answered',
  status: 200,
  remote: '192.0.2.7:443',
  responseBytes: 512,
  timings: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  usage: { input: 12, output: 34 },
  tokens: { restored: 3, unknown: 1 },
  found: { 'secret.api_key': 2 },
  reason: 'secret_in_answer',
};

describe('formSettlement', () => {
  it('says how a crossing ended', () => {
    expect(parseEntry(formSettlement(input, random))).toEqual({
      v: 1,
      type: 'settlement',
      crossing: input.crossing,
      at: input.at,
      outcome: 'answered',
      status: 200,
      remote: '192.0.2.7:443',
      bytes: { response: 512 },
      timings: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      usage: { input: 12, output: 34 },
      tokens: { restored: 3, unknown: 1 },
      found: { 'secret.api_key': 2 },
      reason: 'secret_in_answer',
      nonce: Buffer.alloc(18, 5).toString('base64url'),
    });
  });

  it('says what did not happen', () => {
    const unsent = {
      ...input,
      outcome: 'not_sent' as const,
      status: null,
      remote: null,
      usage: null,
      tokens: null,
      found: null,
      reason: null,
      timings: [7],
    };
    const settled = parseEntry(formSettlement(unsent, random));
    for (const name of ['tokens', 'found', 'reason']) expect(settled).not.toHaveProperty(name);
    expect(settled).toMatchObject({
      status: null,
      remote: null,
      usage: null,
      timings: [7, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    });
  });

  it('is read back, whatever the vendor answers', () => {
    const number = fc.oneof(fc.nat(), fc.double(), fc.integer());
    const anything = fc.record({
      crossing: fc.uuid({ version: 7 }),
      at: fc.nat(),
      outcome: fc.constantFrom(...outcomes),
      status: fc.option(number),
      remote: fc.option(
        fc.array(fc.nat(0xffff), { maxLength: 200 }).map((codes) => String.fromCharCode(...codes)),
      ),
      responseBytes: number,
      timings: fc.array(number, { maxLength: 12 }),
      usage: fc.option(fc.record({ input: number, output: number })),
      tokens: fc.option(fc.record({ restored: fc.nat(), unknown: fc.nat() })),
      found: fc.option(fc.constant({ 'secret.token': 1 })),
      reason: fc.option(fc.constantFrom('scan_failed', 'restore_failed')),
    });
    fc.assert(
      fc.property(anything, (given) => {
        const bytes = formSettlement(given, random);
        expect(parseEntry(bytes).type).toBe('settlement');
        expect(bytes.length).toBeLessThan(2048);
      }),
      { numRuns: 200 },
    );
  });
});
