import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { addressOf, rangeOf, withoutPort } from './address.ts';
import { allRegions, placeInName, regionOf } from './cloud-regions.ts';
import { groupsOf } from './law.ts';
import { countryOf, type Groups, relation } from './place.ts';
import { placeOf } from './place-of.ts';
import { readRanges } from './range-table.ts';
import { shippedTransfers } from './testing.ts';

let groups: Groups;
beforeAll(async () => {
  groups = groupsOf(await shippedTransfers());
});

const somePlace = fc.constantFrom(
  'DE',
  'FR',
  'US',
  'GB',
  'NO',
  'EU',
  'EEA',
  'GLOBAL',
  'EDGE',
  'UNKNOWN',
  ...allRegions,
);

describe('one place and another', () => {
  test.each([
    ['DE', 'EU', 'inside'],
    ['NO', 'EU', 'outside'],
    ['NO', 'EEA', 'inside'],
    ['EU', 'EEA', 'inside'],
    ['EEA', 'EU', 'unclear'],
    ['EU', 'DE', 'unclear'],
    ['US', 'EU', 'outside'],
    ['aws:eu-central-1', 'EU', 'inside'],
    ['aws:eu-central-1', 'DE', 'inside'],
    ['aws:eu-west-2', 'EU', 'outside'],
    ['DE', 'aws:eu-central-1', 'unclear'],
    ['azure:germanynorth', 'aws:eu-central-1', 'unclear'],
    ['azure:germanynorth', 'azure:germanywestcentral', 'outside'],
    ['aws:us-east-1', 'aws:eu-central-1', 'outside'],
    ['aws:mars-1', 'EU', 'unclear'],
  ])('%s to %s is %s', (place, bounds, expected) => {
    expect(relation(place, bounds, groups)).toBe(expected);
  });

  test('what is unknown, at an edge or anywhere is never inside, and nothing is inside of it', () => {
    fc.assert(
      fc.property(somePlace, fc.constantFrom('UNKNOWN', 'EDGE', 'GLOBAL'), (place, vague) => {
        expect(relation(vague, place, groups)).toBe('unclear');
        expect(relation(place, vague, groups)).toBe('unclear');
      }),
    );
  });

  test('inside is carried on from place to place, and never both inside and outside', () => {
    fc.assert(
      fc.property(somePlace, somePlace, somePlace, (a, b, c) => {
        if (relation(a, b, groups) === 'inside' && relation(b, c, groups) === 'inside')
          expect(relation(a, c, groups)).toBe('inside');
        if (relation(a, b, groups) === 'inside') expect(relation(b, a, groups)).not.toBe('outside');
      }),
    );
  });

  test('a region of a cloud is in its country, and EU is no country', () => {
    expect(countryOf('gcp:europe-west3')).toBe('DE');
    expect(countryOf('EU')).toBeNull();
    for (const region of allRegions) expect(regionOf(region)).toMatch(/^[A-Z]{2}$/);
  });
});

describe('what the name of a host says', () => {
  test.each([
    ['bedrock-runtime.eu-west-2.amazonaws.com', 'aws:eu-west-2'],
    ['s3-eu-west-1.amazonaws.com', 'aws:eu-west-1'],
    ['us-east-1.s3.eu-north-1.amazonaws.com', 'aws:eu-north-1'],
    ['s3.amazonaws.com', null],
    // Called so by a customer.
    ['eu-central-1.s3.amazonaws.com', null],
    ['a.eu-central-1.s3.amazonaws.com', null],
    ['eu-west-1.storage.googleapis.com', null],
    ['europe-west1.storage.googleapis.com', null],
    ['x-westeurope.azurewebsites.net', null],
    ['x-westeurope.blob.core.windows.net', null],
    ['westeurope.openai.azure.com', null],
    ['x-westeurope.microsoft.com', null],
    ['europe-west1-shop.run.app', null],
    ['eu-west-2.amazonaws.com.evil.example', null],
    ['eu-west-2.example.com', null],
    ['europe-west1-aiplatform.googleapis.com', 'gcp:europe-west1'],
    ['europe-west12-aiplatform.googleapis.com', 'gcp:europe-west12'],
    ['storage.googleapis.com', null],
    ['shop-12345.europe-west4.run.app', 'gcp:europe-west4'],
    ['westeurope.api.cognitive.microsoft.com', 'azure:westeurope'],
    ['app.kindsea-1a2b3c.germanywestcentral.azurecontainerapps.io', 'azure:germanywestcentral'],
    ['acme.blob.core.windows.net', null],
    ['inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com', 'oci:eu-frankfurt-1'],
    ['d111111abcdef8.cloudfront.net', 'EDGE'],
    ['amazonaws.com', null],
  ])('%s: %s', (host, place) => {
    expect(placeInName(host)).toBe(place);
  });

  test('every region is found where its cloud puts it', () => {
    const form: Record<string, (region: string) => string> = {
      aws: (region) => `x.${region}.amazonaws.com`,
      gcp: (region) => `${region}-aiplatform.googleapis.com`,
      azure: (region) => `x.${region}.cloudapp.azure.com`,
      oci: (region) => `x.${region}.oraclecloud.com`,
    };
    for (const place of allRegions) {
      const [cloud = '', region = ''] = place.split(':');
      expect(placeInName(form[cloud]?.(region) ?? '')).toBe(place);
    }
  });
});

