import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Colour, colourOf, contrast, differenceOf, seenBy } from '../testing/colour.ts';

const stylesheet = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
/** The tokens as the stylesheet has them: name, day value, night value. */
const tokens = new Map(
  [...stylesheet.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', day = '', night = '']) => [name, { day, night }],
  ),
);

function colour(name: string, design: 'day' | 'night'): Colour {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`tokens.css has no --${name}`);
  return colourOf(token[design]);
}

const treatments = ['t-pass', 't-generalise', 't-pseudonymise', 't-tokenise', 't-drop', 't-refuse'];
const surfaces = ['page', 'panel', 'sunken'];
/** In OKLab × 100: about four times what an eye can just tell apart on large fields side by side. */
const apart = 9;

test('every token is read', () => {
  expect(tokens.size).toBe(stylesheet.match(/^ +--[\w-]+: light-dark\(/gm)?.length);
  expect(tokens.size).toBeGreaterThan(15);
});

describe.each(['day', 'night'] as const)('%s', (design) => {
  test.each(surfaces)('text on %s meets WCAG AA (4.5 to 1)', (surface) => {
    for (const text of ['ink', 'ink-soft', 'act', 'alert']) {
      expect(contrast(colour(text, design), colour(surface, design)), text).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('text on washes and on the main button meets WCAG AA', () => {
    expect(contrast(colour('act-ink', design), colour('act', design))).toBeGreaterThanOrEqual(4.5);
    for (const wash of ['act-wash', 'alert-wash']) {
      expect(contrast(colour('ink', design), colour(wash, design)), wash).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('ink-soft', design), colour(wash, design)), wash).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colour('alert', design), colour('alert-wash', design))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(surfaces)('marks, focus and borders of controls stand out on %s (3 to 1)', (surface) => {
    for (const mark of [...treatments, 'act', 'line-strong']) {
      expect(contrast(colour(mark, design), colour(surface, design)), mark).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(['full sight', 'protanopia', 'deuteranopia', 'tritanopia'] as const)(
    'treatments are told apart with %s',
    (sight) => {
      for (const [index, one] of treatments.entries()) {
        for (const other of treatments.slice(index + 1)) {
          const seen = differenceOf(seenBy(sight, colour(one, design)), seenBy(sight, colour(other, design)));
          expect(seen, `${one} and ${other}`).toBeGreaterThanOrEqual(apart);
        }
      }
    },
  );
});
