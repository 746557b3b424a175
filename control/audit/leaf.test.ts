import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../platform/index.ts';
import { leafOf, payloadOf, readLeaf, type StoredChange } from './leaf.ts';

const change: StoredChange = {
  id: '0198c2a0-0000-7000-8000-000000000001',
  at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
  actor: 'person:ada',
  reason: 'Ada asked for it',
  act: 'app.create',
  subject_kind: 'app',
  subject_id: '0198c2a0-0000-7000-8000-000000000002',
  detail: { name: 'Ada’s app', caps: { b: 1, a: [null, true] } },
  salt: Buffer.alloc(32, 5),
};

test('an entry says what was done to what, and commits to who and why without saying it', () => {
  const text = leafOf(change).toString();
  expect(JSON.parse(text)).toEqual({
    v: 1,
    id: change.id,
    at: '2026-01-02T03:04:05.006Z',
    act: 'app.create',
    subject: { kind: 'app', id: change.subject_id },
    commit: createHash('sha256').update(change.salt).update(payloadOf(change)).digest('base64'),
  });
  expect(payloadOf(change)).toBe(
    `{"act":"app.create","actor":"person:ada","at":"2026-01-02T03:04:05.006Z","detail":{"caps":{"a":[null,true],"b":1},"name":"Ada’s app"},"id":"${change.id}","reason":"Ada asked for it","subject":{"id":"${change.subject_id}","kind":"app"},"v":1}`,
  );
  for (const personal of ['ada', 'Ada', 'asked']) expect(text).not.toContain(personal);
});

test.each(['person', 'subject', 'made-up', '__proto__', 'constructor'])(
  'the id of a %s stays out of the entry',
  (kind) => {
    const leaf = readLeaf(leafOf({ ...change, subject_kind: kind, subject_id: 'ada@example.com' }));
    expect(leaf?.subject).toEqual({ kind });
  },
);

test('anything that is changed in a row, or its salt, makes another entry', () => {
  const others: Partial<StoredChange>[] = [
    { actor: 'person:eve' },
    { reason: 'Ada asked for it.' },
    { detail: { name: 'Ada’s app', caps: { b: 1, a: [null, false] } } },
    { subject_id: 'another' },
    { salt: Buffer.alloc(32, 6) },
  ];
  const entries = [change, ...others.map((other) => ({ ...change, ...other }))].map((one) =>
    leafOf(one).toString('hex'),
  );
  expect(new Set(entries).size).toBe(entries.length);
});

test('JSON has one spelling: it says the same, however the members were ordered', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, member]) => [name, reversed(member)] as const)
        .toReversed(),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const given: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(canonicalJson(given))).toEqual(given);
      expect(canonicalJson(reversed(given))).toBe(canonicalJson(given));
    }),
  );
});

test('what is no entry of a change is none', () => {
  for (const text of ['', '{', '[]', '{"v":2}', 'null']) expect(readLeaf(Buffer.from(text))).toBeNull();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readLeaf(bytes) === null));
});
