import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintPacks } from '@drawbridge/control/packs';
import { formApiToken, formVirtualKey } from '@drawbridge/protocol';
import { compileScanner } from '@drawbridge/scan';
import { exampleOf, seeded } from '@drawbridge/scan/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPacks } from '../shipped-packs.ts';
import { type Detector, loadDetectors, scannerRule, shippedDetectors } from './pack.ts';

let detectors: Detector[];
beforeAll(async () => {
  detectors = await loadDetectors(shippedDetectors);
});

/** The rule's keyword, if it needs one, and a made-up value. */
function texts(detector: Detector, random: () => number, tries: number): { text: string; value: string }[] {
  const { checksum } = scannerRule(detector);
  return detector.forms.flatMap((form) =>
    Array.from({ length: tries }, () => {
      const value = exampleOf(form, random, checksum);
      return { value, text: `${detector.keywords?.[0] ?? 'value'}: ${value}\n` };
    }),
  );
}

test('knows at least 120 kinds, each sourced', () => {
  expect(detectors.length).toBeGreaterThanOrEqual(120);
  const own = detectors.filter(({ source }) => !source.startsWith('https://'));
  expect(own.map(({ vendor }) => vendor)).toEqual(['Drawbridge', 'Drawbridge']);
});

test('every rule finds what is made by its forms', () => {
  const random = seeded(1);
  const missed = new Map<string, number>();
  for (const detector of detectors) {
    const alone = compileScanner({ rules: [scannerRule(detector)], contextual: false });
    for (const { text, value } of texts(detector, random, 12)) {
      const start = text.indexOf(value);
      const isFound = alone.scan(text).some((one) => one.start === start && one.end === start + value.length);
      if (!isFound) missed.set(detector.id, (missed.get(detector.id) ?? 0) + 1);
    }
  }
  // Random characters can be too even, or hold a word that stands for a placeholder: seldom.
  expect([...missed].filter(([, count]) => count > 1)).toEqual([]);
});

test('no rule finds what is made by the forms of another, but those that this one names', () => {
  const random = seeded(2);
  const taken = new Set<string>();
  /** A value of each form in one text, so far from each other that no keyword of one stands near another. */
  const values: { start: number; end: number; owner: Detector }[] = [];
  let all = '';
  for (const owner of detectors) {
    for (const { text, value } of texts(owner, random, 1)) {
      const start = all.length + text.indexOf(value);
      values.push({ start, end: start + value.length, owner });
      all += text + ' '.repeat(70);
    }
  }
  for (const detector of detectors) {
    const alone = compileScanner({ rules: [scannerRule(detector)], contextual: false });
    const places = new Map(alone.scan(all).map(({ start, end }) => [start, end]));
    for (const { start, end, owner } of values) {
      if (owner === detector || places.get(start) !== end || owner.overlaps?.includes(detector.id)) continue;
      taken.add(`${owner.id} is taken for ${detector.id}`);
    }
  }
  expect([...taken]).toEqual([]);
});

test('canary keys are found: what a vendor pack makes of its key forms has a detector of that vendor', async () => {
  const scanner = compileScanner({ rules: detectors.map(scannerRule), contextual: false });
  const random = seeded(2);
  const alphabets: Readonly<Record<string, string>> = {
    alnum: 'base62',
    lower: 'alnum_lower',
    upper: 'alnum_upper',
  };
  const { packs } = await lintPacks(shippedPacks);
  const forms = packs.flatMap((pack) =>
    (pack.key_forms ?? []).map(({ form }) => ({ vendor: pack.name, form })),
  );
  expect(forms.length).toBeGreaterThan(4);
  for (const { vendor, form } of forms) {
    const value = exampleOf(
      form.replace(/\{(alnum|lower|upper):/g, (_, name) => `{${alphabets[name]}:`),
      random,
    );
    const found = scanner.scan(`x ${value} y`);
    expect({ vendor, found: found.map(({ start, end }) => [start, end]) }).toEqual({
      vendor,
      found: [[2, 2 + value.length]],
    });
  }
});

test("this project's own keys and tokens are found", () => {
  const scanner = compileScanner({ rules: detectors.map(scannerRule), contextual: false });
  const bytes = Uint8Array.from({ length: 42 }, (_, index) => index * 7);
  const text = `${formVirtualKey(bytes).key} ${formApiToken(bytes).key}`;
  expect(scanner.scan(text).map(({ detector }) => detector)).toEqual([
    'drawbridge.virtual_key',
    'drawbridge.api_token',
  ]);
});

describe('a file that is wrong', () => {
  const one = (changes: string): string =>
    `format: drawbridge.detectors/1\nas_of: '2026-11-22'\ndetectors:\n  - id: acme.key\n    vendor: Acme\n    name: Key\n    class: secret.api_key\n    forms: ['acme_{hex:32}']\n    source: https://docs.acme.example/keys\n${changes}`;
  test.each([
    ['no YAML', 'detectors: [', /^a\.yaml:\d+:\d+ \(yaml\)/m],
    ['a member that there is not', one('    colour: red\n'), /^a\.yaml:4:5 detectors\.0: /m],
    [
      'a source that nobody can open',
      one('').replace('https', 'ftp'),
      /^a\.yaml:9:13 detectors\.0\.source: is https/m,
    ],
    [
      'an id twice',
      one(one('').split('detectors:\n')[1] ?? ''),
      /^a\.yaml: acme\.key stands in a\.yaml already$/m,
    ],
    [
      'an overlap with nothing',
      one('    overlaps: [other.key]\n'),
      /acme\.key overlaps other\.key, which is no detector/,
    ],
  ])('%s', async (_, text, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-detectors-'));
    try {
      await writeFile(join(folder, 'a.yaml'), text);
      await expect(loadDetectors(folder)).rejects.toThrow(message);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
