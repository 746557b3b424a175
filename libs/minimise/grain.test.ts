import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyOf } from './agent.ts';
import { canonicalIdentifier } from './canonical.ts';
import { hourOf } from './hour.ts';
import { networkOf } from './ip.ts';
import { countryCode, countryOf } from './place.ts';
import { shapeOfText } from './shape.ts';
import { originOf, originPathOf } from './url.ts';

const words = (word: string) => `<${word}>`;

describe('network', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['::1', '::'],
    ['::ffff:203.0.113.77', '203.0.113.0'],
    ['203.0.113.256', null],
    ['203.0.113', null],
    ['0203.0.113.7', null],
    ['1::2::3', null],
    ['fe80::1%eth0', null],
    ['anna', null],
  ])('%s', (text, network) => {
    expect(networkOf(text)).toBe(network);
  });
});

describe('family', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
  it.each([
    [chrome, 'Chrome'],
    [`${chrome} Edg/142.0`, 'Edge'],
    [`${chrome} OPR/120.0`, 'Opera'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) AppleWebKit/605 (KHTML) Version/18.1 Mobile/15E Safari/604',
      'Safari',
    ],
    ['Mozilla/5.0 (iPhone) AppleWebKit/605 CriOS/142.0 Mobile/15E Safari/604', 'Chrome'],
    ['Mozilla/5.0 (X11; rv:144.0) Gecko/20100101 Firefox/144.0', 'Firefox'],
    ['Mobile Safari', 'Safari'],
    ['Microsoft Edge', 'Edge'],
    ['Chrome iOS', 'Chrome'],
    ['OpenAI/JS 7.57.0', 'OpenAI/JS'],
    ['AsyncOpenAI/Python 2.1', 'AsyncOpenAI/Python'],
    ['curl/8.14.1', 'curl'],
    ['ai/6.0.326 ai-sdk/provider-utils/4.0 runtime/node.js/24', 'ai'],
    ['Mozilla/5.0 (something else)', null],
    ['Anna Berger', null],
    ['anna@example.com', null],
    ['', null],
  ])('%s', (text, family) => {
    expect(familyOf(text)).toBe(family);
  });
});

