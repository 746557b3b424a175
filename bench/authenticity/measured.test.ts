import { readFile } from 'node:fs/promises';
import { compileRegister } from '@drawbridge/authenticity';
import { readFacts, readMailLists, registerOf } from '@drawbridge/control/packs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Measured, measure, percentile } from './measure.ts';
import { notices } from './notices.ts';
import { phish, techniques } from './phish.ts';

/** The goals of judging messages, held on a part of the made-up set; `bench/authenticity.ts` measures the whole of it. */

let ofNotices: Measured;
let ofPhish: Measured;

beforeAll(async () => {
  const packs = new URL('../../packs/', import.meta.url);
  const { vendors } = await readFacts(new URL('vendors/known', packs).pathname);
  const read = readMailLists('links.yaml', await readFile(new URL('messages/links.yaml', packs), 'utf8'));
  if (!('lists' in read)) throw new Error('the lists could not be read');
  const register = registerOf(vendors, read.lists);
  const compiled = compileRegister(register);
  ofNotices = await measure(await notices(register, 2), register, compiled);
  ofPhish = await measure(await phish(register, 4), register, compiled);
});

describe('what is made up', () => {
  test('is of more than 40 vendors, and of more than 15 techniques', () => {
    expect(ofNotices.each.length).toBeGreaterThanOrEqual(100);
    expect(new Set(ofNotices.each.map(({ crafted }) => crafted.vendor)).size).toBeGreaterThanOrEqual(40);
    expect(Object.keys(techniques).length).toBeGreaterThanOrEqual(15);
    expect([...ofPhish.byKind.values()].every((of) => Object.values(of).some((count) => count > 0))).toBe(
      true,
    );
  });
});

describe('genuine notices', () => {
  test('are verified, nine of ten at least, and none is accused', () => {
    expect(ofNotices.counts['verified-authentic'] / ofNotices.each.length).toBeGreaterThanOrEqual(0.9);
    expect(ofNotices.counts['likely-impersonation']).toBe(0);
  });

  test('are of the vendor that sent them', () => {
    expect(ofNotices.each.filter(({ crafted, judged }) => judged.vendor?.id !== crafted.vendor)).toEqual([]);
  });
});

describe('phish', () => {
  test('none is verified', () => {
    const verified = ofPhish.each.filter(({ judged }) => judged.verdict === 'verified-authentic');
    expect(verified.map(({ crafted }) => [crafted.kind, crafted.vendor])).toEqual([]);
  });

  test('four of five are called impersonation, and those that are not come from the vendor or a platform of it', () => {
    expect(ofPhish.counts['likely-impersonation'] / ofPhish.each.length).toBeGreaterThanOrEqual(0.8);
  });
});

test('a message is judged within 50 ms in nineteen of twenty', () => {
  const took = [...ofNotices.took, ...ofPhish.took].sort((a, b) => a - b);
  expect(percentile(took, 0.5)).toBeLessThan(50);
});
