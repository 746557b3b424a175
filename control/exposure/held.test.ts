import type { Leaf } from '@drawbridge/protocol';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crossingProjection, projectOnce } from '../crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from '../crossings/testing.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { exposureProjection } from './exposure-projection.ts';
import { heldBy, heldPlaces } from './held.ts';

/** What vendors may have held, against a model that goes through all crossings one by one. All of it is made up. */
const projections = [crossingProjection, exposureProjection];
const HOUR = 3_600_000;
const START = Date.UTC(2025, 10, 1);

let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let logs = 0;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());

type Field = [Leaf['fields'][number][0], Leaf['fields'][number][1]];
interface One {
  at: number;
  vendor: string;
  who: string | null;
  group: boolean;
  links: string[];
  fields: Field[];
  refused: boolean;
}

const pseudonym = fc.constantFrom(...'abcdef').map((letter) => letter.repeat(22));
const one: fc.Arbitrary<One> = fc.record({
  at: fc.integer({ min: 0, max: 96 }).map((hours) => START + hours * HOUR),
  vendor: fc.constantFrom('mixpanel', 'openai', 'sentry'),
  who: fc.option(pseudonym, { freq: 6 }),
  group: fc.boolean(),
  links: fc.array(pseudonym, { maxLength: 1 }),
  fields: fc.array(
    fc.tuple(
      fc.constantFrom<Field[0]>('person.email', 'geo.city', 'event.name'),
      fc.constantFrom<Field[1]>('pass', 'drop', 'generalise', 'pseudonymise'),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  refused: fc.boolean(),
});

async function store(all: readonly One[]): Promise<void> {
  await forgetJournals(platform, projections);
  logs += 1;
  const parts = all.map(({ at, vendor, who, group, links, fields, refused }) => {
    const kind = group ? ('group' as const) : ('user' as const);
    const item = madeUpItem({
      s: who,
      k: who === null ? null : kind,
      l: who === null ? [] : links,
      f: fields.map(([fieldClass, treatment]) => [`p.${fieldClass}`, fieldClass, treatment, 'string', 1]),
    });
    const decision = refused ? ('refused' as const) : ('forwarded' as const);
    const made = madeUpCrossing(at, [item], { vendor, decision });
    return part(made.leaf, made.items);
  });
  if (parts.length > 0) await ingest.ship(ingest.log(`held-${logs}`), 0, parts);
  while ((await projectOnce(platform, projections, 100)) > 0);
}

const sent = new Set(['pass', 'generalise', 'pseudonymise']);

/** Everyone's person, over links of forwarded crossings. */
function personsOf(all: readonly One[]): (who: string) => string {
  const over = new Map<string, Set<string>>();
  const meet = (a: string, b: string) => over.set(a, (over.get(a) ?? new Set([a])).add(b));
  for (const { who, group, links, refused } of all) {
    if (who === null || group || refused) continue;
    for (const link of links) {
      meet(who, link);
      meet(link, who);
    }
  }
  return (who) => {
    const reached = new Set([who]);
    for (const next of reached) for (const beside of over.get(next) ?? []) reached.add(beside);
    return [...reached].sort()[0] ?? who;
  };
}

/** People per kind, and in all, of crossings that fit. */
function model(
  all: readonly One[],
  vendors: readonly string[],
  fits: (at: number, vendor: string) => boolean,
) {
  const personOf = personsOf(all);
  const kinds: Record<string, Set<string>> = {};
  const people = new Set<string>();
  for (const { at, vendor, who, group, fields, refused } of all) {
    if (who === null || group || refused || !vendors.includes(vendor) || !fits(at, vendor)) continue;
    for (const [fieldClass, treatment] of fields) {
      if (!sent.has(treatment)) continue;
      const key = `${vendor} ${fieldClass} ${treatment}`;
      kinds[key] ??= new Set();
      kinds[key].add(personOf(who));
      people.add(personOf(who));
    }
  }
  const counts = Object.entries(kinds).map(([key, who]) => [key, who.size] as const);
  return { kinds: Object.fromEntries(counts.sort()), people: people.size };
}

async function asked(
  vendors: string[],
  question: { from: number; to: number; deleted?: number; kept?: number },
) {
  const held = await heldBy(platform, {
    vendors,
    from: question.from,
    to: question.to,
    deletedUntil: (vendor) => (vendor === 'mixpanel' ? (question.deleted ?? null) : null),
    keptSince: (vendor) => (vendor === 'mixpanel' ? (question.kept ?? null) : null),
  });
  const by = (which: 'people' | 'peopleAsDeclared' | 'peopleInWindow') => ({
    kinds: Object.fromEntries(
      held.kinds
        .filter((kind) => kind[which] > 0)
        .map((kind) => [`${kind.vendor} ${kind.class} ${kind.treatment}`, kind[which]] as const)
        .sort(),
    ),
    people: held[which],
  });
  return { held, by };
}

const LATER = START + 1000 * HOUR;
const time = fc.integer({ min: 0, max: 96 }).map((hours) => START + hours * HOUR);
const vendors = ['mixpanel', 'openai'];

test('people are counted exactly: all that crossed, what was not deleted, what was kept, and what crossed in the window', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 25 }), time, time, time, async (all, from, deleted, kept) => {
      await store(all);
      const { held, by } = await asked(vendors, { from, to: LATER, deleted, kept });
      const isLeft = (at: number, vendor: string) => vendor !== 'mixpanel' || at > deleted;
      expect(by('people')).toEqual(model(all, vendors, isLeft));
      expect(by('peopleAsDeclared')).toEqual(
        model(all, vendors, (at, vendor) => isLeft(at, vendor) && (vendor !== 'mixpanel' || at >= kept)),
      );
      expect(by('peopleInWindow')).toEqual(
        model(all, vendors, (at, vendor) => isLeft(at, vendor) && at >= from),
      );
      // Groups part the people: each is in one.
      expect(held.groups.reduce((sum, { people }) => sum + people, 0)).toBe(held.people);
    }),
    { seed: 3, numRuns: 25 },
  );
}, 120_000);

