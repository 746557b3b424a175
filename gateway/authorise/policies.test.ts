import { type Connection, OTHERWISE, type PolicySetDocument } from '@drawbridge/protocol';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../snapshot/errors.ts';
import { policySet } from '../testing/deployment.ts';
import { aiService } from '../testing/services.ts';
import type { Asked } from './asked.ts';
import { DecisionCache } from './cache.ts';
import { allowedBy } from './decision.ts';
import { type ConnectionPolicies, PolicyOpener } from './policies.ts';

const config: Connection = {
  id: 'conn-1',
  slug: 'one',
  vendor: 'vendor-1',
  service: aiService.id,
  region: 'main',
  upstream: { scheme: 'https', host: 'vendor.example.com', port: 443, private: false },
  state: 'open',
  credential: null,
  contract: { id: 'contract-1', version: 1, rules: aiService.contracts.as_is },
  origins: [],
};

const NOON = Date.UTC(2026, 10, 21, 12);
const plain: Asked = {
  app: 'app-1',
  isPersons: false,
  endpoint: 'chat',
  endpointClass: 'inference',
  runsModel: true,
  model: 'm-1',
  fields: [['content.prompt', 'pass', 1]],
  at: NOON,
};

function open(
  texts: Record<string, string>,
  facts: Parameters<typeof policySet>[1] = {},
): ConnectionPolicies {
  const policies = new PolicyOpener().open(policySet(texts, facts));
  if (policies === null) throw new Error('there are policies');
  return policies.for(config, aiService);
}

const forbid = (when: string, head = 'principal, action == Action::"cross", resource'): string =>
  `forbid (${head}) when { ${when} };`;

describe('a set', () => {
  const refusedWith = (document: PolicySetDocument): unknown => {
    try {
      return new PolicyOpener().open(document);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      return [error.code, error.field, error.message];
    }
  };

  it.each([
    ['that can’t be read', 'forbid (principal, action, resource', /line 1, column 36/],
    ['that asks for what there is not', forbid('principal.teem == "x"'), /did you mean `team`/],
    ['of another type', forbid('context.hour == "x"'), /line 1/],
    [
      'of two statements',
      'permit (principal, action, resource); permit (principal, action, resource);',
      /permit/,
    ],
  ])('with a policy %s is refused, and says which and where', (_, text, said) => {
    expect(refusedWith(policySet({ good: forbid('context.hour < 3'), bad: text }))).toEqual([
      'policies_invalid',
      'policies.items.bad',
      expect.stringMatching(said),
    ]);
  });

  it('whose hash is that of other texts is refused', () => {
    const { hash } = policySet({ one: forbid('context.hour < 3') });
    const document = { ...policySet({ one: forbid('context.hour < 4') }), hash };
    expect(refusedWith(document)).toEqual(['inconsistent', 'policies.hash', expect.any(String)]);
  });

  it('may name actions of the console that this gateway has not heard of', () => {
    const text = forbid('true', 'principal, action in [Action::"cross", Action::"made.up"], resource');
    const other = forbid('action == Action::"other.made.up"', 'principal, action, resource');
    expect(open({ 'a-name': text, other }).decide(plain).names).toEqual(['a-name']);
  });
});

it('names all that refused, shows three with their titles, and permits what none forbids', () => {
  const texts = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [name, `@title("Rule ${name}")\n${forbid('context.hour == 12')}`]),
  );
  const decision = open(texts).decide(plain);
  expect(decision).toMatchObject({
    allowed: false,
    failed: false,
    names: ['a', 'b', 'c', 'd'],
    policy: policySet(texts).hash,
  });
  expect(decision.message).toContain(
    'The policies "Rule a" (a), "Rule b" (b), "Rule c" (c) and 1 more refuse this request.',
  );
  expect(open(texts).decide({ ...plain, at: NOON + 3_600_000 })).toMatchObject({ allowed: true, names: [] });
});

it('leaves out what can’t apply, and asks nobody where nothing is left', () => {
  const others = {
    'other-connection': forbid('true', 'principal, action, resource == Connection::"conn-2"'),
    'other-vendor': forbid('true', 'principal, action, resource in Vendor::"vendor-2"'),
    'other-app': forbid('true', 'principal == App::"app-2", action, resource'),
    'other-kind': forbid('true', 'principal is Person, action, resource'),
    'other-action': forbid('true', 'principal, action == Action::"made.up", resource'),
  };
  expect(open(others).decide(plain).allowed).toBe(true);
  expect(open(others).decide({ ...plain, app: 'app-2' }).names).toEqual(['other-app']);
  const these = {
    'this-connection': forbid('true', 'principal, action, resource == Connection::"conn-1"'),
    'this-vendor': forbid('true', 'principal, action, resource in Vendor::"vendor-1"'),
    'this-app': forbid('true', 'principal == App::"app-1", action, resource'),
  };
  expect(open({ ...others, ...these }).decide(plain).names).toEqual([
    'this-app',
    'this-connection',
    'this-vendor',
  ]);
});

