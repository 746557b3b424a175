import { describe, expect, test } from 'vitest';
import { permissionsOf } from '../identity/index.ts';
import { actions } from '../platform/index.ts';
import type { Facts, VendorFacts } from './facts.ts';
import { consequencesOf, listsOf } from './lists.ts';
import { isInForceAt, stateOf } from './read.ts';
import { edge } from './testing.ts';

/** What the lists say of what is known. All of it is made up. */
const at = new Date('2025-11-09T08:00:00Z');
const acme: VendorFacts = {
  id: 'acme',
  name: 'Acme',
  owner: 'Ada Example',
  domains: ['acme.example'],
  hosts: [
    {
      host: 'api.acme.example',
      app: 'app-1',
      vendor: 'acme',
      ports: [443],
      firstAt: at,
      lastAt: at,
      crossings: 3,
      refused: 0,
      sent: 1,
      received: 1,
    },
  ],
  grants: [
    { id: '7', app: 'Acme for Sheets', scopes: ['mail'], file: 'grants.json', firstAt: at, lastAt: at },
  ],
  traces: [
    { id: '8', kind: 'package', value: 'acme-browser', grade: 1, file: 'package.json', lastAt: at },
    { id: '9', kind: 'payee', value: 'Acme Inc', grade: 0, file: 'payments.csv', lastAt: at },
  ],
  heldKeys: [
    { id: '10', label: 'acme deploy', kind: 'deploy key', source: 'GitHub', owner: null, lastUsedAt: null },
  ],
  accounts: [],
  coverage: { isProven: true, text: '' },
  substitutes: [{ id: 'beta', name: 'Beta', days: 14 }],
  epoch: 3,
  edges: [edge('acme', 'deep', { layer: 'observed', scopes: ['content'] }), edge('other', 'deep')],
};
const facts = (given: Partial<Facts> = {}): Facts => ({
  target: { kind: 'vendor', id: 'acme', name: 'Acme', field: null, vendors: ['acme'], connections: [] },
  vendors: [acme],
  recent: [],
  apps: new Map([['app-1', { name: 'Shop', owner: 'Bob Example' }]]),
  named: (id) => id,
  lastUsed: [],
  people: 12,
  days: 7,
  ...given,
});

describe('the lists', () => {
  test('have what is proven elsewhere under what people end there, each with its owner, layer and evidence', () => {
    const { cutNow, revokeThere, notOurs, unknown } = listsOf(facts());
    expect(cutNow.map(({ id }) => id)).toEqual(['egress:acme', 'host:acme:api.acme.example']);
    expect(revokeThere.map(({ kind, owner, layer, proof }) => [kind, owner, layer, proof?.text])).toEqual([
      ['oauth_grant', 'Ada Example', 'observed', 'Evidence: grants.json'],
      ['held_key', null, 'inferred', 'List of keys: GitHub'],
      ['sdk', 'Ada Example', 'declared', 'Evidence: package.json'],
    ]);
    expect(notOurs.map(({ id, layer }) => [id, layer])).toEqual([['link:acme:deep:observed', 'observed']]);
    expect(unknown.map(({ id }) => id)).toEqual([
      'unknown:acme:traffic',
      'unknown:acme:webhooks',
      'unknown:acme:accounts',
    ]);
  });

  test('of a vendor of which nothing is known say what is not known, and call nothing none', () => {
    const nothing: VendorFacts = {
      ...acme,
      ...{ domains: [], hosts: [], grants: [], traces: [], heldKeys: [], edges: [], epoch: null },
      coverage: { isProven: false, text: 'Nobody measured it.' },
    };
    const { cutNow, revokeThere, notOurs, unknown } = listsOf(facts({ vendors: [nothing] }));
    expect([cutNow, revokeThere, notOurs]).toEqual([[], [], []]);
    expect(unknown.map(({ id }) => id.split(':')[2])).toEqual([
      ...['coverage', 'domains', 'traffic', 'grants', 'webhooks', 'code', 'accounts', 'chain'],
    ]);
    expect(unknown.every(({ layer }) => layer === 'unknown')).toBe(true);
  });

  test('of a field class leave the vendor’s grants alone, and say where the class is not seen', () => {
    const target: Facts['target'] = {
      ...facts().target,
      kind: 'field_class',
      field: { class: 'person.email', treatment: 'drop' },
    };
    const { cutNow, revokeThere, unknown } = listsOf(facts({ target }));
    expect([cutNow, revokeThere]).toEqual([[], []]);
    expect(unknown.map(({ id }) => id.split(':')[2])).toEqual(['text', 'went', 'egress']);
  });

  test('pseudonyms are a whole vendor’s; what destroying them means is said with the number of people', () => {
    const whole = consequencesOf(facts()).pseudonyms;
    expect(whole).toMatchObject({ epochs: [{ epoch: 3 }], people: 12 });
    expect(whole.text).toContain('can not be undone');
    const one = { ...facts().target, kind: 'connection' as const };
    expect(consequencesOf(facts({ target: one })).pseudonyms).toMatchObject({ epochs: [], people: null });
  });
});

describe('the state', () => {
  const row = { rehearsal: false, ended_at: null, by_time: false, version: 5 };
  const runs = (...versions: (number | null)[]) => versions.map((snapshotVersion) => ({ snapshotVersion }));
  test('is in force where every gateway runs on it; one that never said so is missing', () => {
    expect(stateOf(row, runs(5, 6))).toBe('in_force');
    expect(stateOf(row, runs(5, 4))).toBe('partly');
    expect(stateOf(row, runs(5, null))).toBe('partly');
    expect(stateOf({ ...row, version: null }, runs(9))).toBe('partly');
    expect(isInForceAt(row, { snapshotVersion: 4 })).toBe(false);
  });
  test('tells reopened from over in time, and a rehearsal from both', () => {
    expect(stateOf({ ...row, ended_at: at }, [])).toBe('reopened');
    expect(stateOf({ ...row, ended_at: at, by_time: true }, [])).toBe('ended');
    expect(stateOf({ ...row, ended_at: at, rehearsal: true }, [])).toBe('rehearsal');
  });
});

test('a responder cuts off and reopens, with a factor used just now, and destroys nothing', () => {
  const { actions: may } = permissionsOf(['responder']);
  expect(may.has('severance.run')).toBe(true);
  expect(may.has('epoch.begin')).toBe(false);
  expect(actions['severance.run'].sensitive).toBe(true);
  expect(permissionsOf(['auditor']).actions.has('severance.run')).toBe(false);
});
