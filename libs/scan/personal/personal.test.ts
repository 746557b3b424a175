import { describe, expect, it } from 'vitest';
import { personalScan, personalValue } from './index.ts';

/** People, numbers and addresses here are made up, or the examples of standards. */
function found(text: string, level: 'structured' | 'all' = 'all'): string[] {
  const out: string[] = [];
  personalScan(
    text,
    0,
    text.length,
    (cls, confidence, start, end) => out.push(`${cls} ${confidence}: ${text.slice(start, end)}`),
    level,
  );
  return out;
}
const byName = (name: string, value: string): string[] => {
  const out: string[] = [];
  personalValue(name, value, (cls, confidence, start, end) =>
    out.push(`${cls} ${confidence}: ${value.slice(start, end)}`),
  );
  return out;
};

describe('what its own form tells', () => {
  it.each([
    [
      'write to anna.beispiel+news@mail.example.org.',
      'person.email certain: anna.beispiel+news@mail.example.org',
    ],
    ['anna@example.com.txt', 'person.email certain: anna@example.com'],
    ['anna@example.com.csv', 'person.email certain: anna@example.com'],
    ['for anna@example.com.xlsx', 'person.email certain: anna@example.com'],
    ['bill_anna@example.com_2.pdf', 'person.email certain: bill_anna@example.com'],
    ['https://x.example/mailto:anna@example.com', 'person.email certain: anna@example.com'],
    ['"anna b"@example.com', 'person.email certain: "anna b"@example.com'],
    ['<jürgen@müller.example>', 'person.email certain: jürgen@müller.example'],
    ['anna@xn--mller-kva.example', 'person.email certain: anna@xn--mller-kva.example'],
    ['anna [at] example [dot] org', 'person.email likely: anna [at] example [dot] org'],
    ['anna(at)example.org', 'person.email likely: anna(at)example.org'],
    ['e-mail anna at example.org', 'person.email likely: anna at example.org'],
    ['+49 (0)30 901820', 'person.phone certain: +49 (0)30 901820'],
    ['0049 30 901820', 'person.phone likely: 0049 30 901820'],
    ['Tel. 030/901820', 'person.phone likely: 030/901820'],
    ['(212) 555-0123 ext. 12', 'person.phone likely: (212) 555-0123 ext. 12'],
    ['tél : 01 99 00 12 34', 'person.phone likely: 01 99 00 12 34'],
    ['GB82 WEST 1234 5698 7654 32', 'payment.iban certain: GB82 WEST 1234 5698 7654 32'],
    ['DE89370400440532013000', 'payment.iban certain: DE89370400440532013000'],
    ['4111-1111-1111-1111', 'payment.card certain: 4111-1111-1111-1111'],
    ['3782 822463 10005', 'payment.card certain: 3782 822463 10005'],
    ['paid with 5555555555554444', 'payment.card likely: 5555555555554444'],
    ['from host 10.1.2.3', 'network.ip certain: 10.1.2.3'],
    ['203.0.113.177 - - [', 'network.ip certain: 203.0.113.177'],
    ['[2001:db8::1]:443', 'network.ip certain: 2001:db8::1'],
    [
      '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
      'network.ip certain: 2001:0db8:85a3:0000:0000:8a2e:0370:7334',
    ],
    ['00:1A:2B:3C:4D:5E', 'network.mac certain: 00:1A:2B:3C:4D:5E'],
    ['00-11-22-33-44-5e', 'network.mac certain: 00-11-22-33-44-5e'],
    ['536-22-1234', 'person.national_id likely: 536-22-1234'],
    ['AB 12 34 56 C', 'person.national_id likely: AB 12 34 56 C'],
    ['Steuer-ID 86095742719', 'person.national_id certain: 86095742719'],
    ['86 095 742 719', 'person.national_id likely: 86 095 742 719'],
    ['2 55 08 14 168 025 38', 'person.national_id certain: 2 55 08 14 168 025 38'],
    ['12.345.678-Z', 'person.national_id likely: 12.345.678-Z'],
    ['NIE X-1234567-L', 'person.national_id certain: X-1234567-L'],
    ['RSSMRA85T10A562S', 'person.national_id certain: RSSMRA85T10A562S'],
    ['BSN: 111222333', 'person.national_id certain: 111222333'],
    ['PESEL 44051401359', 'person.national_id certain: 44051401359'],
    ['85.07.30-033.28', 'person.national_id certain: 85.07.30-033.28'],
    ['personnummer 811228-9874', 'person.national_id certain: 811228-9874'],
    ['personnummer 811228+9874', 'person.national_id certain: 811228+9874'],
    ['756.9217.0769.85', 'person.national_id certain: 756.9217.0769.85'],
    ['https://x.example/?user_id=4711&q=1', 'web.url possible: 4711'],
    ['/invite?first_name=Anna', 'person.name likely: Anna'],
  ])('%s', (text, finding) => {
    expect(found(text, 'structured')).toEqual([finding]);
    expect(found(`… ${text} …`, 'structured')).toEqual([finding]);
  });

  it.each([
    'react@18.2.0, icon@2x.png, @scope/name, git@github.example:org/repo',
    'A@b.transpose(x)',
    'https://anna:Geheim12@db.example.com/x, redis://:Geheim12@db.example.com',
    'getty@tty1.service, x@2x.min.js, a@b.method_name',
    'meet me at example.org',
    'version 10.20.30.40, Chrome/120.0.0.0, 127.0.0.1, 1.2.3.4.5, 256.1.1.1, v1.2.3.4',
    'std::dec::add a::b 12:30:45 ::1 :: 10:20',
    'SHA256:AB:CD:EF:01:23:45:67:89:AB:CD:EF',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301, deadbeef12345678Z0',
    '2026-11-22T14:30:45.123456789Z 1700000000000 1700000000 20261122143045',
    'order 4111111111111112, invoice 12345678, total 1,234,567.89',
    'const id = abc4111111111111111def; x_12345678Z',
    'ISBN 978-3-16-148410-0, EAN 4006381333931',
    'call 5551234, 1234567 and 123 456',
  ])('nothing in: %s', (text) => {
    expect(found(text).filter((each) => !each.includes(' possible:'))).toEqual([]);
  });

  it('reads full-width digits, no-break spaces and long dashes as what they look like', () => {
    expect(found('card ４１１１\u00a01111\u202f1111 1111')).toEqual([
      'payment.card certain: ４１１１\u00a01111\u202f1111 1111',
    ]);
    expect(found('SSN 536–22—1234')).toEqual(['person.national_id certain: 536–22—1234']);
    expect(found('PESEL ٤٤٠٥١٤٠١٣٥٩')).toEqual(['person.national_id certain: ٤٤٠٥١٤٠١٣٥٩']);
    expect(found('anna＠example．org')).toEqual(['person.email certain: anna＠example．org']);
  });

  it('looks at numbers as the text has them: what is between their characters parts them', () => {
    expect(found('4111 1111\u200b1111 1111')).toEqual([]);
  });
});

