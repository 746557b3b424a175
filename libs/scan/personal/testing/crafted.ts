import * as madeUp from './made-up.ts';

const repeated =
  (unit: string) =>
  (size: number): string =>
    unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
const made =
  (make: (random: madeUp.Random) => string, between: string) =>
  (size: number): string => {
    const random = madeUp.seeded(7);
    let text = '';
    while (text.length < size) text += between + make(random);
    return text.slice(0, size);
  };

/** Texts that are made to cost a scanner the most, of any size. */
export const crafted: Readonly<Record<string, (size: number) => string>> = {
  'one letter': repeated('a'),
  'one capital': repeated('A'),
  'one digit': repeated('1'),
  'digits and spaces': repeated('1 '),
  'digits and dots': repeated('1.'),
  'digits and dashes': repeated('12-'),
  'pairs of digits': repeated('01 '),
  'zeros in threes': repeated('000 '),
  'letters and digits': repeated('A1'),
  'at signs': repeated('@'),
  'mail without end': repeated('a@a.'),
  'one long local part': (size) => `${'a.'.repeat(size / 2)}@b`,
  'one long domain': (size) => `a@${'b.'.repeat(size / 2)}`,
  'mail addresses': repeated('a@b.de '),
  'angle brackets': repeated('A A A A <a@b.de>'),
  colons: repeated(':'),
  'hexadecimal and colons': repeated('a:'),
  'pairs and colons': repeated('ab:'),
  'IPv6 addresses': repeated('2001:db8::1 '),
  'four octets': repeated('1.1.1.1 '),
  'four octets of three': repeated('203.0.113.77,'),
  'pairs and dashes': repeated('a1-'),
  'country codes': repeated('+491711234567 '),
  'numbers after a keyword': repeated('tel 0171 1234567 '),
  'bad numbers after a keyword': repeated('tel 0999 9999999 '),
  'North American numbers': repeated('(212) 555-0123'),
  parentheses: repeated('(1) '),
  'open brackets': repeated('[at]'),
  'spelled mail': repeated('a[at]b[dot]'),
  'names of labels': repeated('a at b.c'),
  'question marks': repeated('a?email='),
  ampersands: repeated('a&name=b'),
  'labels in quotes': repeated('"name":"'),
  'labels and capitals': repeated('To: A '),
  'equal signs': repeated('a=A'),
  'titles and names': repeated('Mr A '),
  greetings: repeated('Hi Anna,'),
  'names in a row': repeated('Name is Anna '),
  'lines of names': repeated('Best\nAnna\n'),
  'streets and numbers': repeated('Hauptstr. 1 '),
  'numbers and streets': repeated('1 A B C D '),
  'kinds of streets': repeated('Via Roma '),
  'French streets': repeated('1 rue de '),
  'birth words and dates': repeated('born 1.1.2000 '),
  'birth words and years': repeated('born de May 2000 '),
  'keywords alone': repeated('phone '),
  'years alone': repeated('2000 '),
  'letters outside ASCII': repeated('é'),
  'capitals outside ASCII': repeated('Ж'),
  cards: made(madeUp.card, ' '),
  'ids of nine digits': made(madeUp.bsn, ' bsn '),
  'ids of eleven digits': made(madeUp.steuerId, ' '),
  'accounts of banks': made(madeUp.iban, ' '),
  'bad accounts of banks': repeated('DE12 3456 7890 1234 5678 90 '),
};