describe('what policies know', () => {
  it.each<[string, string, Partial<Asked>]>([
    ['the hour', 'context.hour == 13', { at: NOON + 3_600_000 }],
    ['the weekday', 'context.weekday == "sunday"', { at: NOON + 86_400_000 }],
    [
      'a class that crosses in clear',
      'context.classes.contains("person.email")',
      { fields: [['person.email', 'pass', 2]] },
    ],
    ['its family', 'context.families.contains("person")', { fields: [['person.email', 'generalise', 2]] }],
    [
      'a treatment',
      'context.treatments.contains("person.email:drop")',
      { fields: [['person.email', 'drop', 2]] },
    ],
    ['the model', 'context has model && context.model like "m-2*"', { model: 'm-2-turbo' }],
    ['the endpoint', 'context.endpoint == "other"', { endpoint: 'other' }],
    ['its class', 'context.endpointClass == "files"', { endpointClass: 'files' }],
    ['whose key it is', 'context.key.kind == "person"', { isPersons: true }],
    ['the app', 'principal == App::"app-9"', { app: 'app-9' }],
    ['all of the context', 'context == context && context.hour == 13', { at: NOON + 3_600_000 }],
  ])('is %s, and no decision is taken for another', (_, when, changed) => {
    const policies = open({ it: forbid(when) });
    for (const [asked, allowed] of [
      [plain, true],
      [{ ...plain, ...changed }, false],
      [plain, true],
      [{ ...plain, ...changed }, false],
    ] as const) {
      expect(policies.decide(asked).allowed).toBe(allowed);
    }
  });

  it('is the region of this connection, also where a policy is too large to have it put in', () => {
    const many = Array.from({ length: 120 }, (_, hour) => `context.hour == ${hour}`).join(' || ');
    for (const when of [
      'context.region == "main" && context.hour < 9007199254740993',
      `context.region == "main" && (${many})`,
    ]) {
      const policies = new PolicyOpener().open(policySet({ it: forbid(when) }));
      const elsewhere = policies?.for({ ...config, id: 'conn-2', region: 'other' }, aiService);
      expect(elsewhere?.decide(plain).allowed).toBe(true);
      expect(policies?.for(config, aiService).decide(plain).names).toEqual(['it']);
    }
  });

  it('is what the snapshot says of app and vendor, and nothing good where it says nothing', () => {
    const texts = {
      approved: 'forbid (principal, action, resource is Connection) unless { resource.vendor.approved };',
      signed:
        'forbid (principal, action, resource is Connection) unless { resource.vendor.agreement == "signed" };',
      tagged: forbid('principal.tags.contains("beta")', 'principal is App, action, resource'),
      place: forbid('resource.jurisdiction != "EU"'),
      people: forbid('context.key.kind == "person"'),
    };
    expect(open(texts).decide(plain).names).toEqual(['approved', 'signed']);
    const app = { id: 'app-1', tags: ['beta'], team: 't', owner: 'o', holder: 'person' as const };
    const vendor = { id: 'vendor-1', approved: true, agreement: 'signed' as const };
    expect(open(texts, { apps: [app], vendors: [vendor] }).decide(plain).names).toEqual(['people', 'tagged']);
  });

  it('refuses a model that it can’t read only where a policy looks at it', () => {
    const unread = { ...plain, model: null };
    expect(open({ hours: forbid('context.hour == 13') }).decide(unread).allowed).toBe(true);
    const models = open({ models: forbid('context has model && context.model == "dear"') });
    expect(models.decide(unread)).toMatchObject({ allowed: false, names: ['models'], failed: false });
    expect(models.decide({ ...unread, runsModel: false }).allowed).toBe(true);
    expect(models.decide({ ...plain, model: 'x'.repeat(100_000) }).allowed).toBe(true);
    expect(models.decide({ ...plain, model: 'dear' }).allowed).toBe(false);
  });

  it('is an exception until its end, for its app and connection', () => {
    const text = 'forbid (principal, action, resource) unless { context.grants.contains("none") };'.replace(
      'action,',
      'action == Action::"cross",',
    );
    const grant = { id: 'g', policy: 'none', app: 'app-1', connection: null, until: NOON + 1000 };
    const policies = open({ none: text }, { grants: [grant] });
    const at = (ms: number, app = 'app-1') => policies.decide({ ...plain, app, at: ms }).allowed;
    expect([at(NOON), at(NOON + 999), at(NOON + 1000), at(NOON), at(NOON, 'app-2')]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(open({ none: text }, { grants: [{ ...grant, connection: 'conn-2' }] }).decide(plain).allowed).toBe(
      false,
    );
    expect(open({ none: text }, { grants: [{ ...grant, connection: 'conn-1' }] }).decide(plain).allowed).toBe(
      true,
    );
  });
});

it('refuses where a forbid fails, which the engine alone would leave out', () => {
  const policies = open({
    overflow: forbid('context.hour * 9223372036854775807 > 0'),
    other: forbid('context.hour == 3'),
  });
  const decision = policies.decide(plain);
  expect(decision).toMatchObject({ allowed: false, failed: true, names: ['overflow'] });
  expect(decision.message).toContain('could not be evaluated');
  expect(policies.decide({ ...plain, at: Date.UTC(2026, 10, 21, 0) })).toMatchObject({ allowed: true });
});

it('says so too where only the policies that fail were asked, the others having said before what they say', () => {
  const policies = open({
    overflow: forbid('context.hour * 9223372036854775807 > 0'),
    models: forbid('context has model && context.model == "dear"'),
  });
  const midnight = { ...plain, at: Date.UTC(2026, 10, 21, 0) };
  expect(policies.decide(midnight)).toMatchObject({ allowed: true });
  expect(policies.decide({ ...midnight, model: 'dear' })).toMatchObject({ failed: false, names: ['models'] });
  expect(policies.decide(plain)).toMatchObject({ allowed: false, failed: true, names: ['overflow'] });
  expect(policies.decide({ ...plain, model: 'dear' })).toMatchObject({ allowed: false, failed: true });
});

it('knows where a connection belongs also where a policy is left as it is written', () => {
  const text = forbid(
    'context.hour + 9007199254740993 > 0',
    'principal, action == Action::"cross", resource in Vendor::"vendor-1"',
  );
  expect(open({ 'large-number': text }).decide(plain).names).toEqual(['large-number']);
});

it('goes on with what it had after a set that it refused', () => {
  const opener = new PolicyOpener();
  const document = policySet({ one: forbid('context.hour == 12') });
  opener.open(document);
  expect(() => opener.open(policySet({ one: 'no' }))).toThrow(SnapshotError);
  expect(opener.open(document)?.for(config, aiService).decide(plain).names).toEqual(['one']);
  expect(opener.open(undefined)).toBe(null);
});

it('knows no policy by the name of its own base', () => {
  expect(() => new PolicyOpener().open(policySet({ [OTHERWISE.name]: forbid('true') }))).toThrow(
    /Two policies/,
  );
});

it('keeps the decisions that were asked for last, and no more than it may', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((policy) => allowedBy(policy));
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('there are four');
  const cache = new DecisionCache<ReturnType<typeof allowedBy>>(2);
  cache.put('a', a);
  cache.put('b', b);
  cache.put('c', c);
  expect(cache.get('a')).toBe(a);
  cache.put('d', d);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([a, undefined, c, d]);
});

describe('what the register says of a vendor', () => {
  const day = 86_400_000;
  const vendor = (until: number | null, from = NOON - day) => ({
    vendors: [
      {
        id: 'vendor-1',
        approved: true,
        agreement: 'signed' as const,
        register: {
          status: 'approved',
          tier: 'high',
          agreements: [{ kind: 'dpa', from, until }],
          review: { from, until },
        },
      },
    ],
  });
  const texts = {
    dpa: 'forbid (principal, action == Action::"cross", resource) unless { resource.vendor.agreements.contains("dpa") };',
  };

  it('runs out at its time under one snapshot, however often it was decided before', () => {
    const policies = open(texts, vendor(NOON));
    const at = (when: number) => policies.decide({ ...plain, at: when }).allowed;
    expect([at(NOON - 2), at(NOON - 1), at(NOON), at(NOON + day), at(NOON - 1)]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('begins at its time', () => {
    const policies = open(texts, vendor(null, NOON));
    const at = (when: number) => policies.decide({ ...plain, at: when }).allowed;
    expect([at(NOON - 1), at(NOON)]).toEqual([false, true]);
  });
});
