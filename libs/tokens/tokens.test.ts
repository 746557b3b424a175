import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  looksLikeToken,
  newIssuer,
  newRestorer,
  restoreAll,
  TOKEN_ALPHABET,
  TokenCollisionError,
  TokenIndex,
  tokenKinds,
} from './index.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

const keyed = (kind: string, canonical: string): string =>
  [...createHmac('sha256', 'made-up key').update(`${kind}\n${canonical}`).digest()]
    .slice(0, 13)
    .map((byte) => TOKEN_ALPHABET[byte & 31])
    .join('');

const issuer = newIssuer(keyed);
const anna = issuer.token('PERSON', 'anna berger', 'Anna Berger');
const mail = issuer.token('EMAIL', 'anna@example.com', 'Anna@example.com');
const address = issuer.token('ADDRESS', 'a', 'Made-up "Alley" 1\nNowhere');
const { issued } = issuer;
const core = anna.slice(2, -2);
const restored = (text: string, depth = 0) => restoreAll(text, issued, depth).text;

/** Feeds a text in the pieces that end at these places. */
function inPieces(text: string, cuts: readonly number[], depth: number) {
  const restorer = newRestorer(issued, depth);
  let out = '';
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    out += restorer.push(text.slice(at, cut));
    at = cut;
    expect(restorer.held).toBeLessThan(47);
  }
  return { text: out + restorer.end(), ...restorer.counts };
}

describe('an issuer', () => {
  it('gives one value one token, whoever asks and in which order, and keeps how it was written first', () => {
    const other = newIssuer(keyed);
    expect(other.token('EMAIL', 'anna@example.com', 'ANNA@example.com')).toBe(mail);
    expect(other.token('PERSON', 'anna berger', 'Anna Berger')).toBe(anna);
    expect(other.token('EMAIL', 'anna@example.com', 'anna@example.com')).toBe(mail);
    expect(other.issued.get(mail)).toBe('ANNA@example.com');
    expect(anna).toMatch(/^\[\[PERSON_[0-9A-HJKMNP-TV-Z]{10}\]\]$/);
    expect(other.token('ORG', 'anna berger', 'Anna Berger')).not.toContain(core.slice(7));
  });

  it('refuses a second value that comes to the same token', () => {
    const poor = newIssuer(() => '0000000000');
    poor.token('PERSON', 'a', 'A');
    expect(poor.token('PERSON', 'a', 'A')).toBe('[[PERSON_0000000000]]');
    expect(() => poor.token('PERSON', 'b', 'B')).toThrow(TokenCollisionError);
    expect(poor.issued.size).toBe(1);
  });

  it.each(['', '012345678', '01234567I9', '0123456789abc'])('takes no digest like %j', (digest) => {
    expect(() => newIssuer(() => digest).token('ID', 'a', 'a')).toThrow(RangeError);
  });

  it('tells texts that imitate tokens', () => {
    for (const text of [anna, 'x [[person_aaaaaaaa]] y', '[[ ID_0000000000 ]]'])
      expect(looksLikeToken(text)).toBe(true);
    for (const text of [core, '[[PERSON_AAAAAAA]]', '[[NOBODY_AAAAAAAA]]', '[[1, 2]]'])
      expect(looksLikeToken(text)).toBe(false);
  });
});

