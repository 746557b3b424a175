import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCredentialFor } from './credential-share.ts';
import type { LiveConnection } from './crossing.ts';
import { liveOf, serviceOf } from './minimise/testing/cross.ts';

const service = serviceOf('openai');
const first: LiveConnection = { ...liveOf(service, service.contracts.as_is), credentialVersion: 1 };
const second: LiveConnection = { ...first, credentialVersion: 2 };

describe('the share of the second credential', () => {
  it('is the same for the same crossing, whatever else is asked', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), fc.integer({ min: 1, max: 10_000 }), (id, share) => {
        const chosen = withCredentialFor(id, first, { connection: second, share });
        expect(withCredentialFor(id, first, { connection: second, share })).toBe(chosen);
        // Who goes with the second one at some share does so at every larger one.
        if (chosen === second)
          expect(withCredentialFor(id, first, { connection: second, share: 10_000 })).toBe(second);
      }),
    );
  });

  it('comes out as it is said over many crossings, and at ten thousand all go over', () => {
    const count = (share: number): number => {
      let found = 0;
      for (let n = 0; n < 20_000; n++) {
        const random = Math.imul(n + 1, 2_654_435_761) >>> 0;
        const id = `01a20322-1389-7bca-bf01-6828${random.toString(16).padStart(8, '0')}`;
        if (withCredentialFor(id, first, { connection: second, share }) === second) found += 1;
      }
      return found;
    };
    expect(count(100)).toBeGreaterThan(150);
    expect(count(100)).toBeLessThan(250);
    expect(count(10_000)).toBe(20_000);
  });
});