test('the same people are counted by where they are and what they read, each once, by any of their names', async () => {
  const places = sql<{ pseudonym: string; country: string | null; language: string | null }>`
    SELECT repeat(letter, 22) AS pseudonym, country, language
    FROM (VALUES ('a', 'DE', 'de'), ('b', 'DE', NULL), ('c', NULL, 'fr'), ('z', 'US', 'en')) AS made (letter, country, language)`;
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 25 }), time, time, async (all, to, deleted) => {
      await store(all);
      const question = {
        vendors,
        from: START,
        to,
        deletedUntil: (vendor: string) => (vendor === 'mixpanel' ? deleted : null),
        keptSince: () => null,
      };
      const personOf = personsOf(all);
      const whose = (letters: string) => new Set([...letters].map((letter) => personOf(letter.repeat(22))));
      const [inGermany, german, french] = [whose('ab'), whose('a'), whose('c')];
      const people = new Set(
        all
          .filter(({ at, vendor }) => at <= to && (vendor !== 'mixpanel' || at > deleted))
          .filter(
            ({ vendor, who, group, refused }) =>
              vendors.includes(vendor) && who !== null && !group && !refused,
          )
          .filter(({ fields }) => fields.some(([, treatment]) => sent.has(treatment)))
          .map(({ who }) => personOf(who ?? '')),
      );
      const expected: Record<string, number> = {};
      for (const person of people) {
        const language = german.has(person) ? 'de' : french.has(person) ? 'fr' : null;
        const key = `${inGermany.has(person) ? 'DE' : null} ${language}`;
        expected[key] = (expected[key] ?? 0) + 1;
      }
      const found = await heldPlaces(platform, question, places);
      expect(Object.fromEntries(found.map((row) => [`${row.country} ${row.language}`, row.people]))).toEqual(
        expected,
      );
      expect(found.map((row) => row.people)).toEqual(
        found.map((row) => row.people).toSorted((x, y) => y - x),
      );
      expect(found.reduce((sum, row) => sum + row.people, 0)).toBe((await heldBy(platform, question)).people);
    }),
    { seed: 5, numRuns: 25 },
  );
}, 120_000);

test('what crossed after the window does not count, whatever its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 25 }), time, async (all, to) => {
      await store(all);
      const { by } = await asked(vendors, { from: START, to });
      // Links of later crossings tell that two names are one person: they count at any time.
      expect(by('people')).toEqual(model(all, vendors, (at) => at <= to));
    }),
    { seed: 4, numRuns: 15 },
  );
}, 120_000);

test('more kinds than fit into one number are told apart', async () => {
  const classes = [
    'person.email',
    'geo.city',
    'event.name',
    'geo.country',
    'web.url',
    'web.title',
    'device.os',
  ] as const;
  const many = Array.from({ length: 14 }, (_, v) => `vendor-${v}`);
  const all = many.flatMap((vendor, v) =>
    classes.map((fieldClass, c) => ({
      at: START,
      vendor,
      who: 'abcdefghijklmn'.charAt((v + c) % 14).repeat(22),
      group: false,
      links: [],
      fields: [[fieldClass, 'pass']] satisfies Field[],
      refused: false,
    })),
  );
  await store(all);
  const { held, by } = await asked(many, { from: START, to: LATER });
  expect(held.kinds).toHaveLength(98);
  expect(by('people')).toEqual(model(all, many, () => true));
});

test('organisations and what speaks of nobody are no people', async () => {
  const of = { at: START, vendor: 'mixpanel', links: [], refused: false };
  await store([
    { ...of, who: 'g'.repeat(22), group: true, fields: [['geo.city', 'pass']] },
    { ...of, who: null, group: false, fields: [['event.name', 'pass']] },
  ]);
  const { held } = await asked(['mixpanel'], { from: START, to: LATER });
  expect(held).toMatchObject({ people: 0, organisations: 1, groups: [] });
  expect(held.kinds.map((kind) => [kind.class, kind.people, kind.organisations])).toEqual([
    ['event.name', 0, 0],
    ['geo.city', 0, 1],
  ]);
});
