import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calls, type Target } from './masking/calls.ts';
import { behave, DATA, textOf } from './masking/suite.ts';
import { type EchoVendor, startEchoVendor } from './masking/vendor.ts';

let vendor: EchoVendor;
beforeAll(async () => {
  vendor = await startEchoVendor();
});
afterAll(() => vendor?.stop());

/** No gateway at all. */
function straight({ url }: EchoVendor): Target {
  const key = 'made-up';
  return {
    name: 'nothing in between',
    at: {
      openai: { url: `${url}/v1`, key },
      anthropic: { url, key },
      gemini: { url, key },
    },
    failing: null,
  };
}

describe('the vendor of the suite, asked without a gateway', () => {
  for (const call of calls) {
    for (const mode of call.streams ? (['plain', 'streamed'] as const) : (['plain'] as const)) {
      it(`${call.endpoint}, ${mode}: gets what was sent, and gives back what it was told, however it is cut`, async () => {
        for (const manner of [{}, { piece: 1 }]) {
          behave(vendor, call, manner);
          const answer = await call.ask(straight(vendor), DATA, { stream: mode === 'streamed' });
          expect(vendor.received).toHaveLength(1);
          expect(vendor.received.join('')).toContain('johanna.mustermann@example.org');
          if (call.answers !== 'nothing') expect(textOf(call, answer)).toBe(DATA);
        }
      });
    }
  }
});