describe('a token comes back', () => {
  it.each([
    [`Dear ${anna}, hello`, 'Dear Anna Berger, hello'],
    [
      `**${anna}** _${anna}_ \`${anna}\` |${anna}|`,
      '**Anna Berger** _Anna Berger_ `Anna Berger` |Anna Berger|',
    ],
    [`[${anna}](mailto:${mail})`, '[Anna Berger](mailto:Anna@example.com)'],
    [`${anna}${mail}${anna}`, 'Anna BergerAnna@example.comAnna Berger'],
    ['[[[', '[[['],
    [anna.toLowerCase(), 'Anna Berger'],
    [`[[Person_${core.slice(7)}]]`, 'Anna Berger'],
    [`[[ ${core} ]]`, 'Anna Berger'],
    [`\\[\\[${core}\\]\\]`, 'Anna Berger'],
    [`\\[\\[${core.replace('_', '\\_')}\\]\\]`, 'Anna Berger'],
    [`\\[\\[${core}]]`, 'Anna Berger'],
    // Brackets lost: the rest stays as it stands.
    [
      `${core} and [${core}] and [[${core}] and ${core}]]`,
      'Anna Berger and [Anna Berger] and [[Anna Berger] and Anna Berger]]',
    ],
    [`${core}'s ${core}_ my${core}`, "Anna Berger's Anna Berger_ myAnna Berger"],
    // An address: the value goes into percent code as its brackets are.
    [`https://example.com/?q=%5B%5B${core}%5D%5D&x`, 'https://example.com/?q=Anna%20Berger&x'],
    [`https://example.com/?q=%5b%5b${core}%5d%5d`, 'https://example.com/?q=Anna%20Berger'],
  ])('from %s', (text, expected) => {
    expect(restored(text)).toBe(expected);
  });

  it.each([
    core.toLowerCase(),
    `X${core}`,
    `${core}Z`,
    `[[${core.slice(0, -1)}]]`,
    `[[PERSON ${core.slice(7)}]]`,
    `[[PER\u200bSON_${core.slice(7)}]]`,
    `[[EMAIL_${core.slice(7)}]]`,
    anna.slice(0, -3),
  ])('not from %s', (text) => {
    expect(restored(text)).toBe(text);
  });

  it('within JSON, and within JSON in a string of JSON', () => {
    const value = { to: `${address}, ${anna}`, note: 'a\\[\\[b' };
    const expected = { to: 'Made-up "Alley" 1\nNowhere, Anna Berger', note: 'a\\[\\[b' };
    expect(JSON.parse(restored(JSON.stringify(value), 1))).toEqual(expected);
    const call = { arguments: JSON.stringify(value), text: 'x' };
    const back = JSON.parse(restored(JSON.stringify(call), 2));
    expect(JSON.parse(back.arguments)).toEqual(expected);
    const marked = JSON.stringify({ a: `\\[\\[${core.replace('_', '\\_')}\\]\\]` });
    expect(JSON.parse(restored(marked, 1))).toEqual({ a: 'Anna Berger' });
    expect(restored(`"line\\n${core}"`, 1)).toBe('"line\\nAnna Berger"');
  });

  it('only where it was issued; others are counted and left', () => {
    const text = `${anna} [[PERSON_0000000000]] [[org_ZZZZZZZZ]] \\[\\[ID_00000000\\]\\]`;
    expect(restoreAll(text, issued, 0)).toEqual({
      text: text.replace(anna, 'Anna Berger'),
      restored: 1,
      unknown: 3,
    });
    expect(restoreAll(anna, new Map(), 0)).toEqual({ text: anna, restored: 0, unknown: 1 });
  });

  it('as it was, never looked into again', () => {
    const tricky = new Map([
      [anna, mail],
      [mail, 'gone wrong'],
    ]);
    expect(restoreAll(anna, tricky, 0).text).toBe(mail);
  });
});

const PIECES = [
  anna,
  mail,
  address,
  core,
  anna.toLowerCase(),
  `\\[\\[${core}\\]\\]`,
  `%5B%5B${core}%5D%5D`,
  `[[ ${core} ]]`,
  `[[${core}]`,
  anna.replace('[[', '\\\\[\\\\['),
  anna.replaceAll(/[[\]_]/g, '\\\\$&'),
  '[[PERSON_0000000000]]',
  '[[ID_ZZZZZZZZ]]',
  '\\[\\[ORG\\_00000000\\]\\]',
  `[[${core.slice(0, 12)}`,
  '[',
  ']',
  '[[',
  ']]',
  '\\',
  '\\\\',
  '%',
  '%5B',
  '%5D',
  '_',
  ' ',
  'P',
  'PERSON',
  'PERSON_',
  'EM',
  'A',
  'b',
  '0',
  '"',
  '\n',
  'ä',
  '😀',
];
const text = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ maxLength: 6 })), {
    maxLength: 14,
  })
  .map((pieces) => pieces.join(''));
