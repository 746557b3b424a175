import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edge, Layer, Scope } from '../../chain/index.ts';
import { keptBy } from './kept.ts';
import { quotesOf } from './quotes.ts';
import { layerAtEnd, mayGo, scopeOf, waysTo } from './reach.ts';
import { weakestLinks } from './weakest.ts';

/** The rules of a blast radius, apart from any database. Vendors are made up. */
const at = new Date('2025-11-01T00:00:00Z');
function edge(from: string, to: string, layer: Layer = 'declared', over: Scope[] = []): Edge {
  return {
    id: null,
    from,
    to,
    layer,
    scopes: over,
    source: { kind: 'url', text: `${from} to ${to}` },
    firstSeenAt: at,
    lastSeenAt: at,
    validFrom: null,
    validUntil: null,
    conditions: [],
    conditionsText: null,
    note: null,
  };
}

describe('the ways to a party', () => {
  test('lead over vendors of ours, the shortest from each, as sure as their weakest link', () => {
    const edges = [
      edge('us', 'acme', 'observed'),
      edge('us', 'globex', 'observed'),
      edge('acme', 'hooli', 'declared', ['telemetry', 'support']),
      edge('hooli', 'umbrella', 'observed', ['telemetry']),
      edge('globex', 'umbrella', 'inferred'),
    ];
    const ways = waysTo('umbrella', edges);
    expect(ways.map(({ through, layer, scopes }) => [through.join(' '), layer, scopes])).toEqual([
      ['globex umbrella', 'inferred', null],
      ['acme hooli umbrella', 'declared', ['telemetry']],
    ]);
    expect(waysTo('acme', edges)).toMatchObject([{ through: ['acme'], layer: 'observed', scopes: null }]);
    expect(waysTo('nobody', edges)).toEqual([]);
  });

  test('of two links between the same vendors, the one that was seen counts; bills alone lead nowhere', () => {
    const edges = [
      edge('us', 'acme'),
      edge('acme', 'hooli', 'inferred'),
      edge('acme', 'hooli', 'observed', ['content']),
      edge('acme', 'stripe', 'declared', ['billing']),
    ];
    expect(waysTo('hooli', edges)).toMatchObject([{ layer: 'observed', scopes: ['content'] }]);
    expect(waysTo('stripe', edges)).toEqual([]);
  });

  test('end in circles, and are as long as the distance', () => {
    const node = fc.integer({ min: 0, max: 7 }).map((n) => (n === 0 ? 'us' : `v${n}`));
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node), { maxLength: 40 }), (pairs) => {
        const edges = pairs.filter(([, to]) => to !== 'us').map(([from, to]) => edge(from, to));
        const links = new Set(edges.map(({ from, to }) => `${from} ${to}`));
        const ways = waysTo('v7', edges);
        for (const { through } of ways) {
          expect(links.has(`us ${through[0]}`)).toBe(true);
          expect(through.at(-1)).toBe('v7');
          expect(new Set(through).size).toBe(through.length);
          for (const [n, from] of through.slice(0, -1).entries())
            expect(links.has(`${from} ${through[n + 1]}`)).toBe(true);
        }
        // Whoever we deal with, and can come to the party from, has a way.
        const reached = new Set(['v7']);
        for (let grew = true; grew; ) {
          const before = reached.size;
          for (const { from, to } of edges) if (reached.has(to) && from !== 'us') reached.add(from);
          grew = reached.size > before;
        }
        const direct = [...reached].filter((vendor) => links.has(`us ${vendor}`));
        expect(ways.map(({ through }) => through[0]).sort()).toEqual(direct.sort());
      }),
    );
  });

  test('that a link was seen does not say that our data went over it', () => {
    const way = (through: string[], layer: Layer) => ({ through, layer, scopes: null, sources: [] });
    expect(layerAtEnd(way(['acme'], 'observed'))).toBe('observed');
    expect(layerAtEnd(way(['acme', 'hooli'], 'observed'))).toBe('inferred');
    expect(layerAtEnd(way(['acme', 'hooli'], 'declared'))).toBe('declared');
    expect(mayGo({ scopes: null }, scopeOf('content.prompt'))).toBe(true);
    expect(mayGo({ scopes: ['account_metadata'] }, scopeOf('content.prompt'))).toBe(false);
    expect(mayGo({ scopes: ['account_metadata'] }, scopeOf('org.vendor_account'))).toBe(true);
  });
});

