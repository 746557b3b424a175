import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { knownOf, type VendorFacts } from '../../vendors/index.ts';
import { diffLists } from './diff.ts';
import { heldBack } from './held.ts';
import { matcher } from './match.ts';
import { nameKey } from './names.ts';
import { type ListRow, readList } from './read.ts';

const row = (name: string, more: Partial<ListRow> = {}): ListRow => ({
  name,
  purpose: '',
  location: '',
  data: '',
  conditions: '',
  url: '',
  ...more,
});

describe('a published list', () => {
  it('is read from the table of a page, by its heads', () => {
    const page = `<!doctype html><title>x</title><table><tr><td>Menu</td></tr></table>
      <table><thead><tr><th>Entity name</th><th>Purpose of processing</th><th>Entity country</th><th>Applicable service</th></tr></thead>
      <tbody><tr><td><a href="https://www.acme.example/">Acme, <b>Inc.</b></a></td><td>Hosting<br>Backup</td><td>Ireland</td><td>EU plan</td></tr>
      <tr><td>Beta GmbH</td><td>Support</td><td>Germany</td></tr></tbody></table>`;
    expect(readList(page)).toEqual({
      format: 'html',
      rows: [
        row('Acme, Inc.', {
          purpose: 'Hosting Backup',
          location: 'Ireland',
          url: 'https://www.acme.example/',
        }),
        row('Beta GmbH', { purpose: 'Support', location: 'Germany' }),
      ].map((one, at) => (at === 0 ? { ...one, conditions: 'EU plan' } : one)),
    });
  });

  it('of tables within tables is read from the innermost, in time that grows with the page', () => {
    const deep = 3_000;
    const page = `${'<table><tr><td>'.repeat(deep)}<table><tr><th>Name<th>Country<tr><td>Acme<td>Ireland</table>`;
    const began = performance.now();
    expect(readList(page, 'html').rows).toEqual([row('Acme', { location: 'Ireland' })]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is read from the innermost items of a page without tables', () => {
    const page =
      '<div><ul><li>Hosting<ul><li>Acme Inc. (Ireland): storage</li><li>Beta – mail</li></ul></li></ul></div>';
    expect(readList(page).rows).toEqual([
      row('Acme Inc.', { purpose: 'storage', location: 'Ireland' }),
      row('Beta', { purpose: 'mail' }),
    ]);
  });

  it('is read from Markdown, CSV and pasted lines', () => {
    expect(
      readList(
        '# Ours\n\n| Subprocessor | Location |\n|---|:---:|\n| [Acme](https://acme.example) | **US** |\n\nEnd',
      ).rows,
    ).toEqual([row('Acme', { location: 'US', url: 'https://acme.example/' })]);
    expect(readList('Vendor;Purpose;Data\n"Acme; Inc.";Mail;E-mail addresses\n').rows).toEqual([
      row('Acme; Inc.', { purpose: 'Mail', data: 'E-mail addresses' }),
    ]);
    expect(readList('Acme Inc.\nBeta – mail\n\nWe update this page from time to time.').rows).toEqual([
      row('Acme Inc.'),
      row('Beta', { purpose: 'mail' }),
    ]);
  });

  it('has each name once, with all that is said of it', () => {
    expect(readList('name,location\nAcme Inc.,US\n"ACME, Inc",EU\nAcme,US').rows).toEqual([
      row('Acme Inc.', { location: 'US; EU' }),
    ]);
  });

  it('shows what a page would run as text, and keeps no address but of the web', () => {
    const [found] = readList(
      `<table><tr><th>Vendor</th><th>Website</th></tr><tr><td>&lt;img src=x onerror=alert(1)&gt;<script>alert(1)</script></td>
       <td><a href="javascript:alert(1)">here</a></td></tr></table>`,
    ).rows;
    expect(found).toEqual(row('<img src=x onerror=alert(1)>'));
  });

  it('that is none is refused, with what to do', () => {
    expect(() => readList('<html><body><p>Loading…</p></body></html>')).toThrow(/pasted as text/);
    expect(() => readList('a'.repeat(1_000_001))).toThrow(/longer than 1000000/);
    expect(() => readList('colour,size\nred,2', 'csv')).toThrow(/call it "name"/);
    expect(() => readList('name,location\n"Acme,US', 'csv')).toThrow(/content: line/);
  });

  it('is read in bounded time, however deep or twisted it is', () => {
    const started = performance.now();
    for (const hostile of [
      '<div>'.repeat(190_000),
      `<table>${'<tr><td>'.repeat(120_000)}`,
      `| a | b |\n|---|---|\n${'|'.repeat(900_000)}`,
      '['.repeat(900_000),
      `- ${'<'.repeat(900_000)}`,
      `<table><tr><th colspan=99999999>Vendor</th></tr><tr><td>A</td></tr></table>`,
    ]) {
      try {
        readList(hostile);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request' });
      }
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test('any text is a list or is refused as none, and every row is plain text that is bounded', () => {
  const piece = fc.constantFrom(
    '<table>',
    '<tr>',
    '<td>',
    '<th>Vendor',
    '</table>',
    '<li>',
    '|',
    '---',
    '\n',
    'Acme',
    ',',
    '"',
    '- ',
    '\u202e',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      let rows: ListRow[];
      try {
        rows = readList(pieces.join('')).rows;
      } catch (error) {
        expect(error).toMatchObject({ status: 422 });
        return;
      }
      const keys = rows.map(({ name }) => nameKey(name));
      expect(new Set(keys).size).toBe(keys.length);
      for (const text of rows.flatMap((one) => Object.values(one))) {
        expect(text.length).toBeLessThanOrEqual(2_000);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }),
    { numRuns: 300 },
  );
});

describe('a later version', () => {
  it('tells who is new, who is gone, and whose words changed', () => {
    const was = [row('Acme Inc.', { location: 'US' }), row('Beta'), row('Gone')];
    const is = [row('ACME, Inc.', { location: 'EU' }), row('Beta'), row('Fresh')];
    expect(diffLists(was, is)).toEqual({
      added: [row('Fresh')],
      gone: [row('Gone')],
      changed: [{ was: was[0], is: is[0], fields: ['name', 'location'] }],
    });
  });

  test('from one to the other and back is the same, turned round', () => {
    const list = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { maxLength: 5 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [one, other] = [a.map((name) => row(name)), b.map((name) => row(name))];
        const [there, back] = [diffLists(one, other), diffLists(other, one)];
        expect(there.added).toEqual(back.gone);
        expect(there.gone).toEqual(back.added);
        expect(diffLists(one, one)).toEqual({ added: [], gone: [], changed: [] });
      }),
    );
  });
});

describe('a later version waits for a person', () => {
  const rows = (...names: string[]) => names.map((name) => row(name));
  test.each([
    ['shares no row with the last one', rows('A', 'B'), rows('Home', 'Pricing', 'Contact'), 'replaced'],
    ['lost more than half of the last one', rows('A', 'B', 'C'), rows('A', 'X', 'Y', 'Z'), 'shrunk'],
    ['lost half of it', rows('A', 'B'), rows('A'), null],
    ['has the same names, written otherwise', rows('Acme, Inc.'), rows('ACME'), null],
    ['has more', rows('A'), rows('A', 'B', 'C', 'D'), null],
  ])('that %s', (_, was, is, held) => {
    expect(heldBack(was, is)).toBe(held);
  });

  test('a first one does not', () => {
    expect(heldBack(undefined, rows('A'))).toBeNull();
  });
});

describe('which vendor a row is', () => {
  const facts = (id: string, name: string, domain: string, legal?: string) =>
    ({
      id,
      name,
      domains: [{ is: domain, from: 'x' }],
      ...(legal === undefined ? {} : { legal_name: { is: legal, from: 'x' } }),
    }) as unknown as VendorFacts;
  const known = knownOf([
    facts('google-cloud', 'Google Cloud', 'cloud.google.com', 'Google LLC'),
    facts('gmail', 'Gmail', 'gmail.com', 'Google LLC'),
    facts('acme', 'Acme', 'acme.example', 'Acme Holdings, Inc.'),
  ]);
  const match = matcher(
    known,
    new Map([
      ['gamma', 'acme'],
      ['our affiliate', null],
    ]),
  );

  it('is known by its name, legal name or domain', () => {
    expect(match(row('ACME, Inc.'))).toEqual({ by: 'name', vendor: 'acme' });
    expect(match(row('Acme Holdings Inc'))).toEqual({ by: 'name', vendor: 'acme' });
    expect(match(row('The A Company', { url: 'https://www.acme.example/x' }))).toEqual({
      by: 'domain',
      vendor: 'acme',
    });
  });

  it('is asked where two have the name, where name and link differ, and where names only begin alike', () => {
    expect(match(row('Google LLC'))).toEqual({
      by: 'nobody',
      vendor: null,
      suggestions: ['google-cloud', 'gmail'],
    });
    expect(match(row('Acme', { url: 'https://gmail.com' }))).toMatchObject({
      by: 'nobody',
      suggestions: ['acme', 'gmail'],
    });
    expect(match(row('Google Cloud Platform'))).toMatchObject({
      by: 'nobody',
      suggestions: ['google-cloud', 'gmail'],
    });
    expect(match(row('Nobody knows'))).toEqual({ by: 'nobody', vendor: null, suggestions: [] });
  });

  it('is what a person decided before', () => {
    expect(match(row('Gamma, Ltd.'))).toEqual({ by: 'decision', vendor: 'acme' });
    expect(match(row('Our affiliate'))).toEqual({ by: 'decision', vendor: null });
  });
});
