import type { Trace, TraceKind } from '@drawbridge/evidence';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownOf, readVendor } from '../vendors/index.ts';
import { candidateKey, candidatesOf, registrable, sightingsOf } from './candidates.ts';
import { confidenceOf } from './confidence.ts';
import { createIdentifier } from './identify.ts';
import { type Decided, placed } from './place.ts';

const read = (id: string, rest: string) => {
  const text = `format: drawbridge.vendor/1
id: ${id}
category: other
sources: { site: { url: 'https://${id}.example/', as_of: '2026-01-01' } }
${rest}`;
  const vendor = readVendor(`${id}.yaml`, text);
  if ('problems' in vendor) throw new Error(JSON.stringify(vendor.problems));
  return vendor.vendor;
};

/** Made up. */
const known = knownOf([
  read(
    'orbit',
    `name: Orbit
legal_name: { is: 'Orbit Analytics, Inc.', from: site }
services: [{ id: events, name: Events, from: site }]
domains: [{ is: orbit.example, from: site }]
hosts:
  - { is: api-eu.orbit.example, region: EU, service: events, from: site }
  - { is: '*.ingest.orbit-cdn.example', region: US, from: site }
packages:
  - { registry: npm, is: '@orbit/browser', from: site }
  - { registry: go, is: github.com/orbit/orbit-go, from: site }
env: [{ is: 'ORBIT_*', from: site }, { is: OBT_TOKEN, from: site }]
dns:
  - { record: txt, is: orbit-domain-verification=, from: site }
  - { record: spf, is: spf.orbit.example, from: site }
oauth: [{ name: Orbit for Docs, client_id: 1234-orbit.apps, from: site }]
mail: [{ is: mail.orbit.example, kind: vendor, from: site }]
usage_reports: [{ shape: orbit-usage, of: events, endpoints: [track], from: site }]
`,
  ),
  read(
    'relay',
    `name: Relay Mail
domains: [{ is: relaymail.example, from: site }]
mail: [{ is: bounce.relaymail.example, kind: relayed, from: site }]
`,
  ),
]);
const identifier = createIdentifier(known, (host) =>
  host === 'pixel.adnet.example' ? { name: 'AdNet', company: null } : undefined,
);
const of = (kind: TraceKind, value: string, detail: Record<string, string> = {}) =>
  identifier.identify({ kind, value, detail });

describe('whose a name is', () => {
  it.each<[TraceKind, string, Record<string, string>, string, string]>([
    ['host', 'www.orbit.example', {}, 'orbit', 'domain'],
    ['service', 'orbit-usage', { via: 'usage_report' }, 'orbit', 'usage_report'],
    ['host', 'api-eu.orbit.example', {}, 'orbit', 'host'],
    ['host', 'eu7.ingest.orbit-cdn.example', {}, 'orbit', 'host'],
    ['package', '@orbit/browser', { registry: 'npm' }, 'orbit', 'package'],
    ['package', 'github.com/orbit/orbit-go/v2/client', { registry: 'go' }, 'orbit', 'package'],
    ['variable', 'orbit_project', {}, 'orbit', 'variable'],
    ['variable', 'OBT_TOKEN', {}, 'orbit', 'variable'],
    ['dns', 'Orbit-Domain-Verification=', { record: 'txt' }, 'orbit', 'dns'],
    ['dns', 'spf.orbit.example', { record: 'spf' }, 'orbit', 'dns'],
    ['dns', 'mx1.relaymail.example', { record: 'mx' }, 'relay', 'domain'],
    ['oauth_app', 'Whatever they call it', { client_id: '1234-orbit.apps' }, 'orbit', 'client_id'],
    ['sender', 'mail.orbit.example', { about: 'invoice' }, 'orbit', 'mail_domain'],
    ['payee', 'ORBIT ANALYTICS INC', {}, 'orbit', 'name'],
  ])('%s %s %j is of %s by its %s', (kind, value, detail, vendor, by) => {
    expect(of(kind, value, detail)).toMatchObject({ vendor, by, sure: true });
  });

  it('takes region and service from the host that says most', () => {
    expect(of('host', 'api-eu.orbit.example')).toMatchObject({ region: 'EU', service: 'events' });
    expect(of('host', 'other.orbit.example')).toMatchObject({ region: null, service: null });
  });

  it('is a suggestion only, on weak grounds', () => {
    expect(of('payee', 'ORBIT SAN FRANCISCO CA')).toMatchObject({ vendor: 'orbit', sure: false });
    expect(of('oauth_app', 'Orbit')).toMatchObject({ vendor: 'orbit', sure: false });
    expect(of('variable', 'VITE_ORBIT_PUBLIC_TOKEN')).toMatchObject({ vendor: 'orbit', sure: false });
    expect(of('host', 'pixel.adnet.example')).toMatchObject({ vendor: null, name: 'AdNet', sure: false });
  });

  it.each<[TraceKind, string, Record<string, string>]>([
    ['host', 'notorbit.example', {}],
    ['host', 'a.b.ingest.orbit-cdn.example', {}],
    ['package', '@orbit/browser', { registry: 'pypi' }],
    ['package', 'github.com/orbit/orbit-gopher', { registry: 'go' }],
    ['variable', 'EXORBITANT_KEY', {}],
    ['variable', 'ORBITAL_KEY', {}],
    ['payee', 'Orbital Ltd', {}],
    ['dns', 'some-orbit-domain-verification=', { record: 'txt' }],
    // Mail that it passes on shows that the writer is its customer, not that we are.
    ['sender', 'bounce.relaymail.example', { about: 'invoice' }],
  ])('%s %s %j is nobody’s', (kind, value, detail) => {
    expect(of(kind, value, detail)).toBeNull();
  });
});