const depths = fc.constantFrom(0, 1, 2, 3, 6);

describe('properties', () => {
  it('any text in any pieces comes out as the whole at once, and counts alike', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), depths, (given, cuts, depth) => {
        expect(inPieces(given, cuts, depth)).toEqual(restoreAll(given, issued, depth));
      }),
      { numRuns: 800 * soak },
    );
  });

  it('character by character too', () => {
    fc.assert(
      fc.property(text, depths, (given, depth) => {
        const cuts = Array.from({ length: given.length }, (_, at) => at);
        expect(inPieces(given, cuts, depth)).toEqual(restoreAll(given, issued, depth));
      }),
      { numRuns: 250 * soak },
    );
  });

  it('what was replaced by tokens comes back as it was, whatever stands around it', () => {
    const value = fc.record({
      kind: fc.constantFrom(...tokenKinds),
      original: fc.string({ minLength: 1, unit: 'binary' }),
    });
    const part = fc.oneof(
      fc.constantFrom('[', ']', '[[', ']]', '\\', '\\[', '%5B', '_', ' ', 'PERSON', 'A'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(part, value), { maxLength: 8 }), part, (pairs, last) => {
        const mine = newIssuer(keyed);
        let plain = '';
        let crossed = '';
        for (const [before, { kind, original }] of pairs) {
          plain += before + original;
          crossed += before + mine.token(kind, original, original);
        }
        expect(restoreAll(crossed + last, mine.issued, 0).text).toBe(plain + last);
      }),
      { numRuns: 400 * soak },
    );
  });

  it('holds back nothing that no issued token begins with', () => {
    const restorer = newRestorer(issued, 0);
    for (const piece of [
      'Hello',
      ' [1]',
      ' [[ORG_',
      ' a\\n',
      ' USA',
      'x_',
      ' [[PERSON_000',
      ' person',
      '\n',
    ]) {
      expect([piece, restorer.push(piece), restorer.held]).toEqual([piece, piece, 0]);
    }
  });
});

it('does linear work on crafted texts', () => {
  const many = new TokenIndex(
    new Map(
      Array.from({ length: 2_000 }, (_, n) => [`[[PERSON_${keyed('PERSON', String(n)).slice(0, 10)}]]`, 'x']),
    ),
  );
  const time = (unit: string, length: number): number => {
    const crafted = unit.repeat(length / unit.length);
    const rounds = Array.from({ length: 5 }, () => {
      const before = performance.now();
      for (let done = 0; done < 400_000; done += length) restoreAll(crafted, many, 0);
      return performance.now() - before;
    });
    return Math.min(...rounds);
  };
  for (const unit of [
    '[',
    '[[PERSON_',
    '\\',
    '\\[',
    '%5B',
    '_',
    'PERSON_',
    'PERSON_00000000',
    '[[PERSON_0000000000',
    'A_AAAAAAAA',
  ]) {
    time(unit, 20_000);
    const [one, ten] = [time(unit, 40_000), time(unit, 400_000)];
    // As much text in one as in ten; quadratic work would be ten times the time.
    expect([unit, ten < Math.max(one, 2) * 4]).toEqual([unit, true]);
  }
});

it('counts a token that was not issued behind a bracket too many, wherever it is cut', () => {
  for (const text of ['[[[PERSON_00000000]]', '\\[\\[\\[PERSON_00000000\\]\\]', '[[[[[[[ID_ZZZZZZZZ]]'])
    for (let at = 0; at <= text.length; at++) {
      const restorer = newRestorer(new Map(), 0);
      restorer.push(text.slice(0, at));
      restorer.push(text.slice(at));
      restorer.end();
      expect([text, at, restorer.counts.unknown]).toEqual([text, at, 1]);
    }
});
