import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPacks } from './own-packs.ts';
import { shippedPacks } from './shipped-packs.ts';

const bolt = `format: drawbridge.pack/1
vendor: bolt
name: Bolt
as_of: 2025-11-09
services:
  - id: chat
    kind: ai
    regions: [{ id: us, host: api.bolt.test }]
    auth: [{ in: header, name: x-bolt-key }]
    endpoints:
      - id: chat
        methods: [POST]
        path: /v1/chat
        fields: { like: openai/api/chat_completions }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-own-packs-'));
  await writeFile(join(folder, 'bolt.yaml'), bolt);
  await writeFile(join(folder, 'openai.yaml'), bolt.replace('vendor: bolt', 'vendor: openai'));
  await writeFile(
    join(folder, 'wrong.yaml'),
    bolt.replace('vendor: bolt', 'vendor: wrong').replace('/v1/chat', 'v1'),
  );
});
afterAll(() => rm(folder, { recursive: true }));

test('a folder’s packs stand beside the shipped ones; what can not be used is told, and keeps nothing else from use', async () => {
  const found = await findPacks(shippedPacks, folder);
  expect(found.packs.length).toBeGreaterThan(10);
  expect(found.ownPacks.map(({ vendor }) => vendor)).toEqual(['bolt']);
  // They may refer to the maps of shipped packs.
  expect(found.ownPacks[0]?.services[0]?.endpoints[0]?.fields?.fields.length).toBeGreaterThan(20);
  expect(found.warnings.map(({ text }) => text)).toEqual([
    expect.stringMatching(/openai\.yaml:1:1 vendor: another pack speaks of this vendor/),
    expect.stringMatching(/wrong\.yaml:13:9 services\[0\]\.endpoints\[0\]\.path: /),
  ]);
});

test('without a folder there are none; one that is not there is told', async () => {
  expect(await findPacks(shippedPacks, null)).toMatchObject({ ownPacks: [], warnings: [] });
  const missing = await findPacks(shippedPacks, join(folder, 'nowhere'));
  expect(missing.ownPacks).toEqual([]);
  expect(missing.warnings[0]?.text).toMatch(/DRAWBRIDGE_PACKS\) can not be read: ENOENT/);
});
