import { randomBytes } from 'node:crypto';
import { EntryTooLarge, JournalUnavailable } from '@drawbridge/journal';
import type { ReviewSighting, TreatedItem } from '@drawbridge/minimise';
import {
  decodePayload,
  fieldClasses,
  itemHash,
  LEAF_LIMIT,
  type Leaf,
  PayloadItemSchema,
  parseEntry,
  payloadCommitment,
  shapes,
  stages,
  treatmentNames,
} from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalCodes } from '../refusal/refusal.ts';
import { type FormedRecord, formRecord, RandomTexts, type RecordInput, record } from './index.ts';

const random = new RandomTexts(randomBytes);

/** Made-up: a Mixpanel-like event of one person. */
const input: RecordInput = {
  id: random.uuid(1_764_000_000_000),
  at: 1_764_000_000_000,
  gateway: 'gw-1',
  vendor: 'example',
  service: 'analytics',
  connection: 'con_1',
  app: 'app_1',
  key: 'abcdefghijklmnop',
  endpoint: 'track',
  class: 'ingest',
  method: 'POST',
  model: null,
  network: null,
  refusal: null,
  contract: { id: 'ct_1', version: 3 },
  policy: null,
  credential: null,
  decidedBy: [],
  snapshot: 12,
  lifted: null,
  would: null,
  kept: null,
  imitated: 0,
  route: null,
  drill: null,
  fields: [
    ['person.email', 'drop', 1],
    ['person.id', 'pseudonymise', 2],
  ],
  items: [
    {
      item: {
        subject: 'SUBJECTSUBJECTSUBJECT1',
        subjectKind: 'user',
        links: ['LINKLINKLINKLINKLINK01'],
        fields: [
          { path: 'properties.$email', class: 'person.email', treatment: 'drop', shape: 'email', count: 1 },
          {
            path: 'properties.distinct_id',
            class: 'person.id',
            treatment: 'pseudonymise',
            shape: 'string',
            count: 2,
          },
        ],
      },
      sightings: [
        { hash: 'HASHHASHHASHHASHHASH01', kind: 'property', shape: 'string', subject: null, name: 'plan' },
      ],
    },
  ],
  bytes: { received: 900, sent: 700 },
};

const leafOf = ({ leaf }: FormedRecord): Leaf => {
  const entry = parseEntry(leaf);
  if (entry.type !== 'crossing') throw new Error('not a leaf');
  return entry;
};
const itemsOf = ({ payload }: FormedRecord) =>
  decodePayload(payload).map((item) => PayloadItemSchema.parse(JSON.parse(item.toString())));

