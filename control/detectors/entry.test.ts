import { foundClasses } from '@drawbridge/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../platform/index.ts';
import { type Entry, formsOf, isRefused } from './entry.ts';
import { countryOf, languageOf } from './place.ts';
import { type Format, readList } from './read.ts';

/** Forms and files, without a database. All people are made up. */
const forms = (entry: Entry): string[] => {
  const found = formsOf(entry, 'business.term');
  if (isRefused(found)) throw new Error(`${found.field} ${found.message}`);
  return found.map(({ class: name, words }) => `${name} ${words.join(' ')}`).sort();
};

describe('forms in which an entry is found', () => {
  test.each<[Partial<Entry>, string[]]>([
    [
      { given: 'Ada Maria', family: 'Muster' },
      ['ada maria muster', 'ada muster', 'muster ada', 'muster ada maria'],
    ],
    [{ name: 'Ada Muster' }, ['ada muster', 'muster ada']],
    [{ name: 'Muster, Ada' }, ['ada muster', 'muster ada']],
    [
      { name: 'Jürgen  Groß Muster' },
      ['jurgen gross muster', 'jurgen muster', 'muster jurgen', 'muster jurgen gross'],
    ],
  ])('of a person %j: full names in both orders, and no name alone', (entry, names) => {
    expect(forms({ kind: 'person', ...entry })).toEqual(names.map((name) => `person.name ${name}`));
  });

  test('of a person: address, number with and without its calling code, alias, employer', () => {
    const entry: Entry = {
      kind: 'person',
      email: 'Ada.Muster@Example.com',
      phone: '+49 (0)151 23456789',
      alias: 'adam42',
      employer: 'Muster & Söhne GmbH',
    };
    expect(forms(entry)).toEqual([
      'org.name muster sohne',
      'org.name muster sohne gmbh',
      'person.email ada muster example com',
      'person.name adam42',
      'person.phone #15123456789',
      'person.phone #4915123456789',
    ]);
  });

  test.each<[Partial<Entry>, string]>([
    [{ name: 'Ada' }, 'name'],
    [{ given: 'Ada', family: '-' }, 'family'],
    [{ alias: 'ada' }, 'alias'],
    [{ name: 'Ada Muster', country: 'Atlantis' }, 'country'],
    [{ name: 'Ada Muster', country: 'DEU' }, 'country'],
    [{ name: 'Ada Muster', language: 'Deutsch' }, 'language'],
    [{ name: 'Ada Muster', language: 'qx' }, 'language'],
    [{ country: 'DE', language: 'de' }, 'name'],
    [{ email: 'no address' }, 'email'],
    [{ phone: '123' }, 'phone'],
    [{ phone: 'call me 12345678' }, 'phone'],
    [{ name: '=HYPERLINK("http://a.example")' }, 'name'],
    [{ name: '@SUM(A1)' }, 'name'],
    [{ name: 'Ada Muster\u0007' }, 'name'],
    [{ name: 'J\ufffdrgen Muster' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 'a b c d e f g h i' }, 'name'],
    [{ employer: 'x' }, 'employer'],
    [{}, 'name'],
  ])('none of %j, and says which member', (entry, field) => {
    expect(formsOf({ kind: 'person', ...entry }, 'business.term')).toMatchObject({ field });
  });

  test('any entry has forms of one to eight words, or is refused by a member that does not quote it', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Ü', ' ', '=', '@', '.', '1', '\n', '漢', ','),
      maxLength: 30,
    });
    const entry = fc.record(
      {
        kind: fc.constantFrom('person', 'organisation', 'term'),
        name: text,
        email: text,
        phone: text,
        alias: text,
      },
      { requiredKeys: ['kind'] },
    );
    fc.assert(
      fc.property(entry, (given) => {
        const found = formsOf(given as Entry, 'business.term');
        if (isRefused(found)) expect(found.message).not.toContain('漢');
        else for (const { words } of found) expect(words.length >= 1 && words.length <= 8).toBe(true);
      }),
    );
  });
});