describe('origin and path', () => {
  it.each([
    [
      'https://App.Example.com:8443/team/invite?email=ben@example.org#x',
      'https://app.example.com:8443/<team>/<invite>',
    ],
    ['https://anna:pw@example.com/', 'https://example.com/'],
    ['https://example.com', 'https://example.com'],
    ['https://example.com?q=anna', 'https://example.com'],
    ['https://example.com/users/4711/anna@example.com/a%20b', 'https://example.com/<users>/:id/:id/:id'],
    ['https://example.com/v2/9f8e7d6c5b4a', 'https://example.com/v2/:id'],
    [`https://example.com/${'x'.repeat(41)}/`, 'https://example.com/:id/'],
    ['/settings/anna.berger?tab=1', '/<settings>/<anna.berger>'],
    ['//example.com/x', null],
    ['javascript:alert(1)', null],
    ['https://ex ample.com/', null],
    ['https:///anna', null],
    ['app.example.com', null],
    ['anna@example.com', null],
  ])('%s', (text, pattern) => {
    expect(originPathOf(text, words)).toBe(pattern);
  });

  it('keeps nothing of user info, path or query in an origin', () => {
    expect(originOf('https://anna:pw@search.example.net/q/anna?x=anna#anna')).toBe(
      'https://search.example.net',
    );
    expect(originOf('/path')).toBeNull();
    expect(originOf('$direct')).toBeNull();
  });

  it('is not changed by being applied twice', () => {
    const piece = fc.string({ unit: fc.constantFrom(...'abZ0.-_~@%/?#:ü '), maxLength: 12 });
    const url = fc
      .tuple(
        fc.constantFrom('https://', 'HTTP://', '/', ''),
        fc.constantFrom('example.com', 'Ex.test:80', 'u@h', ''),
        piece,
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(url, (text) => {
        const same = (word: string) => word;
        const once = originPathOf(text, same);
        if (once !== null) expect(originPathOf(once, same)).toBe(once);
        const origin = originOf(text);
        if (origin !== null) expect(originOf(origin)).toBe(origin);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hour', () => {
  it.each([
    ['1762942812', '1762941600'],
    ['1762942812.123', '1762941600'],
    ['1762942812123', '1762941600000'],
    ['2025-11-12T10:20:12.123Z', '2025-11-12T10:00:00Z'],
    ['2025-11-12 10:20:12', '2025-11-12 10:00:00'],
    ['2025-11-12T10:20:12+05:30', '2025-11-12T10:00:00+05:30'],
    ['2025-11-12', '2025-11-12'],
    ['yesterday', null],
    ['-1', null],
  ])('%s', (text, hour) => {
    expect(hourOf(text)).toBe(hour);
    if (hour !== null) expect(hourOf(hour)).toBe(hour);
  });
});

describe('country', () => {
  it.each([
    ['AT', 'AT'],
    [' at ', 'AT'],
    ['austria', 'Austria'],
    ['USA', 'United States'],
    ['Graz', null],
    ['AT-6', null],
    ['ZZ', null],
  ])('%s', (text, country) => {
    expect(countryOf(text)).toBe(country);
  });
  it('knows a country by code and by name', () => {
    expect(countryCode('Germany')).toBe('DE');
    expect(countryCode('de')).toBe('DE');
    expect(['UK', 'uk', 'United Kingdom', 'GB'].map(countryCode)).toEqual(['GB', 'GB', 'GB', 'GB']);
  });
});

describe('canonical identifiers', () => {
  it('are one for all spellings', () => {
    expect(canonicalIdentifier(' Anna.Berger@Example.COM\n')).toBe('anna.berger@example.com');
    expect(canonicalIdentifier('Zoe\u0308')).toBe('Zo\u00eb');
    expect(canonicalIdentifier('User-A')).toBe('User-A');
  });
  it('stay as they are when applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = canonicalIdentifier(text);
        expect(canonicalIdentifier(once)).toBe(once);
      }),
    );
  });
});

describe('shapes', () => {
  it.each([
    ['anna@example.com', 'email'],
    ['https://example.com/x', 'url'],
    ['203.0.113.7', 'ip'],
    ['2001:db8::1', 'ip'],
    ['12:30:59', 'string'],
    ['9f8e7d6c-5b4a-4321-8765-0123456789ab', 'uuid'],
    ['2025-11-12T10:20:12Z', 'time'],
    ['9f8e7d6c5b4a', 'hex'],
    ['anna@@example.com', 'string'],
    ['hello', 'string'],
    ['', 'string'],
  ])('%s', (text, shape) => {
    expect(shapeOfText(text)).toBe(shape);
  });
});

describe('hostile values', () => {
  it('cost little, whatever they are', () => {
    const long = [
      'a'.repeat(1_000_000),
      `https://${'a.'.repeat(500_000)}`,
      `https://example.com${'/x'.repeat(500_000)}`,
      `${'1:'.repeat(500_000)}`,
      `${':'.repeat(1_000_000)}`,
      `${'@'.repeat(1_000_000)}`,
      `${' '.repeat(1_000_000)}@x.y`,
      `Mozilla/${'9'.repeat(1_000_000)}`,
      `2025-11-12T${'0'.repeat(1_000_000)}`,
    ];
    const before = process.cpuUsage();
    for (const text of long) {
      networkOf(text);
      familyOf(text);
      originPathOf(text, words);
      hourOf(text);
      countryOf(text);
      shapeOfText(text);
      canonicalIdentifier(text);
    }
    const { user } = process.cpuUsage(before);
    expect(user / 1000).toBeLessThan(1000);
  });
});
