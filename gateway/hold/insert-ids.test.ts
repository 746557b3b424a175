import { gzipSync } from 'node:zlib';
import type { Endpoint } from '@drawbridge/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incoming } from '../crossing.ts';
import { compileEndpoint } from '../inspect/index.ts';
import { countRecords, isDeduplicated, withInsertIds } from './insert-ids.ts';
import { heldService } from './testing.ts';

const [track] = heldService.endpoints as [Endpoint, ...Endpoint[]];
const endpoint = compileEndpoint(heldService, track, false);
const of = (body: string | Buffer): Incoming => ({
  method: 'POST',
  path: '/track',
  query: '',
  headers: [],
  body: Buffer.from(body),
});
let count = 0;
const newId = () => `id-${count++}`;

test('an event without an id gets one, and everything else stays as it came', () => {
  const text =
    '[{"event":"A", "properties" : { "time":1,"x":"\\u00e9" }},{"properties":{"time":2,"$insert_id":"own"}}]';
  const made = withInsertIds(of(text), endpoint, () => 'new');
  expect(made.body.toString()).toBe(text.replace('{ "time":1', '{"$insert_id":"new", "time":1'));
  expect([isDeduplicated(of(text), endpoint), isDeduplicated(made, endpoint)]).toEqual([false, true]);
});

test.each([
  ['without what the vendor compares beside it', '[{"properties":{"a":1}}]'],
  ['whose id stands there twice', '[{"properties":{"time":1,"$insert_id":"a","$insert_id":"b"}}]'],
  ['without a place for it', '[{"properties":7}]'],
])('an event %s is not called the same twice', (_, text) => {
  expect(isDeduplicated(withInsertIds(of(text), endpoint, newId), endpoint)).toBe(false);
});

test('bodies that are packed, and forms, get them too', () => {
  const text = '[{"properties":{"time":1}}]';
  for (const body of [gzipSync(text), `data=${encodeURIComponent(Buffer.from(text).toString('base64'))}`]) {
    const made = withInsertIds(of(body), endpoint, newId);
    expect(isDeduplicated({ ...made }, endpoint)).toBe(true);
    expect(countRecords(made, endpoint)).toBe(1);
  }
});

test('whatever the events are, adding ids is JSON, adds nothing else, and is done once', () => {
  const event = fc.record(
    {
      event: fc.string(),
      properties: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
      const made = withInsertIds(of(JSON.stringify(events)), endpoint, newId);
      const after = JSON.parse(made.body.toString()) as typeof events;
      for (const [at, { properties }] of after.entries()) {
        const before = events[at]?.properties;
        if (properties === undefined || before === undefined) continue;
        const { $insert_id: added, ...rest } = properties;
        if (added !== undefined && before.$insert_id === undefined)
          expect(rest).toEqual(JSON.parse(JSON.stringify(before)));
      }
      const again = withInsertIds(of(made.body), endpoint, newId);
      expect(again.body.toString()).toBe(made.body.toString());
    }),
  );
});
