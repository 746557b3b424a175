import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Traces } from '../trace.ts';
import { har } from './har.ts';

/** Names of what a browser sends, also where SDKs wrap it. All of it is made up. */
function fieldsOf(request: object): string[] {
  const traces = new Traces();
  const reader = har.reader(traces, {});
  reader.write(
    Buffer.from(
      JSON.stringify({ log: { entries: [{ request: { url: 'https://meter.example/track', ...request } }] } }),
    ),
  );
  reader.end();
  return traces
    .list()
    .flatMap(({ fields }) => fields)
    .sort();
}
const event = [
  {
    event: 'Signed in',
    properties: { $os: 'Linux', user_email: 'ada@made-up.example', org: { id: 'org-1' } },
  },
];
const wrapped = Buffer.from(JSON.stringify(event)).toString('base64');
const names = (under: string) => [
  under,
  `${under}.event`,
  `${under}.properties.$os`,
  `${under}.properties.org.id`,
  `${under}.properties.user_email`,
];

test.each([
  [
    'a form in base64',
    {
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        text: `data=${encodeURIComponent(wrapped)}`,
      },
    },
    names('form.data'),
  ],
  [
    'a form of JSON',
    {
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        text: `data=${encodeURIComponent(JSON.stringify(event))}`,
      },
    },
    names('form.data'),
  ],
  ['parameters of a form', { postData: { params: [{ name: 'data', value: wrapped }] } }, names('form.data')],
  ['a query', { queryString: [{ name: 'data', value: wrapped }] }, names('query.data')],
  ['a body in base64', { postData: { text: wrapped } }, names('body').slice(1)],
])('the names in %s are told', (_, request, expected) => {
  expect(fieldsOf(request)).toEqual([...expected].sort());
});

test('a value that only looks wrapped is a value', () => {
  for (const value of ['Welcome', 'everything', wrapped.slice(0, -9), 'e'.repeat(70_000), `${wrapped}!`]) {
    expect(fieldsOf({ queryString: [{ name: 'data', value }] })).toEqual(['query.data']);
  }
});

test('no value is ever told, however it is wrapped', () => {
  const secret = fc
    .string({ minLength: 6, maxLength: 20, unit: fc.constantFrom(...'abcdefghij') })
    .map((text) => `zq${text}`);
  fc.assert(
    fc.property(secret, fc.boolean(), fc.boolean(), (value, inBase64, inQuery) => {
      const text = JSON.stringify({ user: { note: value, list: [value, { deep: value }] } });
      const sent = inBase64 ? Buffer.from(text).toString('base64') : text;
      const found = fieldsOf(
        inQuery
          ? { queryString: [{ name: 'data', value: sent }] }
          : {
              postData: {
                mimeType: 'application/x-www-form-urlencoded',
                text: `data=${encodeURIComponent(sent)}&k=${value}`,
              },
            },
      );
      expect(found.join(' ')).not.toContain(value);
      expect(found.join(' ')).toContain('data.user.note');
    }),
  );
});
