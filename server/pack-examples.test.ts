import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fieldMapsOf, lintPacks, readPack } from '@drawbridge/control/packs';
import { describe, expect, test } from 'vitest';
import { tryPack } from './pack-examples.ts';

const folder = fileURLToPath(new URL('../packs/vendors', import.meta.url));
const { packs } = await lintPacks(folder);

describe('the packs that are shipped', () => {
  test('are all read', () =>
    expect(packs).toHaveLength(readdirSync(folder).filter((name) => name.endsWith('.yaml')).length));

  test.each(packs.map((pack) => [pack.vendor, pack] as const))('%s comes out as it says', (_vendor, pack) => {
    const wrong = tryPack(pack).filter(({ differs }) => differs.length > 0);
    expect(wrong.map(({ name, contract, differs }) => ({ name, contract, differs }))).toEqual([]);
  });
});

test('the pack in docs/add-a-vendor.md is right, and does what it says', () => {
  const page = readFileSync(new URL('../docs/add-a-vendor.md', import.meta.url), 'utf8');
  const text = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
  expect(triedOf(text).map(({ name, differs }) => [name, differs])).toEqual([
    ['sample', []],
    ['sample', []],
    ['a signed-in person', []],
  ]);
});

const acme = `format: drawbridge.pack/1
vendor: acme-events
name: Acme Events
as_of: 2025-11-09
services:
  - id: events
    regions: [{ id: us, host: api.acme-events.example }]
    auth: [{ in: header, name: x-acme-key }]
    endpoints:
      - id: track
        methods: [POST]
        path: /v2/events
        query: [{ name: ip, class: network.ip, set: '0' }]
        fields:
          fields: { user.id: person.id, user.email: person.email, plan: event.property }
      - id: lines
        methods: [POST]
        path: /v2/lines
        body: ndjson
        fields: { fields: { user: person.id } }
examples:
  - name: a person
    request: POST /v2/events?ip=1
    headers: { user-agent: 'Acme SDK' }
    body: '{"user":{"id":"anna","email":"anna@example.com"},"plan":"team","made up":1}'
    expect:
      body.user.id: pseudonym
      body.user.email: gone
      body.plan: same
      query.ip: { is: '0' }
      header.user-agent: gone
  - name: lines
    request: POST /v2/lines
    body: "{\\"user\\":\\"anna\\"}\\n{\\"user\\":\\"ben\\"}"
    expect: { 'body[1].user': pseudonym }
  - name: not JSON
    request: POST /v2/events
    body: no
    refused: body_unreadable
`;
const triedOf = (text: string) => {
  const read = readPack('acme.yaml', text, fieldMapsOf(packs));
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return tryPack(read.pack);
};

describe('a pack’s examples', () => {
  test('pass when all comes out as they say', () => {
    const tried = triedOf(acme);
    expect(tried.flatMap(({ differs }) => differs)).toEqual([]);
    const sent = tried.find(({ name }) => name === 'a person')?.run;
    expect(sent?.refusal === null && sent.wire.body.toString()).toMatch(
      /^\{"user":\{"id":"pseudonym-[^"]{12}"\},"plan":"team"\}$/,
    );
  });

  test.each([
    ['body.user.id: pseudonym', 'body.user.id: same', 'body.user.id crosses as "pseudonym-'],
    [
      'body.user.email: gone',
      'body.user.email: same',
      'body.user.email crosses as nothing, and should cross',
    ],
    ['body.plan: same', 'body.plan: gone', 'body.plan crosses as "team", and should not cross'],
    ['body.plan: same', 'body.plam: gone', 'body.plam is not in the request'],
    ["is: '0'", "is: '1'", 'query.ip crosses as "0", and should be "1"'],
    ['refused: body_unreadable', 'refused: key_mixed', 'it is refused (body_unreadable)'],
    [
      'body: no\n    refused: body_unreadable',
      "body: '{}'\n    refused: body_unreadable",
      'it crosses, and should be refused',
    ],
    ['request: POST /v2/lines', 'request: POST /v3/lines', 'it is refused (unknown_endpoint)'],
  ])('tell what differs: %s as %s', (was, says, told) => {
    const [difference] = triedOf(acme.replace(was, says)).flatMap(({ differs }) => differs);
    expect(difference).toContain(told);
  });
});
