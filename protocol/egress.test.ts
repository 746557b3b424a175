import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileEgress,
  type EgressConfig,
  EgressPatternSchema,
  EgressSchema,
  isEgressHost,
  readAuthority,
  type Severed,
} from './egress.ts';

const config = (rules: Partial<EgressConfig> = {}): EgressConfig =>
  EgressSchema.parse({
    mode: 'enforce',
    apps: [],
    ports: { connect: [443], http: [80] },
    allow: { vendors: [], hosts: [], countries: [] },
    deny: { vendors: [], hosts: [] },
    severed: [],
    vendors: [
      { id: 'acme', country: 'US', domains: ['acme.example', 'acme-cdn.example'] },
      { id: 'acme-eu', country: 'DE', domains: ['eu.acme.example'] },
      { id: 'nowhere', country: null, domains: ['nowhere.example'] },
    ],
    networks: [],
    sni: false,
    ...rules,
  });
const nobody: Severed = { vendors: [], hosts: [] };
const reasonOf = (rules: Partial<EgressConfig>, host: string, severed = nobody) =>
  compileEgress(config(rules), severed).judge(host).reason;

test.each([
  ['API.Example.COM:443', { host: 'api.example.com', port: 443 }],
  ['api.example.com.:443', { host: 'api.example.com', port: 443 }],
  ['bücher.example:443', { host: 'xn--bcher-kva.example', port: 443 }],
  ['EXAMPLE。com:443', { host: 'example.com', port: 443 }],
  ['[2001:DB8::1]:8443', { host: '2001:db8::1', port: 8443 }],
  ['0x7f.1:443', { host: '127.0.0.1', port: 443 }],
  ['2130706433:443', { host: '127.0.0.1', port: 443 }],
  ['[::ffff:127.0.0.1]:443', { host: '127.0.0.1', port: 443 }],
  ['_dmarc.example.com:443', { host: '_dmarc.example.com', port: 443 }],
  ['localhost:443', { host: 'localhost', port: 443 }],
])('%s is read as %o', (text, read) => {
  expect(readAuthority(text, null)).toEqual(read);
});

test.each([
  'example.com',
  'example.com:0',
  'example.com:65536',
  'example.com:443:443',
  'user@example.com:443',
  'example.com/path:443',
  'example..com:443',
  '.example.com:443',
  'example.com..:443',
  'ex%61mple.com:443',
  'example.com\\evil:443',
  'exa mple.com:443',
  '::1:443',
  '[::1',
  '[fe80::1%25eth0]:443',
  `${'a'.repeat(64)}.example:443`,
  `${'a.'.repeat(300)}b:443`,
  '1.2.3.4.5:443',
  '-x.example:443',
  ':443',
  '',
])('"%s" is no authority', (text) => {
  expect(readAuthority(text, null)).toBeNull();
});

test.each([
  '2001:DB8::1',
  '2001:db8:0:0:0:0:0:1',
  '::ffff:192.0.2.1',
  '::ffff:c000:201',
  'fe80::1%eth0',
  '127.1',
  '0x7f.0.0.1',
  '010.0.0.1',
  'api.example.0x1',
  '*.0.0.1',
])('"%s" matches nothing that is asked for, so no list takes it', (text) => {
  expect(EgressPatternSchema.safeParse(text).success).toBe(false);
});

test('an IPv4 address in IPv6 is judged as the address that it leads to', () => {
  const host = readAuthority('[::ffff:192.0.2.1]:443', null)?.host ?? '';
  expect(reasonOf({ deny: { vendors: [], hosts: ['192.0.2.1'] } }, host)).toBe('egress_denied');
  expect(reasonOf({}, host, { vendors: [], hosts: ['192.0.2.1'] })).toBe('egress_severed');
});

test('whatever is read is in its one spelling: read again, it is the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV4Extended(), fc.string({ maxLength: 40 })), (text) => {
      const read = readAuthority(text, 443);
      if (read === null) return;
      expect(isEgressHost(read.host)).toBe(true);
      const written = read.host.includes(':') ? `[${read.host}]` : read.host;
      expect(readAuthority(`${written}:${read.port}`, null)).toEqual(read);
    }),
  );
});