describe('what can be quoted', () => {
  test('is what lies there in clear; what was made coarser counts half, and pseudonyms nothing', () => {
    const { facts, phishability } = quotesOf([
      { class: 'person.email', treatment: 'pass' },
      { class: 'person.name', treatment: 'pseudonymise' },
      { class: 'geo.city', treatment: 'generalise' },
      { class: 'geo.city', treatment: 'pass' },
      { class: 'org.name', treatment: 'generalise' },
      { class: 'device.id', treatment: 'pass' },
    ]);
    expect(facts.map((fact) => [fact.class, fact.coarse])).toEqual([
      ['person.email', false],
      ['geo.city', false],
      ['org.name', true],
    ]);
    expect(phishability).toEqual({ total: 51, reach: 40, name: 0, facts: 11 });
  });

  test('more in clear never makes a group harder to deceive, and the parts add up to at most 100', () => {
    const kind = fc.record({
      class: fc.constantFrom(
        'person.email',
        'person.name',
        'geo.city',
        'content.prompt',
        'payment.iban',
        'org.name',
      ),
      treatment: fc.constantFrom('pass', 'generalise', 'pseudonymise', 'tokenise', 'unknown'),
    });
    fc.assert(
      fc.property(fc.array(kind), kind, (kinds, more) => {
        const [less, all] = [quotesOf(kinds).phishability, quotesOf([...kinds, more]).phishability];
        expect(all.total).toBeGreaterThanOrEqual(less.total);
        expect(all.reach + all.name + all.facts).toBe(all.total);
        expect(all.total).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('what a vendor kept', () => {
  const said = (kind: 'retention' | 'deletion', key: string, value: unknown, files = 0) => ({
    kind,
    key,
    value,
    source: 'a contract',
    asOf: '2025-01-01',
    statedAt: at,
    statedBy: 'Ada Example',
    files: Array.from({ length: files }, () => ({
      hash: 'h',
      name: 'proof.pdf',
      size: 1,
      type: 'application/pdf',
      storedAt: at,
    })),
  });
  const entry = (statements: ReturnType<typeof said>[]) =>
    keptBy({ statements } as unknown as Parameters<typeof keptBy>[0]);

  test('a deletion counts to the end of its day, and only with a proof', () => {
    const proven = entry([said('deletion', 'all', { on: '2025-06-30', what: 'All of it' }, 1)]);
    expect(proven.deletedUntil('geo.city')).toBe(Date.parse('2025-06-30T23:59:59.999Z'));
    const told = entry([said('deletion', 'geo.city', { on: '2025-06-30', what: 'Cities' })]);
    expect(told.deletedUntil('geo.city')).toBeNull();
    expect(told.deletionOf('geo.city')).toMatchObject({ on: '2025-06-30', isProven: false });
    expect(told.deletionOf('person.email')).toBeNull();
  });

  test('of several deletions the latest that is proven counts', () => {
    const kept = entry([
      said('deletion', 'all', { on: '2025-01-31', what: 'All of it' }, 1),
      said('deletion', 'geo.city', { on: '2025-06-30', what: 'Cities' }, 1),
    ]);
    expect(kept.deletedUntil('geo.city')).toBe(Date.parse('2025-06-30T23:59:59.999Z'));
    expect(kept.deletedUntil('person.email')).toBe(Date.parse('2025-01-31T23:59:59.999Z'));
  });

  test('a retention for a class goes before that for all; none, or one without an end, keeps everything', () => {
    const from = Date.parse('2025-11-08T00:00:00Z');
    const kept = entry([
      said('retention', 'all', { days: 30, note: null }),
      said('retention', 'geo.city', { days: null, note: null }),
    ]);
    expect(kept.keptSince('person.email', from)).toBe(Date.parse('2025-10-09T00:00:00Z'));
    expect(kept.keptSince('geo.city', from)).toBeNull();
    expect(keptBy(null).keptSince('person.email', from)).toBeNull();
  });
});

describe('weakest links', () => {
  test('what was never seen is unknown and not zero, and comes after all that was', () => {
    const got = (vendor: string, people: number) => ({
      vendor,
      name: vendor,
      people,
      crossings: people,
      lastCrossingAt: at.toISOString(),
      classes: [],
    });
    const links = weakestLinks({
      rows: [got('quiet', 0), got('acme', 12)] as unknown as Parameters<typeof weakestLinks>[0]['rows'],
      connections: [],
      statusOf: new Map(),
      names: new Map(),
      registered: ['a-paper-vendor'],
      accounts: new Map([['quiet', 0]]),
      apps: new Map(),
    });
    expect(
      links.map(({ id, people, reachable, accounts, phishability }) => [
        id,
        people,
        reachable,
        accounts,
        phishability,
      ]),
    ).toEqual([
      ['acme', 12, 0, null, 0],
      ['quiet', 0, 0, 0, 0],
      ['a-paper-vendor', null, null, null, null],
    ]);
    expect(links[2]?.unknown).toContain('No record in the traffic that we saw.');
  });
});
