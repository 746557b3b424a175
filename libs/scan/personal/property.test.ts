import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { PERSONAL_CONTEXT, PERSONAL_LENGTH, personalScan, personalValue } from './index.ts';
import { cleanText } from './testing/clean.ts';
import { crafted } from './testing/crafted.ts';
import * as madeUp from './testing/made-up.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

interface Found {
  cls: string;
  confidence: string;
  start: number;
  end: number;
}
function scan(text: string, from = 0, to = text.length, level: 'structured' | 'all' = 'all'): Found[] {
  const out: Found[] = [];
  personalScan(
    text,
    from,
    to,
    (cls, confidence, start, end) => out.push({ cls, confidence, start, end }),
    level,
  );
  return out.sort((a, b) => a.start - b.start || a.end - b.end || (a.cls < b.cls ? -1 : 1));
}

/** Kinds with a checksum: how one is made, and what must stand before it to be told from any other number. */
const WITH_CHECKSUM = [
  ['payment.card', madeUp.card, ''],
  ['payment.iban', madeUp.iban, ''],
  ['person.national_id', madeUp.steuerId, ''],
  ['person.national_id', madeUp.nir, ''],
  ['person.national_id', madeUp.dni, ''],
  ['person.national_id', madeUp.bsn, 'bsn '],
  ['person.national_id', madeUp.pesel, 'pesel '],
  ['person.national_id', madeUp.belgian, 'rijksregisternummer '],
  ['person.national_id', madeUp.personnummer, 'personnummer '],
  ['person.national_id', madeUp.ahv, ''],
] as const;
const OTHERS = [
  ['person.email', madeUp.email, ''],
  ['person.phone', madeUp.phone, ''],
  ['person.phone', madeUp.nationalPhone, 'phone: '],
  ['person.national_id', madeUp.ssn, ''],
  ['person.national_id', madeUp.nino, 'NINO '],
  ['network.ip', madeUp.ipv4, 'ip='],
  ['network.ip', madeUp.ipv6, ''],
  ['network.mac', madeUp.mac, ''],
  ['person.birth_date', madeUp.birthDate, 'date of birth: '],
  ['person.address', madeUp.address, ''],
  ['person.name', madeUp.name, 'my name is '],
] as const;

const seed = fc.integer();
/** Text around a value: letters of many kinds, white space, quotes; a break next to the value. */
const around = fc.array(
  fc.constantFrom(
    'word ',
    'Größe, ',
    'żółw\n',
    '"',
    '(',
    'line.\n',
    '\t',
    '日本語 ',
    '{ "a": 1 } ',
    '🙂 ',
    'Then ',
    '— ',
  ),
  { maxLength: 12 },
);

describe('any value in any surrounding text', () => {
  it.each([...WITH_CHECKSUM, ...OTHERS])('finds %s with %o after "%s", in its place', (cls, make, before) => {
    fc.assert(
      fc.property(seed, around, around, (value, front, back) => {
        const made = make(madeUp.seeded(value));
        const text = `${front.join('')}\n${before}${made}\n${back.join('')}`;
        const start = text.indexOf(made, front.join('').length + 1 + before.length);
        const hits = scan(text).filter((each) => each.cls === cls && each.confidence !== 'possible');
        expect(
          hits.some((each) => each.start === start && each.end >= start + made.length),
          text,
        ).toBe(true);
      }),
      { numRuns: 25 * soak },
    );
  });

  it.each(WITH_CHECKSUM)(
    'does not take %s with %o for one when one digit is changed',
    (cls, make, before) => {
      fc.assert(
        fc.property(seed, fc.nat(), fc.integer({ min: 1, max: 9 }), (value, place, by) => {
          const made = make(madeUp.seeded(value));
          const places = [...made].flatMap((char, index) => (/\d/.test(char) ? [index] : []));
          const at = places[place % places.length] ?? 0;
          const other = made.slice(0, at) + ((Number(made[at]) + by) % 10) + made.slice(at + 1);
          const detector = (text: string): string[] => {
            const out: string[] = [];
            personalScan(
              text,
              0,
              text.length,
              (found, _, start, end, id) => {
                if (found === cls && start <= before.length && end >= text.length) out.push(id);
              },
              'structured',
            );
            return out;
          };
          const [id] = detector(before + made);
          expect(id).toBeDefined();
          expect(detector(before + other)).not.toContain(id);
        }),
        { numRuns: 25 * soak },
      );
    },
  );
});

/** Texts that are full of almost everything. */
const piece = fc.oneof(
  fc
    .tuple(seed, fc.constantFrom(...WITH_CHECKSUM, ...OTHERS))
    .map(([value, [, make, before]]) => before + make(madeUp.seeded(value))),
  fc.constantFrom(
    ' ',
    ' ',
    '\n',
    ', ',
    '-',
    '.',
    '/',
    ':',
    '::',
    '+',
    '(',
    ')',
    '@',
    '<',
    '>',
    '"',
    "'",
    '=',
    '?',
    '&',
    '\u00a0',
    'é',
    '٣',
    '\0',
  ),
  fc.constantFrom(
    'Dear ',
    'Mr. ',
    'is ',
    'name ',
    'born ',
    'phone ',
    'Street ',
    'rue ',
    'Regards,\n',
    'To: ',
    '"name": "',
    'ip ',
    'version ',
    'Anna ',
    'dot ',
    ' at ',
  ),
  fc.stringMatching(/^[0-9]{1,5}$/),
  fc.stringMatching(/^[a-fA-F0-9:.-]{1,9}$/),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const texts = fc.array(piece, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''));