describe('formRecord', () => {
  it('says what crossed, to whom and how it was treated, and no more', () => {
    const formed = formRecord(input, random);
    const { nonce, payload, ...leaf } = leafOf(formed);
    expect(leaf).toEqual({
      v: 1,
      type: 'crossing',
      id: input.id,
      at: input.at,
      gateway: 'gw-1',
      vendor: 'example',
      service: 'analytics',
      connection: 'con_1',
      app: 'app_1',
      key: 'abcdefghijklmnop',
      endpoint: 'track',
      class: 'ingest',
      method: 'POST',
      decision: 'forwarded',
      reason: null,
      stage: null,
      contract: { id: 'ct_1', version: 3 },
      policy: null,
      snapshot: 12,
      fields: input.fields,
      bytes: { received: 900, sent: 700 },
      items: 1,
    });
    expect(Buffer.from(nonce, 'base64url')).toHaveLength(18);
    expect(payload).toBe(payloadCommitment(decodePayload(formed.payload).map(itemHash)));
    const [item] = itemsOf(formed);
    expect(item).toMatchObject({
      s: 'SUBJECTSUBJECTSUBJECT1',
      k: 'user',
      l: ['LINKLINKLINKLINKLINK01'],
      f: [
        ['properties.$email', 'person.email', 'drop', 'email', 1],
        ['properties.distinct_id', 'person.id', 'pseudonymise', 'string', 2],
      ],
      r: [{ h: 'HASHHASHHASHHASHHASH01', k: 'property', s: 'string', n: 'plan' }],
    });
  });

  it('records a refusal with its code and stage, also before anything was read', () => {
    const refused = formRecord(
      {
        ...input,
        refusal: { code: 'key_not_allowed', stage: 'admit' },
        fields: [],
        items: [],
        bytes: { received: 0, sent: 0 },
      },
      random,
    );
    expect(leafOf(refused)).toMatchObject({
      decision: 'refused',
      reason: 'key_not_allowed',
      stage: 'admit',
      items: 0,
    });
    expect(refused.payload).toHaveLength(0);
  });

  it('makes one item of all that one subject sent, and one of what no one did', () => {
    const one = (subject: string | null, path: string, count: number): TreatedItem => ({
      subject,
      subjectKind: subject === null ? null : 'device',
      links: subject === null ? [] : ['OTHER', subject],
      fields: [{ path, class: 'geo.city', treatment: 'drop', shape: 'string', count }],
    });
    const seen: ReviewSighting = { hash: 'h', kind: 'property', shape: 'string', subject: null };
    const formed = formRecord(
      {
        ...input,
        items: [
          { item: one('A', 'city', 1), sightings: [seen] },
          { item: one(null, 'city', 1), sightings: [] },
          { item: one('B', 'city', 1), sightings: [] },
          { item: one('A', 'city', 4), sightings: [{ ...seen, name: 'now known' }] },
          { item: one('A', 'town', 1), sightings: [] },
          { item: one(null, 'city', 2), sightings: [] },
        ],
      },
      random,
    );
    const items = itemsOf(formed);
    expect(items.map(({ s, f }) => [s, ...f.map(([path, , , , count]) => `${path} ${count}`)])).toEqual([
      ['A', 'city 5', 'town 1'],
      [null, 'city 3'],
      ['B', 'city 1'],
    ]);
    expect(items[0]?.l).toEqual(['OTHER']);
    expect(items[0]?.r).toEqual([{ h: 'h', k: 'property', s: 'string', n: 'now known' }]);
  });

  it('gives equal crossings different leaves, and equal items different hashes', () => {
    const [first, second] = [formRecord(input, random), formRecord(input, random)];
    expect(leafOf(first).nonce).not.toBe(leafOf(second).nonce);
    expect(leafOf(first).payload).not.toBe(leafOf(second).payload);
  });

  it('still proves when an item is erased and only its hash is kept', () => {
    const people = ['A', 'B', 'C'].map((subject) => ({
      item: { subject, subjectKind: 'user' as const, links: [], fields: [] },
      sightings: [],
    }));
    const formed = formRecord({ ...input, items: people }, random);
    const hashes = decodePayload(formed.payload).map(itemHash);
    const keptHash = hashes[1] ?? Buffer.alloc(0);
    const [first, , third] = decodePayload(formed.payload);
    const again = [itemHash(first ?? Buffer.alloc(0)), keptHash, itemHash(third ?? Buffer.alloc(0))];
    expect(payloadCommitment(again)).toBe(leafOf(formed).payload);
    expect(payloadCommitment([again[0] ?? keptHash, again[2] ?? keptHash])).not.toBe(leafOf(formed).payload);
    const forged = itemHash(Buffer.from('{"v":1}'));
    expect(payloadCommitment([again[0] ?? keptHash, forged, again[2] ?? keptHash])).not.toBe(
      leafOf(formed).payload,
    );
  });

  const classes = Object.keys(fieldClasses);
  const fieldsOf = (count: number, treatment: (at: number) => (typeof treatmentNames)[number]) =>
    Array.from({ length: count }, (_, at): RecordInput['fields'][number] => [
      classes[at % classes.length] ?? '',
      treatment(at),
      at + 1,
    ]);

  it('folds fields beyond forty into one, keeping apart those of which the vendor got most', () => {
    const many = fieldsOf(100, (at) => (at % 3 === 0 ? 'pass' : 'drop'));
    const { fields } = leafOf(formRecord({ ...input, fields: many }, random));
    expect(fields.length).toBeLessThanOrEqual(40);
    expect(fields.reduce((sum, [, , count]) => sum + count, 0)).toBe(5050);
    expect(fields.filter(([, treatment]) => treatment === 'pass')).toHaveLength(34);
    expect(fields.at(-1)?.slice(0, 2)).toEqual(['event.unmapped', 'drop']);
  });

  it('folds into the treatment under which the vendor got most', () => {
    const many = fieldsOf(60, (at) => (at < 50 ? 'pass' : 'drop'));
    const { fields } = leafOf(formRecord({ ...input, fields: many }, random));
    expect(fields.at(-1)?.slice(0, 2)).toEqual(['event.unmapped', 'pass']);
  });

  it('has room for what would have been done, and folds it with the sternest kept apart', () => {
    const long = 'i'.repeat(60);
    const ids = { gateway: long, vendor: long, service: long, connection: long, app: long, key: long };
    const lifted = {
      mode: 'break_glass' as const,
      breakGlass: 'b'.repeat(60),
      lift: { what: 'all' as const, holds: () => false },
    };
    const would = {
      fields: fieldsOf(60, (at) => (at < 5 ? 'refuse' : 'drop')),
      contract: [],
      reason: 'credential_unusable' as const,
    };
    const fields = fieldsOf(60, () => 'pass');
    const decidedBy = Array.from({ length: 9 }, (_, at) => `${at}`.padEnd(60, 'd'));
    for (const given of [ids, { ...ids, endpoint: long, policy: 'p'.repeat(64), decidedBy }, {}]) {
      const formed = formRecord(
        { ...input, ...given, credential: Number.MAX_SAFE_INTEGER, lifted, would, fields },
        random,
      );
      expect(leafOf(formed).credential).toBe(Number.MAX_SAFE_INTEGER);
      expect(formed.leaf.length).toBeLessThanOrEqual(LEAF_LIMIT);
      const leaf = leafOf(formed);
      expect(leaf.break_glass).toBe('b'.repeat(60));
      expect(leaf.fields.reduce((sum, [, , count]) => sum + count, 0)).toBe(1830);
      const folded = leaf.would?.fields ?? [];
      expect(folded.reduce((sum, [, , count]) => sum + count, 0)).toBe(1830);
      expect(folded.filter(([, how]) => how === 'refuse').length).toBeGreaterThanOrEqual(5);
      expect(leaf.would?.reason).toBe('credential_unusable');
    }
  });

  it('folds forty fields too when ids are as long as ids may be', () => {
    const long = 'i'.repeat(60);
    const ids = { gateway: long, vendor: long, service: long, connection: long, app: long, key: long };
    const fields = fieldsOf(40, () => 'pseudonymise').map(([name, how]): RecordInput['fields'][number] => [
      name,
      how,
      Number.MAX_SAFE_INTEGER,
    ]);
    const formed = formRecord({ ...input, ...ids, endpoint: long, policy: 'p'.repeat(64), fields }, random);
    expect(formed.leaf.length).toBeLessThanOrEqual(LEAF_LIMIT);
    expect(formed.leaf.length).toBeGreaterThan(LEAF_LIMIT - 100);
    expect(leafOf(formed).fields.at(-1)?.[0]).toBe('event.unmapped');
  });

  it('is at most 2 KB and is read back, whatever it is given', () => {
    const units = fc.array(fc.nat(0xffff), { maxLength: 120 });
    const text = fc.oneof(
      fc.string({ maxLength: 120 }),
      units.map((codes) => String.fromCharCode(...codes)),
    );
    const treatment = fc.constantFrom(...treatmentNames);
    const count = fc.oneof(fc.nat(), fc.double(), fc.constant(Number.MAX_SAFE_INTEGER));
    const field = fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(fieldClasses)), text), treatment, count);
    const item = fc.record({
      item: fc.record({
        subject: fc.option(text),
        subjectKind: fc.option(fc.constantFrom('user', 'email', 'device', 'group')),
        links: fc.array(text, { maxLength: 60 }),
        fields: fc.array(
          fc.record({ path: text, class: text, treatment, shape: fc.constantFrom(...shapes), count }),
          { maxLength: 6 },
        ),
      }),
      sightings: fc.array(
        fc.record(
          {
            hash: text,
            kind: fc.constantFrom('property', 'parameter'),
            shape: fc.constantFrom(...shapes),
            subject: fc.constant(null),
            name: text,
          },
          { requiredKeys: ['hash', 'kind', 'shape', 'subject'] },
        ),
        { maxLength: 4 },
      ),
    });
    const anything = fc.record({
      id: fc.uuid({ version: 7 }),
      at: fc.nat(),
      gateway: text,
      vendor: text,
      service: text,
      connection: text,
      app: text,
      key: text,
      endpoint: text,
      class: text,
      method: text,
      model: fc.option(text),
      network: fc.option(fc.constantFrom('192.0.2.0/24', '2001:db8:1::/48', '::1/128')),
      refusal: fc.option(
        fc.record({
          code: fc.constantFrom(...(Object.keys(refusalCodes) as (keyof typeof refusalCodes)[])),
          stage: fc.constantFrom(...stages),
        }),
      ),
      contract: fc.record({ id: text, version: count }),
      policy: fc.option(text),
      credential: fc.option(count),
      decidedBy: fc.array(text, { maxLength: 12 }),
      snapshot: count,
      fields: fc.array(field, { maxLength: 90 }),
      lifted: fc.option(
        fc.record({
          mode: fc.constantFrom('observe', 'minimise', 'break_glass'),
          breakGlass: fc.option(text),
          lift: fc.constant({ what: 'all', holds: () => false }),
        }),
      ),
      would: fc.option(
        fc.record({
          fields: fc.array(field, { maxLength: 90 }),
          contract: fc.constant([]),
          reason: fc.option(fc.constantFrom(...(Object.keys(refusalCodes) as (keyof typeof refusalCodes)[]))),
        }),
      ),
      items: fc.array(item, { maxLength: 5 }),
      kept: fc.option(fc.array(text, { minLength: 1, maxLength: 12 })),
      imitated: count,
      drill: fc.option(
        fc.oneof(fc.record({ id: text }), fc.record({ id: text, held: fc.constant(true as const) })),
      ),
      route: fc.option(
        fc.record({ id: text, number: fc.integer({ min: 1, max: 100 }), first: fc.option(fc.uuid()) }),
      ),
      bytes: fc.record({ received: count, sent: count }),
    });
    fc.assert(
      fc.property(anything, (given) => {
        const formed = formRecord(given as RecordInput, random);
        expect(formed.leaf.length).toBeLessThanOrEqual(LEAF_LIMIT);
        const leaf = leafOf(formed);
        const items = itemsOf(formed);
        expect(leaf.items).toBe(items.length);
        expect(leaf.payload).toBe(payloadCommitment(decodePayload(formed.payload).map(itemHash)));
        expect(new Set(items.map(({ s }) => s)).size).toBe(
          new Set(given.items.map((each) => each.item.subject?.slice(0, 44) ?? null)).size,
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('record', () => {
  const formed = formRecord(input, random);
  const failing = (error: Error) => ({ append: () => Promise.reject(error) });

  it('waits for the journal', async () => {
    const { promise, resolve } = Promise.withResolvers<{ index: number }>();
    let isRecorded = false;
    const done = record({ append: () => promise }, formed).then(() => {
      isRecorded = true;
    });
    for (let turn = 0; turn < 20; turn++) await null;
    expect(isRecorded).toBe(false);
    resolve({ index: 0 });
    await done;
    expect(isRecorded).toBe(true);
  });

  it('hands on no payload where there is none', async () => {
    const given: (Uint8Array | null)[] = [];
    const append = async (_: Uint8Array, payload: Uint8Array | null) => {
      given.push(payload);
      return { index: 0 };
    };
    await record({ append }, formed);
    await record({ append }, { leaf: formed.leaf, payload: Buffer.alloc(0) });
    expect(given).toEqual([formed.payload, null]);
  });

  it('refuses what could not be recorded: with 503 when it will pass again, with 413 when not', async () => {
    const full = new JournalUnavailable('disk_full', 'The disk is full.');
    await expect(record(failing(full), formed)).rejects.toMatchObject({
      name: 'Refusal',
      code: 'journal_unavailable',
      stage: 'record',
      status: 503,
      later: true,
    });
    await expect(record(failing(new EntryTooLarge('payload', 9e6, 8e6)), formed)).rejects.toMatchObject({
      code: 'body_too_large',
      later: false,
    });
    await expect(record(failing(new TypeError('a bug')), formed)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('random texts', () => {
  it('uuids hold the time, the version and the variant, and sort by time', () => {
    const id = random.uuid(0x0192_3456_789a);
    expect(id).toMatch(/^01923456-789a-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random.uuid(1) < random.uuid(2)).toBe(true);
    const many = Array.from({ length: 5000 }, () => random.uuid(1));
    expect(new Set(many).size).toBe(5000);
    expect(new Set(many.map((each) => each[19]))).toEqual(new Set(['8', '9', 'a', 'b']));
  });

  it('give no random byte twice, across refills', () => {
    let counter = 0;
    const counting = new RandomTexts((length) => {
      const pool = Buffer.alloc(length);
      for (let at = 0; at + 3 <= length; at += 3) pool.writeUIntBE(counter++, at, 3);
      return pool;
    });
    const seen = new Set<number>();
    for (let token = 0; token < 2000; token++) {
      const bytes = Buffer.from(counting.token(), 'base64url');
      expect(bytes).toHaveLength(18);
      for (let at = 0; at < 18; at += 3) seen.add(bytes.readUIntBE(at, 3));
    }
    expect(seen.size).toBe(12_000);
    const digits = Array.from({ length: 2000 }, () => counting.uuid(0).slice(24));
    expect(new Set(digits).size).toBe(2000);
  });
});
