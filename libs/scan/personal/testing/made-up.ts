/**
 * Made-up personal data: numbers are random with a checksum worked out to fit, names are put together from common ones,
 * mail is under reserved domains. Whatever belongs to somebody does so by accident.
 */

/** A random integer below `below`. */
export type Random = (below: number) => number;

/** A small repeatable generator (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => String(random(10))).join('');
const two = (value: number): string => String(value).padStart(2, '0');
const pick = <T>(random: Random, list: readonly [T, ...T[]]): T => list[random(list.length)] ?? list[0];

/** Completes a number with the digit or digits that make `fits` true; there is always one. */
function complete(front: string, count: number, fits: (whole: string) => boolean): string | null {
  for (let value = 0; value < 10 ** count; value++) {
    const whole = front + String(value).padStart(count, '0');
    if (fits(whole)) return whole;
  }
  return null;
}
const again = (make: () => string | null): string => {
  for (;;) {
    const made = make();
    if (made !== null) return made;
  }
};
const luhn = (text: string): boolean =>
  [...text].reverse().reduce((sum, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return sum + (value > 9 ? value - 9 : value);
  }, 0) %
    10 ===
  0;
const mod97 = (text: string): bigint =>
  BigInt(text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))) % 97n;
const weighted = (text: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * Number(text[index]), 0);

export const card = (random: Random): string => {
  const [issuer, length] = pick<readonly [string, number]>(random, [
    ['4539', 16],
    ['5425', 16],
    ['3714', 15],
    ['6011', 16],
    ['3055', 14],
  ]);
  return again(() => complete(issuer + digits(random, length - 5), 1, luhn));
};

export const iban = (random: Random): string => {
  const [country, body] = pick<readonly [string, string]>(random, [
    ['DE', digits(random, 18)],
    ['GB', `MADE${digits(random, 14)}`],
    ['FR', `${digits(random, 20)}A${digits(random, 2)}`],
    ['NL', `MADE${digits(random, 10)}`],
    ['ES', digits(random, 20)],
    ['PL', digits(random, 24)],
  ]);
  return country + two(98 - Number(mod97(`${body}${country}00`))) + body;
};

export const ssn = (random: Random): string =>
  `${two(1 + random(6))}${1 + random(9)}-${two(1 + random(99))}-${digits(random, 3)}${1 + random(9)}`;

export const nino = (random: Random): string =>
  `${pick(random, ['AB', 'CE', 'HJ', 'PR', 'WX'])}${digits(random, 6)}${pick(random, ['A', 'B', 'C', 'D'])}`;

export const steuerId = (random: Random): string =>
  again(() => {
    const order = [...'0123456789'].sort(() => random(2) - 0.5);
    const repeated = order[1] ?? '1';
    const front = [...order.slice(0, 9), repeated].join('');
    if (front.startsWith('0')) return null;
    let product = 10;
    for (const digit of front) {
      const sum = (Number(digit) + product) % 10;
      product = ((sum === 0 ? 10 : sum) * 2) % 11;
    }
    return front + String((11 - product) % 10);
  });

export const nir = (random: Random): string => {
  const front = `${1 + random(2)}${digits(random, 2)}${two(1 + random(12))}${two(1 + random(95))}${two(random(90))}1${two(random(90))}1`;
  return front + two(97 - Number(BigInt(front) % 97n));
};

export const dni = (random: Random): string => {
  const number = digits(random, 8);
  return number + 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(number) % 23);
};

export const bsn = (random: Random): string =>
  again(() =>
    complete(`1${digits(random, 7)}`, 1, (text) => weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0),
  );