const table = readRanges(`drawbridge.ranges/1
source made-up 2026-11-22 ${'a'.repeat(64)} https://made-up.example/ranges
at aws:eu-central-1 made-up one
198.51.100.0/24
2001:db8:1::/48
at EDGE made-up edge
198.51.100.128/25
`);
const rules = [
  { is: 'api.acme.example', region: 'US', source: 'https://acme.example/docs', asOf: '2026-11-22' },
  { is: '*.eu.acme.example', region: 'EU', source: 'https://acme.example/docs', asOf: '2026-11-22' },
  { is: '*-one.eu.acme.example', region: 'DE', source: 'https://acme.example/docs', asOf: '2026-11-22' },
];
const find = (host: string | null, address: string | null, ranges: typeof table | null = table) => {
  const { place, by } = placeOf(host, address, { rules, ranges });
  return [place, by];
};

describe('the place of a host and an address', () => {
  test('the vendor’s own rule stands before everything, by the most exact pattern', () => {
    expect(find('API.acme.example.', '198.51.100.1')).toEqual(['US', 'vendor_rule']);
    expect(find('shop.eu.acme.example', '198.51.100.1')).toEqual(['EU', 'vendor_rule']);
    expect(find('shop-one.eu.acme.example', null)).toEqual(['DE', 'vendor_rule']);
    expect(find('eu.acme.example', null)).toEqual(['UNKNOWN', 'nothing']);
    expect(find('a.b.eu.acme.example', null)).toEqual(['UNKNOWN', 'nothing']);
  });
  test('then the host’s name, then the networks that providers publish', () => {
    expect(find('x.us-east-1.amazonaws.com', '198.51.100.1')).toEqual(['aws:us-east-1', 'host_name']);
    expect(find('other.example', '198.51.100.1')).toEqual(['aws:eu-central-1', 'range']);
    expect(find('other.example', '2001:db8:1::9')).toEqual(['aws:eu-central-1', 'range']);
    expect(find(null, '::ffff:198.51.100.1')).toEqual(['aws:eu-central-1', 'range']);
    expect(find(null, '::ffff:c633:6401')).toEqual(['aws:eu-central-1', 'range']);
  });
  test('an edge proves nothing, and says so', () => {
    expect(find('other.example', '198.51.100.129')).toEqual(['EDGE', 'edge']);
    expect(placeOf('x.cloudfront.net', '198.51.100.1', { rules, ranges: table })).toMatchObject({
      place: 'EDGE',
      says: expect.stringContaining('proves nothing'),
    });
  });
  test('where nothing is known it stays unknown: no table, no such network, an address of our own', () => {
    expect(find('other.example', '198.51.100.1', null)).toEqual(['UNKNOWN', 'nothing']);
    expect(find('other.example', '203.0.113.1')).toEqual(['UNKNOWN', 'nothing']);
    expect(find('other.example', 'nonsense')).toEqual(['UNKNOWN', 'nothing']);
    for (const address of ['10.1.2.3', '127.0.0.1', '::1', 'fd00::1', '169.254.169.254', '::ffff:10.0.0.1'])
      expect(placeOf('other.example', address, { rules, ranges: table }).says).toContain('of our own');
  });
});

describe('an address', () => {
  test('is the same number however it is written', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (value) => {
        const groups16 = Array.from(
          { length: 8 },
          (_, index) => (value >> BigInt(112 - index * 16)) & 0xffffn,
        );
        const text = groups16.map((group) => group.toString(16)).join(':');
        const short = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        expect(addressOf(text)?.value).toBe(value);
        if (!/^::ffff:/.test(short)) expect(addressOf(short)?.value).toBe(value);
      }),
    );
  });
  test('loses its port', () => {
    expect(['192.0.2.7:443', '[2001:db8::1]:443', '2001:db8::1', '192.0.2.7', ''].map(withoutPort)).toEqual([
      '192.0.2.7',
      '2001:db8::1',
      '2001:db8::1',
      '192.0.2.7',
      '',
    ]);
  });
  test.each(['192.0.2.1/24', '192.0.2.0/33', '192.0.2.0/', 'x/8', '192.0.2.0/24/1', '2001:db8::/129', '/8'])(
    'no network: %s',
    (cidr) => {
      expect(rangeOf(cidr)).toBeNull();
    },
  );
});
