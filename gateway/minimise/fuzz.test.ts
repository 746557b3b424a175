import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Refusal } from '../refusal/index.ts';
import { cross, incomingOf, liveOf, serviceOf, virtualKey, wire } from './testing/cross.ts';

/**
 * Requests with damage anywhere: each is refused with a code, or leaves with nothing that the contract holds back.
 * Markers stand in every place that must not cross; one byte changed can't move them into a place that may.
 */
const soak = process.env.DRAWBRIDGE_SOAK === '1';
const runs = soak ? 10_000 : 500;
vi.setConfig({ testTimeout: soak ? 600_000 : 30_000 });
const service = serviceOf('mixpanel');
const live = liveOf(service, service.contracts.recommended);

const json = JSON.stringify([
  {
    event: 'marker opened',
    properties: {
      token: virtualKey,
      distinct_id: 'marker-1@example.com',
      $device_id: 'marker-2',
      $email: 'marker-3@example.com',
      $name: 'marker four',
      $set: { 'marker five': ['marker-6'] },
      $current_url: 'https://app.example.com/team/marker-7/marker?x=marker-8#marker',
      $referrer: 'https://marker.example.net/',
      $city: 'marker city',
      mp_country_code: 'marker land',
      $browser: 'marker browser',
      'made by marker': { deep: ['marker', { marker: 1 }] },
      ip: '203.0.113.77',
      time: 1_762_942_812,
      mp_lib: 'web',
    },
  },
]);
const encoded = Buffer.from(json).toString('base64');
const wrappings: Record<string, Buffer> = {
  JSON: Buffer.from(json),
  'a form of JSON': Buffer.from(`data=${encodeURIComponent(json)}&verbose=1`),
  'a form of base64': Buffer.from(`verbose=1&data=${encodeURIComponent(encoded)}`),
  'a bare form': Buffer.from(`data=${encoded}`),
  gzip: gzipSync(json),
};
const held = ['marker', '203.0.113'];

function check(method: string, target: string, body: Uint8Array, headers: Record<string, string> = {}): void {
  try {
    const sent = wire(cross(live, incomingOf(method, target, headers, body)));
    for (const value of held) expect(sent).not.toContain(value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const value of held) expect(error.message).not.toContain(value);
  }
}

describe.each(Object.entries(wrappings))('%s', (_, body) => {
  it('with one byte changed, or cut off', () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = Buffer.from(cut ? body.subarray(0, at) : body);
        if (!cut) damaged[at] = byte;
        check('POST', '/track', damaged);
      }),
      { numRuns: runs },
    );
  });
});

describe('a query', () => {
  it('with one character changed', () => {
    const query = `ip=1&verbose=1&data=${encodeURIComponent(encoded)}&_=1`;
    const char = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.nat(query.length - 1), char, (at, put) => {
        check('GET', `/track?${query.slice(0, at)}${put}${query.slice(at + 1)}`, new Uint8Array(0));
      }),
      { numRuns: runs },
    );
  });
});

describe('any bytes', () => {
  it('are refused, or leave', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string(), (body, target) => {
        check('POST', '/engage', body);
        check('POST', `/engage?${target}`, Buffer.from('[]'));
      }),
      { numRuns: runs },
    );
  });
});
