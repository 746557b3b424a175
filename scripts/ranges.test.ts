import { expect, test } from 'vitest';
import { readRanges } from '../control/residency/index.ts';
import { providers, tableOf } from './ranges/lists.ts';

/** Lists in the providers' forms, with made-up networks. */
const lists: Record<string, string> = {
  aws: JSON.stringify({
    prefixes: [
      {
        ip_prefix: '198.51.100.0/26',
        region: 'eu-west-2',
        service: 'AMAZON',
        network_border_group: 'eu-west-2',
      },
      {
        ip_prefix: '198.51.100.0/26',
        region: 'eu-west-2',
        service: 'EC2',
        network_border_group: 'eu-west-2',
      },
      {
        ip_prefix: '198.51.100.64/26',
        region: 'us-east-1',
        service: 'EC2',
        network_border_group: 'us-east-1-scl-1',
      },
      {
        ip_prefix: '198.51.100.128/26',
        region: 'GLOBAL',
        service: 'CLOUDFRONT',
        network_border_group: 'GLOBAL',
      },
    ],
    ipv6_prefixes: [
      {
        ipv6_prefix: '2001:db8:1::/48',
        region: 'eu-central-1',
        service: 'EC2',
        network_border_group: 'eu-central-1',
      },
    ],
  }),
  gcp: JSON.stringify({
    prefixes: [
      { ipv4Prefix: '203.0.113.0/28', service: 'Google Cloud', scope: 'europe-west3' },
      { ipv6Prefix: '2001:db8:2::/48', service: 'Google Cloud', scope: 'global' },
      { ipv4Prefix: '203.0.113.16/28', service: 'Google Cloud', scope: 'moon-west1' },
    ],
  }),
  azure: JSON.stringify({
    values: [
      { name: 'AzureCloud.germanywc', properties: { addressPrefixes: ['203.0.113.32/28'] } },
      { name: 'AzureFrontDoor.Frontend', properties: { addressPrefixes: ['203.0.113.48/28'] } },
      { name: 'Storage.WestEurope', properties: { addressPrefixes: ['203.0.113.64/28'] } },
    ],
  }),
  oci: JSON.stringify({
    regions: [{ region: 'uk-london-1', cidrs: [{ cidr: '203.0.113.80/28', tags: ['OCI'] }] }],
  }),
  digitalocean: '203.0.113.96/28,NL,NL-NH,Amsterdam,1105\n',
  linode: '# comment\n203.0.113.112/28,DE,DE-HE,Frankfurt,\n203.0.113.128/28,,,,\n',
  cloudflare: '192.0.2.0/25\n2001:db8:3::/48\n',
  fastly: JSON.stringify({ addresses: ['192.0.2.128/25'], ipv6_addresses: ['2001:db8:4::/48'] }),
};
const given = Object.entries(lists).map(([provider, text]) => ({
  provider,
  asOf: '2026-11-22',
  sha256: 'a'.repeat(64),
  text,
}));

test('makes one table of all lists, with each source, that finds what they say', () => {
  expect(Object.keys(lists)).toEqual(Object.keys(providers));
  const { text, unplaced } = tableOf(given);
  const table = readRanges(text);
  expect(table.sources.map(({ provider }) => provider).sort()).toEqual(Object.keys(lists).sort());
  const place = (address: string) => table.find(address)?.place ?? null;
  expect(
    [
      '198.51.100.1',
      '198.51.100.65',
      '198.51.100.129',
      '2001:db8:1::1',
      '203.0.113.1',
      '2001:db8:2::1',
      '203.0.113.33',
      '203.0.113.49',
      '203.0.113.65',
      '203.0.113.81',
      '203.0.113.97',
      '203.0.113.113',
      '192.0.2.1',
      '2001:db8:4::1',
    ].map(place),
  ).toEqual([
    'aws:eu-west-2',
    null,
    'EDGE',
    'aws:eu-central-1',
    'gcp:europe-west3',
    'EDGE',
    'azure:germanywestcentral',
    'EDGE',
    null,
    'oci:uk-london-1',
    'NL',
    'DE',
    'EDGE',
    'EDGE',
  ]);
  expect(unplaced).toEqual(['aws us-east-1-scl-1: 1', 'gcp moon-west1: 1', 'linode (no country): 1']);
  expect(tableOf(given.toReversed()).text).toBe(text);
});

test('a provider that is not read, and a list of another form, are refused', () => {
  const [first] = given;
  if (first === undefined) throw new Error('no list');
  expect(() => tableOf([{ ...first, provider: 'other' }])).toThrow('"other" is no provider');
  expect(() => tableOf([{ ...first, text: '{"prefixes":[{}]}' }])).toThrow();
});