describe('any text', () => {
  it('is scanned without an error; what is found lies in it, and is not too long', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 400 })), (text) => {
        for (const { start, end } of scan(text)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(end - start).toBeLessThanOrEqual(PERSONAL_LENGTH);
        }
        personalValue(text.slice(0, 20), text.slice(20), () => undefined);
      }),
      { numRuns: 100 * soak },
    );
  });

  it('gives the same finds through any window with its context, and in any pieces', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), (text, one, two) => {
        const whole = scan(text);
        const [from, to] = [one % (text.length + 1), two % (text.length + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        expect(scan(text, from, to)).toEqual(whole.filter(({ start }) => start >= from && start < to));
        // Cut out of the text: nothing but the context decides.
        for (const { start, end } of whole) {
          const low = Math.max(0, start - PERSONAL_CONTEXT);
          const cut = text.slice(low, end + PERSONAL_CONTEXT);
          const shifted = scan(cut, start - low, start - low + 1).map((each) => ({
            ...each,
            start: each.start + low,
            end: each.end + low,
          }));
          expect(shifted.filter((each) => each.end <= end)).toEqual(
            whole.filter((each) => each.start === start && each.end <= end),
          );
        }
      }),
      { numRuns: 100 * soak },
    );
  });

  /** What tells of a value from farthest away: the word, what stands between, the value, what follows. */
  const distant: readonly (readonly [before: string, filler: string, value: string, after: string])[] = [
    ['personnummer', ' ', '811228-9874', ''],
    ['rijksregisternummer', '.', ' 85073003328', ''],
    ['telephone', '- ', '030 901820', ''],
    ['date of birth', ' ', '12.03.1985', ''],
    ['version', ' ', '61.52.43.34', ''],
    ['address', ' ', '12 Angry Court', ''],
    ['Dear ', 'Anna ', 'Muster', ','],
    ['Kind regards,', '\n', 'Anna Beispiel', '\n'],
    ['"Anna ', 'Muster ', 'Beispiel"', ' <anna@example.org>'],
  ];
  it.each(distant)(
    'is judged by %j before it as far away as it is, and no farther',
    (before, filler, value, after) => {
      const findsAt = (text: string, at: number, context: number): Found[] => {
        const low = Math.max(0, at - context);
        const cut = text.slice(low, at + value.length + after.length + context);
        return scan(cut, at - low, at - low + value.length).map((each) => ({
          ...each,
          start: each.start + low,
          end: each.end + low,
        }));
      };
      for (let count = 0; count < 100; count++) {
        const text = `${before}${filler.repeat(count)}${value}${after} and more of this text`;
        const at = text.indexOf(value);
        const whole = scan(text).filter(({ start }) => start >= at && start < at + value.length);
        expect(whole, text).toEqual(findsAt(text, at, PERSONAL_CONTEXT));
      }
    },
  );

  it('needs a keyword that begins up to 56 characters before, and none that begins before that', () => {
    for (const [word, value] of [
      ['personnummer', '8112289874'],
      ['telefonnummer', '030901820'],
      ['geboortedatum', '12.03.1985'],
    ] as const) {
      const farthest = Math.max(
        ...Array.from({ length: 100 }, (_, gap) => {
          const text = `${word}${' '.repeat(gap + 1)}${value}`;
          const at = text.indexOf(value);
          // Through a window that begins at the value: its context alone is looked at.
          return scan(text, at, at + 1).some(({ confidence }) => confidence !== 'possible') ? at : 0;
        }),
      );
      expect([word, farthest]).toEqual([word, 56]);
    }
  });

  it('longer than a stretch gives what its parts give', () => {
    const text = Array.from(
      { length: 40 },
      (_, index) =>
        `${cleanText(2000, index)} mail anna${index}@example.org, ${madeUp.card(madeUp.seeded(index))}`,
    ).join(' ');
    expect(text.length).toBeGreaterThan(70_000);
    const parts: Found[] = [];
    for (let from = 0; from < text.length; from += 777)
      parts.push(...scan(text, from, Math.min(text.length, from + 777)));
    expect(scan(text)).toEqual(parts);
    expect(scan(text).filter(({ cls }) => cls === 'person.email')).toHaveLength(40);
  });
});

describe('clean text', () => {
  it.each(Array.from({ length: 4 * soak }, (_, index) => index + 1))(
    'has nothing certain or likely in it, seed %i',
    (number) => {
      const text = cleanText(50_000, number);
      const wrong = scan(text).filter(({ confidence }) => confidence !== 'possible');
      expect(wrong.map(({ cls, start, end }) => `${cls} ${text.slice(start - 20, end + 5)}`)).toEqual([]);
    },
  );
});

describe('work', () => {
  const once = (text: string): number => {
    const from = performance.now();
    personalScan(text, 0, text.length, () => undefined, 'all');
    return performance.now() - from;
  };

  it.each(Object.entries(crafted))('is linear on %s', (_, make) => {
    const small = make(16 * 1024);
    const large = make(64 * 1024);
    // Four times the text; what is quadratic takes sixteen times as long, however often it is tried on a busy machine.
    const quickest = { small: 0, large: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 60 && quickest.large > Math.max(0.3, quickest.small) * 4 * 2; round++) {
      quickest.small = Math.max(quickest.small, Math.min(once(small), once(small), once(small)));
      quickest.large = Math.min(quickest.large, once(large));
    }
    expect(quickest.large).toBeLessThanOrEqual(Math.max(0.3, quickest.small) * 4 * 2);
  });
});