const trace = (kind: TraceKind, value: string, more: Partial<Trace> = {}): Trace => ({
  kind,
  value,
  grade: 'configured',
  detail: {},
  count: 1,
  lines: [1],
  days: [],
  first: null,
  last: null,
  bytesOut: 0,
  bytesIn: 0,
  addresses: [],
  fields: [],
  ...more,
});

describe('candidates', () => {
  it('of one vendor are one, with the strongest grade', () => {
    const [one, ...others] = candidatesOf(
      sightingsOf(
        'a',
        [
          trace('package', '@orbit/browser', { grade: 'capable', detail: { registry: 'npm' } }),
          trace('host', 'api-eu.orbit.example', { grade: 'observed' }),
        ],
        identifier,
      ),
    );
    expect(others).toEqual([]);
    expect(one).toMatchObject({ key: 'vendor:orbit', grade: 'observed', sure: true });
    expect(one?.confidence).toBeCloseTo(1 - 0.05 * 0.7);
  });

  it('of customers of one host are not one', () => {
    expect(registrable('one.vercel.app')).toBe('one.vercel.app');
    expect(registrable('deep.one.vercel.app')).toBe('one.vercel.app');
    expect(registrable('api.shop.co.uk')).toBe('shop.co.uk');
  });

  it('are not made of packages, variables and texts that are nobody’s', () => {
    for (const one of [
      trace('package', 'left-pad', { detail: { registry: 'npm' } }),
      trace('variable', 'PORT'),
      trace('dns', 'v=something', { detail: { record: 'txt' } }),
      trace('sender', 'friend.example', { detail: { about: 'other' } }),
    ])
      expect(candidateKey({ trace: one, match: identifier.identify(one) })).toBeNull();
  });
});

describe('how sure evidence makes', () => {
  const kinds = fc.constantFrom<TraceKind>('host', 'package', 'variable', 'dns', 'payee');
  const levels = fc.constantFrom('observed', 'configured', 'capable', 'transitive' as const);
  const evidence = fc.array(fc.record({ kind: kinds, grade: levels }), { maxLength: 12 });

  it('is from 0 to 1, never falls with more of it, and counts a kind once', () => {
    fc.assert(
      fc.property(evidence, evidence, (some, more) => {
        const before = confidenceOf(some);
        expect(before).toBeGreaterThanOrEqual(0);
        expect(before).toBeLessThan(1);
        expect(confidenceOf([...some, ...more])).toBeGreaterThanOrEqual(before);
        expect(confidenceOf([...some, ...some])).toBe(before);
      }),
    );
  });
});

describe('what people decided', () => {
  const decided = (key: string, one: Decided) => new Map([[key, one]]);
  const host = { trace: trace('host', 'api.unknown.example'), match: null };

  it('goes before what is known', () => {
    const one = { trace: trace('host', 'www.orbit.example'), match: of('host', 'www.orbit.example') };
    const other = decided('vendor:orbit', { act: 'confirm', vendor: 'relay', vendorName: 'Relay Mail' });
    expect(placed(one, other)).toMatchObject({ vendor: 'relay', ground: 'decision', sure: true });
    const none = decided('vendor:orbit', { act: 'reject', vendor: null, vendorName: null });
    expect(placed(one, none)).toMatchObject({ vendor: null, sure: false });
    expect(placed(one, new Map())).toMatchObject({ vendor: 'orbit', ground: 'domain' });
  });

  it('parts a domain into its hosts', () => {
    const split = decided('domain:unknown.example', { act: 'split', vendor: null, vendorName: null });
    expect(placed(host, split).candidate).toBe('host:api.unknown.example');
    expect(placed(host, new Map()).candidate).toBe('domain:unknown.example');
    split.set('host:api.unknown.example', { act: 'confirm', vendor: 'orbit', vendorName: 'Orbit' });
    expect(placed(host, split)).toMatchObject({ vendor: 'orbit', candidate: 'host:api.unknown.example' });
  });
});