describe('rules', () => {
  test('a host is of the vendor with the longest domain that it lies below', () => {
    const rules = compileEgress(config(), nobody);
    expect(
      ['acme.example', 'api.acme.example', 'x.eu.acme.example', 'notacme.example', 'example', '10.0.0.1'].map(
        (host) => rules.vendorOf(host),
      ),
    ).toEqual(['acme', 'acme', 'acme-eu', null, null, null]);
  });

  test.each<[string, Partial<EgressConfig>, string, string | null]>([
    ['nothing is listed', {}, 'api.acme.example', 'egress_not_listed'],
    ['the vendor is', { allow: { vendors: ['acme'], hosts: [], countries: [] } }, 'api.acme.example', null],
    [
      'its parent vendor is no other',
      { allow: { vendors: ['acme'], hosts: [], countries: [] } },
      'eu.acme.example',
      'egress_not_listed',
    ],
    ['the host is', { allow: { vendors: [], hosts: ['a.b.example'], countries: [] } }, 'a.b.example', null],
    [
      'below it is another',
      { allow: { vendors: [], hosts: ['b.example'], countries: [] } },
      'a.b.example',
      'egress_not_listed',
    ],
    [
      'a wildcard is below',
      { allow: { vendors: [], hosts: ['*.b.example'], countries: [] } },
      'x.a.b.example',
      null,
    ],
    [
      'a wildcard is not itself',
      { allow: { vendors: [], hosts: ['*.b.example'], countries: [] } },
      'b.example',
      'egress_not_listed',
    ],
    [
      'a wildcard needs a dot',
      { allow: { vendors: [], hosts: ['*.b.example'], countries: [] } },
      'ab.example',
      'egress_not_listed',
    ],
    ['the country is', { allow: { vendors: [], hosts: [], countries: ['DE'] } }, 'eu.acme.example', null],
    [
      'no country is known',
      { allow: { vendors: [], hosts: [], countries: ['DE'] } },
      'nowhere.example',
      'egress_not_listed',
    ],
    [
      'denied beats allowed',
      {
        allow: { vendors: ['acme'], hosts: ['api.acme.example'], countries: [] },
        deny: { vendors: [], hosts: ['*.acme.example'] },
      },
      'api.acme.example',
      'egress_denied',
    ],
    [
      'a denied vendor',
      {
        allow: { vendors: [], hosts: ['api.acme.example'], countries: [] },
        deny: { vendors: ['acme'], hosts: [] },
      },
      'api.acme.example',
      'egress_denied',
    ],
    [
      'severed beats all',
      {
        allow: { vendors: ['acme'], hosts: [], countries: [] },
        deny: { vendors: ['acme'], hosts: [] },
        severed: ['acme'],
      },
      'api.acme.example',
      'egress_severed',
    ],
    [
      'an address',
      { allow: { vendors: [], hosts: ['*.b.example'], countries: [] } },
      '10.0.0.1',
      'egress_address',
    ],
    ['a listed address', { allow: { vendors: [], hosts: ['10.0.0.1'], countries: [] } }, '10.0.0.1', null],
  ])('%s', (_, rules, host, reason) => {
    expect(reasonOf(rules, host)).toBe(reason);
  });

  test('a severed connection severs its vendor, and its own host where no vendor is known', () => {
    const severed = { vendors: ['acme'], hosts: ['llm.inside.example'] };
    const allow = { vendors: ['acme'], hosts: ['llm.inside.example', 'x.inside.example'], countries: [] };
    expect(reasonOf({ allow }, 'acme-cdn.example', severed)).toBe('egress_severed');
    expect(reasonOf({ allow }, 'llm.inside.example', severed)).toBe('egress_severed');
    expect(reasonOf({ allow }, 'x.inside.example', severed)).toBeNull();
  });

  test.each([
    'EXAMPLE.com',
    '*',
    '*.',
    '*.*.example',
    'a b.example',
    'example.com.',
    'http://example.com',
    '',
  ])('the pattern "%s" is refused', (pattern) => {
    expect(EgressSchema.shape.allow.safeParse({ vendors: [], hosts: [pattern], countries: [] }).success).toBe(
      false,
    );
  });
});