export const pesel = (random: Random): string =>
  again(() =>
    complete(
      `${two(random(100))}${two(1 + random(12))}${two(1 + random(28))}${digits(random, 4)}`,
      1,
      (text) => weighted(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    ),
  );

export const belgian = (random: Random): string => {
  const front = `${two(random(100))}${two(1 + random(12))}${two(1 + random(28))}${two(random(90))}1`;
  return front + two(97 - (Number(front) % 97));
};

export const personnummer = (random: Random): string => {
  const front = `${two(random(100))}${two(1 + random(12))}${two(1 + random(28))}`;
  return again(() => complete(front + digits(random, 3), 1, luhn));
};

export const ahv = (random: Random): string =>
  again(() =>
    complete(
      `756${digits(random, 9)}`,
      1,
      (text) => weighted(text, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
    ),
  );

const FIRST = [
  'Anna',
  'Ben',
  'Clara',
  'Émile',
  'José',
  'Łucja',
  'Märta',
  'Jean-Luc',
  'Sofia',
  'Tom',
] as const;
const LAST = [
  'Beispiel',
  'Muster',
  'Exemple',
  'García',
  'Rossi',
  'van der Berg',
  'Kowalska',
  "O'Neill",
  'Lindström',
] as const;

export const name = (random: Random): string => `${pick(random, FIRST)} ${pick(random, LAST)}`;

export const email = (random: Random): string =>
  `${pick(random, ['anna', 'ben.muster', 'c_rossi+news', 'o.neill', 'x1'])}${random(1000)}@${pick(random, ['example.org', 'mail.example.com', 'firma.example', 'b.test'])}`;

export const phone = (random: Random): string =>
  pick(random, [
    `+49 30 ${1 + random(9)}${digits(random, 6)}`,
    `+1 212 555 01${digits(random, 2)}`,
    `+44 20 7946 0${digits(random, 3)}`,
    `+33 1 99 00 ${digits(random, 2)} ${digits(random, 2)}`,
    `+39 06 ${1 + random(9)}${digits(random, 6)}`,
  ]);

export const nationalPhone = (random: Random): string =>
  pick(random, [
    `030 ${2 + random(7)}${digits(random, 6)}`,
    `(212) 555-01${digits(random, 2)}`,
    `020 7946 0${digits(random, 3)}`,
    `01 99 00 ${digits(random, 2)} ${digits(random, 2)}`,
    `0151/2${digits(random, 7)}`,
  ]);

export const ipv4 = (random: Random): string => `203.0.113.${10 + random(240)}`;
export const ipv6 = (random: Random): string =>
  `2001:db8:${random(9999).toString(16)}::${(1 + random(9999)).toString(16)}`;
export const mac = (random: Random): string =>
  `02:${Array.from({ length: 4 }, () => random(256).toString(16).padStart(2, '0')).join(':')}:af`;

export const birthDate = (random: Random): string => {
  const [day, month, year] = [1 + random(28), random(12), 1930 + random(80)];
  const names = [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ];
  return pick(random, [
    `${two(day)}.${two(month + 1)}.${year}`,
    `${year}-${two(month + 1)}-${two(day)}`,
    `${day} ${names[month]} ${year}`,
    `${two(month + 1)}/${two(day)}/${year}`,
  ]);
};

export const address = (random: Random): string =>
  pick(random, [
    `${1 + random(200)} Sample Street, Springfield, IL 6${digits(random, 4)}`,
    `Musterstraße ${1 + random(99)}, 1${digits(random, 4)} Berlin`,
    `${1 + random(99)} rue de la Fontaine, 75${digits(random, 3)} Paris`,
    `Calle Inventada, ${1 + random(99)}, 28${digits(random, 3)} Madrid`,
    `Via Esempio ${1 + random(99)}, 00${digits(random, 3)} Roma`,
    `Voorbeeldstraat ${1 + random(99)}a, 10${digits(random, 2)} AB Amsterdam`,
    `ul. Przykładowa ${1 + random(99)}, 00-${digits(random, 3)} Warszawa`,
    `Exempelgatan ${1 + random(99)}, 11${digits(random, 1)} ${digits(random, 2)} Stockholm`,
  ]);
