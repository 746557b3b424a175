import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { lintPacks } from '@drawbridge/control/packs';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../gateway/crossing.ts';
import { cross, liveOf, wire } from '../gateway/minimise/testing/cross.ts';
import { Refusal } from '../gateway/refusal/index.ts';
import { compileTextScanner, knownValues, textLimits } from '../gateway/scan/index.ts';
import { type Place, placesOf, placesOfExamples } from './testing/places.ts';

/** A secret in every place of every request that the packs of AI APIs know: it reaches no vendor. All of them are made up. */

const { packs } = await lintPacks(fileURLToPath(new URL('../packs/vendors', import.meta.url)));
const services = packs.flatMap((pack) =>
  pack.services.filter(({ kind }) => kind === 'ai').map((service) => ({ pack, service })),
);
const hashKey = Buffer.alloc(32, 5);
const ofRule = `mu-key-${'a1B2c3D4'.repeat(4)}`;
const kept = `keptMadeUp${'0f9E8d7C'.repeat(3)}`;
const harmless = 'gpt-madeup-0123456789abcdef';
const known = knownValues(
  [
    {
      id: 'credential made-up',
      class: 'secret.api_key',
      length: kept.length,
      hash: createHmac('sha256', hashKey).update(kept).digest('base64url'),
    },
  ],
  hashKey,
  null,
);
const rules = [{ id: 'made_up.key', class: 'secret.api_key' as const, forms: ['mu-key-{base62:32}'] }];
const text = {
  scanner: compileTextScanner({ rules, known, phrases: null, custom: [] }, 'all', Buffer.alloc(32, 3)),
  vendorSecret: Buffer.alloc(32, 4),
  answers: null,
  limits: textLimits.refuse,
};

/** Places that were tried, of whichever API: many take over the maps of another. */
const tried = new Set<string>();

/** What went out; null: it was refused. */
function sent(live: ReturnType<typeof liveOf>, incoming: Incoming): string | null {
  try {
    return wire(cross(live, incoming));
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

test('there are places to be tried', () => expect(services.length).toBeGreaterThan(8));

describe.each(services.map(({ pack, service }) => [`${pack.vendor}/${service.id}`, pack, service] as const))(
  '%s',
  (_name, pack, service) => {
    const places: (readonly [string, Place])[] = [
      ...service.endpoints.flatMap((endpoint) =>
        placesOf(service, endpoint).map((place) => [endpoint.id, place] as const),
      ),
      ...placesOfExamples(pack, service).map((place) => ['', place] as const),
    ];

    test.each(['enforce', 'observe'] as const)('lets no secret out, in mode %s', (mode) => {
      const live = liveOf(service, service.contracts.recommended, [], mode, text);
      const out: string[] = [];
      let [plain, crossing] = [0, 0];
      const isOut = (place: Place, given: string, secret: string): boolean =>
        sent(live, place.with(given))?.includes(secret) === true;
      for (const [endpoint, place] of places) {
        if (place.isWrapped === true) {
          // One API's way of wrapping is another's.
          if (mode === 'observe' || tried.has(place.at)) continue;
          tried.add(place.at);
        }
        if (isOut(place, `x ${kept} y`, kept)) out.push(`${endpoint} ${place.at}`);
        if (place.isWrapped === true || mode === 'observe') continue;
        if (isOut(place, ofRule, ofRule)) out.push(`${endpoint} ${place.at} (by its form)`);
        plain += 1;
        if (isOut(place, harmless, harmless)) crossing += 1;
      }
      expect(out).toEqual([]);
      // At many a place a harmless text does reach the vendor: the requests are none that are refused anyway.
      if (mode === 'enforce') expect(crossing).toBeGreaterThan(plain / 3);
    });
  },
);