describe('a date is no telephone number', () => {
  it.each([
    'phone log 2031-07-10 12:03',
    'Tel. 1999-12-31 23',
    'phone 2025-11-22 14:30:45 call',
    'phone 1.1.0 / 09.03.2018',
    'Tel. 09/03/2018 12:30',
    'Buffer 00 00 00 00 00',
  ])('nothing in: %s', (text) => {
    expect(found(text, 'structured')).toEqual([]);
  });

  it.each([
    // Years that are none, days that are none, other groups, other separators: numbers as people write them.
    ['phone 201-234-5678', '201-234-5678'],
    ['phone 201-2345678', '201-2345678'],
    ['phone 2012345678', '2012345678'],
    ['phone 2015 550 123', '2015 550 123'],
    ['phone 2012-345-678', '2012-345-678'],
    ['phone 2031-73-1001', '2031-73-1001'],
    ['phone 2079 46 01 23', '2079 46 01 23'],
    ['phone 020-7946-0123', '020-7946-0123'],
    ['phone 0201-12 10 14', '0201-12 10 14'],
    ['tél 01.02.19.90.12', '01.02.19.90.12'],
    ['Tel. 09.03.3018', '09.03.3018'],
    ['Tel. 03/12 2018 55', '03/12 2018 55'],
    ['+20 10 1234 5678', '+20 10 1234 5678'],
    // The number behind a date is one.
    ['phone 2031-07-10 030 901820', '030 901820'],
    ['phone 2031-07-10 (212) 555-0123', '(212) 555-0123'],
    ['phone 2031-07-10: 212-555-0123', '212-555-0123'],
    ['phone 2031-07-10 212-555-0123', '212-555-0123'],
  ])('%s', (text, number) => {
    const numbers = found(text, 'structured').map((each) => each.replace(/^\S+ \S+: /, ''));
    expect(numbers).toEqual([number]);
  });
});