describe('what is handed in', () => {
  const wrong = async (
    format: Format,
    content: string,
    kind: 'people' | 'words' = 'people',
  ): Promise<string> => {
    try {
      await readList(kind, format, content);
    } catch (error) {
      if (error instanceof Problem) return error.errors?.[0]?.message ?? '';
      throw error;
    }
    throw new Error('it was taken');
  };

  test('a table with BOM, semicolons, quotes and columns of several names', async () => {
    const table =
      '\ufeffFirst Name;LAST_NAME;E-Mail;Shoe size\n"Ada ""A.""";Muster;ada@example.com;39\n\nBob;Beispiel;;\n';
    expect(await readList('people', 'csv', table)).toEqual({
      entries: [
        { line: 2, entry: { kind: 'person', given: 'Ada "A."', family: 'Muster', email: 'ada@example.com' } },
        { line: 4, entry: { kind: 'person', given: 'Bob', family: 'Beispiel' } },
      ],
      refused: [],
      ignored: ['Shoe size'],
    });
  });

  test('where people are and what they read, under the names that exports have; alone they name nobody', async () => {
    const { entries, ignored } = await readList(
      'people',
      'csv',
      'Mail,Land,Preferred Language\na@example.com,Germany,de_DE\n',
    );
    expect([entries[0]?.entry, ignored]).toEqual([
      { kind: 'person', email: 'a@example.com', country: 'Germany', language: 'de_DE' },
      [],
    ]);
    expect(await wrong('csv', 'country,locale\nDE,de\n')).toContain('has no column that is known');
  });

  test.each([
    ['DE', 'DE'],
    ['de', 'DE'],
    ['Germany', 'DE'],
    ['United Kingdom', 'GB'],
    ['Deutschland', null],
    ['ZZ', null],
  ])('the country "%s" is %s', (text, country) => expect(countryOf(text)).toBe(country));

  test.each([
    ['de', 'de'],
    ['de-CH', 'de'],
    ['pt_BR', 'pt'],
    ['ZH-hant', 'zh'],
    ['German', null],
    ['', null],
    ['qx', null],
  ])('the language "%s" is %s', (tag, language) => expect(languageOf(tag)).toBe(language));

  test('a JSON list, and what in it is no text', async () => {
    const read = await readList(
      'people',
      'json',
      '[{"name":"Ada Muster","kind":"person"},{"name":7},{"type":"robot"}]',
    );
    expect(read.entries).toEqual([{ line: 1, entry: { kind: 'person', name: 'Ada Muster' } }]);
    expect(read.refused.map(({ line, field }) => [line, field])).toEqual([
      [2, 'name'],
      [3, 'kind'],
    ]);
  });

  test('words as lines, and as a column', async () => {
    const names = ['Nordstern', 'Projekt "Süd"'];
    const { entries } = await readList('words', 'lines', `${names.join('\r\n')}\n\n`);
    expect(entries.map(({ entry }) => entry.name)).toEqual(names);
    expect(await readList('words', 'csv', 'term,owner\nNordstern,x\n')).toMatchObject({
      entries: [{ entry: { kind: 'term', name: 'Nordstern' } }],
      ignored: ['owner'],
    });
  });

  test('a large table leaves others their turn', async () => {
    let turns = 0;
    let next: NodeJS.Immediate;
    const take = (): void => {
      turns++;
      next = setImmediate(take);
    };
    next = setImmediate(take);
    const read = await readList('people', 'csv', `name\n${'Ada Muster\n'.repeat(20_000)}`);
    clearImmediate(next);
    expect(read.entries).toHaveLength(20_000);
    expect(turns).toBeGreaterThan(30);
  });

  test.each<[Format, string, string]>([
    ['csv', 'name\nJ\ufffdrgen Muster', 'line 2 was not written in UTF-8'],
    ['csv', 'name\nAda\0', 'UTF-8'],
    ['csv', 'shoe size\n39', 'no column that is known'],
    ['csv', 'email,E-Mail\na,b', 'two columns are the email'],
    ['csv', 'name\n"never closed', 'a quote is opened'],
    ['csv', 'name', 'holds no entry'],
    ['csv', `name\n${'x'.repeat(16 * 1024 * 1024)}`, 'is longer than'],
    ['json', '{"name":"Ada"', 'is no JSON'],
    ['json', '{"name":"Ada"}', 'is no list of objects'],
    ['lines', ' \n ', 'holds no entry'],
    ['lines', 'x\n'.repeat(100_001), 'holds more than 100000 entries'],
  ])('%s: is refused whole where it is no list (%#)', async (format, content, words) => {
    expect(await wrong(format, content)).toContain(words);
  });

  test('what stands in a broken list is not in the message', async () => {
    expect(await wrong('json', '[{"email": ada@example.com}]')).not.toContain('ada');
  });
});

test('lines are counted as they stand, and what is too large is refused before it is taken apart', async () => {
  const { entries } = await readList('words', 'lines', '\ufeffAlpha\r\n\r\n Beta \nGamma');
  expect(entries).toEqual([
    { line: 1, entry: { kind: 'term', name: 'Alpha' } },
    { line: 3, entry: { kind: 'term', name: 'Beta' } },
    { line: 4, entry: { kind: 'term', name: 'Gamma' } },
  ]);
  const wide = JSON.stringify([Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`m${at}`, '']))]);
  for (const [format, content, said] of [
    ['lines', 'a\n'.repeat(1_000_000), 'more than 100000 entries'],
    ['json', `[${'{},'.repeat(1_000_000)}{}]`, 'more than 100000 entries'],
    ['json', wide, 'at most 200 members'],
    ['json', '[[]]', 'no list of objects'],
  ] as const) {
    await expect(readList('words', format, content)).rejects.toThrow(said);
  }
});

test('classes are kept by their place in the vocabulary: it stays as it is, and new ones come last', () => {
  expect(foundClasses.slice(0, 19)).toEqual([
    ...['secret.api_key', 'secret.token', 'secret.password', 'secret.private_key'],
    ...['person.email', 'person.phone', 'person.name', 'person.address', 'person.birth_date'],
    ...['person.national_id', 'payment.card', 'payment.iban', 'network.ip', 'network.mac', 'org.name'],
    ...['web.url', 'business.term', 'business.marker', 'custom.match'],
  ]);
});