describe('what stands around it tells', () => {
  it.each([
    ['born on 12.03.1985', 'person.birth_date likely: 12.03.1985'],
    ['geboren am 12. März 1985', 'person.birth_date likely: 12. März 1985'],
    ['née le 12 mars 1985', 'person.birth_date likely: 12 mars 1985'],
    ['fecha de nacimiento: 12 de marzo de 1985', 'person.birth_date likely: 12 de marzo de 1985'],
    ['nata il 12/03/1985', 'person.birth_date likely: 12/03/1985'],
    ['geboortedatum 12 maart 1985', 'person.birth_date likely: 12 maart 1985'],
    ['nascido em 12 de março de 1985', 'person.birth_date likely: 12 de março de 1985'],
    ['urodzona 12 marca 1985', 'person.birth_date likely: 12 marca 1985'],
    ['född 1985-03-12', 'person.birth_date likely: 1985-03-12'],
    ['DOB: March 12, 1985', 'person.birth_date likely: March 12, 1985'],
    [
      '123 Sample Street, Springfield, IL 62701',
      'person.address certain: 123 Sample Street, Springfield, IL 62701',
    ],
    ['10 Sample Road, London SW1A 2AA', 'person.address certain: 10 Sample Road, London SW1A 2AA'],
    ['Hauptstraße 12, 10115 Berlin', 'person.address certain: Hauptstraße 12, 10115 Berlin'],
    ['Berliner Str. 12a\n10115 Berlin', 'person.address certain: Berliner Str. 12a\n10115 Berlin'],
    ['12 rue de la Fontaine, 75002 Paris', 'person.address certain: 12 rue de la Fontaine, 75002 Paris'],
    ['Calle Mayor, 5, 28013 Madrid', 'person.address certain: Calle Mayor, 5, 28013 Madrid'],
    ['Via Roma 10, 00184 Roma', 'person.address certain: Via Roma 10, 00184 Roma'],
    ['Kerkstraat 12a, 1017 GL Amsterdam', 'person.address certain: Kerkstraat 12a, 1017 GL Amsterdam'],
    ['Rua Augusta 5, 1100-048 Lisboa', 'person.address certain: Rua Augusta 5, 1100-048 Lisboa'],
    ['ul. Długa 10, 00-950 Warszawa', 'person.address certain: ul. Długa 10, 00-950 Warszawa'],
    ['Storgatan 5, 111 22 Stockholm', 'person.address certain: Storgatan 5, 111 22 Stockholm'],
    ['Dear Anna,', 'person.name likely: Anna'],
    ['Hallo Jörg!', 'person.name likely: Jörg'],
    ['my name is Max van der Muster.', 'person.name likely: Max van der Muster'],
    ['Ich heiße Erika Beispiel', 'person.name likely: Erika Beispiel'],
    ["je m'appelle Zoé", 'person.name likely: Zoé'],
    ['me llamo José García', 'person.name likely: José García'],
    ['Jag heter Märta', 'person.name likely: Märta'],
    ['asked Mr. J. Muster about', 'person.name likely: J. Muster'],
    ['Frau Dr. Beispiel sagt', 'person.name likely: Beispiel'],
    ["Kind regards,\nSean O'Neill\n", "person.name likely: Sean O'Neill"],
    ['Viele Grüße\n\nAnna Beispiel', 'person.name likely: Anna Beispiel'],
    ['{"first_name": "anna"}', 'person.name likely: anna'],
    ["lastName='de la Cruz'", 'person.name likely: de la Cruz'],
    ['Customer: Anna Beispiel\n', 'person.name likely: Anna Beispiel'],
    ['To: Anna Beispiel, Max', 'person.name likely: Anna Beispiel'],
    ['"street_address": "Foo 12 b"', 'person.address likely: Foo 12 b'],
  ])('%s', (text, finding) => {
    expect(found(text)).toEqual([finding]);
    expect(found(text, 'structured')).toEqual([]);
  });

  it('finds the name before an e-mail address', () => {
    expect(found('"Anna Beispiel" <anna@example.org>')).toEqual([
      'person.email certain: anna@example.org',
      'person.name likely: Anna Beispiel',
    ]);
  });

  it.each([
    'Dear Sir or Madam, Hello World! Hi there, Hey ChatGPT,',
    'The release of 12.03.2025 was late. On March 12, 2025 we met.',
    'MS SQL Server and my name is HEAD. Thanks,\nThe team',
    '{"name": "get_weather", "name": "Main Menu", "title": "Dr Strange"}',
    'the top 10 Wall Art ideas, 5 Best Places, 12 Angry Men, Via 5, Ring 3',
    'Best,\nif you want',
  ])('nothing in: %s', (text) => {
    expect(found(text).filter((each) => !each.includes(' possible:') && !each.includes('Strange'))).toEqual(
      [],
    );
  });
});

describe('a value under a name', () => {
  it.each([
    ['first_name', 'anna', 'person.name likely: anna'],
    ['customer', 'Anna Beispiel', 'person.name likely: Anna Beispiel'],
    ['name', 'Anna Beispiel', 'person.name possible: Anna Beispiel'],
    ['billingPhone', '030 901820', 'person.phone certain: 030 901820'],
    ['shipping_address_line1', ' Foo 12 ', 'person.address likely: Foo 12'],
    ['shipping_address', ' Foo 12 ', 'person.address likely: Foo 12'],
    ['dateOfBirth', '1985-03-12', 'person.birth_date certain: 1985-03-12'],
    ['SSN', '536221234', 'person.national_id likely: 536221234'],
    ['card-number', '4111111111111111', 'payment.card certain: 4111111111111111'],
    ['iban', 'DE89 3704 0044 0532 0130 00', 'payment.iban certain: DE89 3704 0044 0532 0130 00'],
    ['client_ip', '8.8.8.8', 'network.ip likely: 8.8.8.8'],
    ['Straße', 'x', null],
    ['name', 'get_weather', null],
    ['model', 'gpt-5', null],
    ['content', 'Anna Beispiel', null],
    ['', 'Anna', null],
  ])('%s: %s', (name, value, finding) => {
    expect(byName(name, value)).toEqual(finding === null ? [] : [finding]);
  });
});
