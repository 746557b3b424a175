import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClockFile, readClockFile } from './clock-packs.ts';
import { joinLaw, readClockLaw } from './load.ts';
import { lawsFolder, shippedClockLaw } from './testing.ts';

const files = await Promise.all(
  ['clocks', 'holidays'].map(async (folder) =>
    Promise.all(
      (await readdir(join(lawsFolder, folder))).map(async (name) => ({
        file: `${folder}/${name}`,
        text: await readFile(join(lawsFolder, folder, name), 'utf8'),
      })),
    ),
  ),
).then((lists) => lists.flat());
const textOf = (file: string): string => files.find((one) => one.file === file)?.text ?? '';
const gdpr = textOf('clocks/gdpr.yaml');

/** `file:line field: message` of a file that is changed. */
function linted(text: string, file = 'gdpr.yaml'): string[] {
  const read = readClockFile(file, text);
  return 'problems' in read
    ? read.problems.map(({ line, field, message }) => `${line} ${field}: ${message}`)
    : [];
}

/** The same of all files with one changed. */
function joined(file: string, change: (text: string) => string): string[] {
  const read = joinLaw(files.map((one) => (one.file === file ? { file, text: change(one.text) } : one)));
  return 'problems' in read ? read.problems.map((one) => `${one.file} ${one.field}: ${one.message}`) : [];
}

describe('the law on deadlines that is shipped', () => {
  it('fits together', async () => {
    const read = await readClockLaw(lawsFolder);
    expect('problems' in read ? read.problems : []).toEqual([]);
    expect(files.every(({ text }) => isClockFile(text))).toBe(true);
  });

  it('has the regimes and the calendars that it is to have', async () => {
    const { rules, calendars } = await shippedClockLaw();
    expect([...new Set(rules.map(({ regime }) => regime))].toSorted()).toEqual([
      'AI Act',
      'CRA',
      'DORA',
      'GDPR',
      'NIS2',
      'Swiss law',
      'UK GDPR',
      'US SEC',
    ]);
    expect(
      calendars
        .map(({ id }) => id)
        .toSorted()
        .join(' '),
    ).toBe('AT BE CH DE ES EU FR GB IE IT LU NL PL SE US');
  });

  it('says of every rule where it was read, and that nobody reviewed it', async () => {
    const { rules } = await shippedClockLaw();
    for (const { id, source, reviewed_by, recipient, content } of rules) {
      expect(source.url, id).toMatch(/^https:/);
      expect(source.citation, id).not.toBe('');
      expect(reviewed_by, id).toBe('');
      expect(recipient, id).not.toBe('');
      expect(content.length, id).toBeGreaterThan(0);
    }
  });

  it('uses every question and every time', async () => {
    const { rules, questions, times } = await shippedClockLaw();
    const text = JSON.stringify(rules);
    expect(questions.filter(({ id }) => !text.includes(`"${id}"`)).map(({ id }) => id)).toEqual([]);
    // These are for contracts and insurers, and for what a vendor owes us.
    const forOwn = new Set(['told_by_vendor', 'vendor_aware', 'claim_known']);
    expect(
      times.filter(({ id }) => !forOwn.has(id) && !text.includes(`"${id}"`)).map(({ id }) => id),
    ).toEqual([]);
  });
});

describe('the lint of law on deadlines', () => {
  it('names line and member', () => {
    expect(linted(gdpr.replace('status: in_force', 'status: in_forse'))).toEqual([
      '28 rules.0.status: Invalid option: expected one of "in_force"|"armed"|"horizon"',
    ]);
    expect(linted(gdpr.replace('within: { hours: 72 }', 'within: { hourz: 72 }'))[0]).toContain(
      'rules.0.due.within',
    );
    expect(linted(gdpr.replace('    recipient:', '    receiver:'))).toEqual([
      expect.stringMatching(/^\d+ rules\.0\.recipient: /),
      expect.stringMatching(/^\d+ rules\.0\.receiver: there is no such member$/),
    ]);
  });

  it('wants each source that is named, and each that is listed to be used', () => {
    expect(linted(gdpr.replace('    from: gdpr\n', '    from: elsewhere\n'))).toEqual([
      expect.stringMatching(/^\d+ rules\.0\.from: there is no source elsewhere$/),
    ]);
    expect(linted(gdpr.replace(/ {2}omnibus:.*\n/, '').replace('from: omnibus', 'from: gdpr'))).toEqual([]);
    expect(linted(gdpr.replace('from: omnibus', 'from: gdpr'))).toEqual([
      expect.stringMatching(/^\d+ sources\.omnibus: no rule was read there: leave it out$/),
    ]);
  });

  it('takes no member that JavaScript has of its own for a source', () => {
    expect(linted(gdpr.replace('    from: gdpr\n', '    from: constructor\n'))).toEqual([
      expect.stringMatching(/rules\.0\.from: there is no source constructor$/),
    ]);
  });

  it('lets nothing be in force that is not yet', () => {
    expect(linted(gdpr.replace("valid_from: '2018-05-25'", "valid_from: '2027-01-01'"))).toEqual([
      expect.stringMatching(/valid_from: lies after as_of/),
    ]);
  });

  it('refuses circles, and what other files do not have, with the file that says it', () => {
    expect(
      joined('clocks/nis2.yaml', (text) =>
        text
          .replace('starts: { time: aware_significant }', 'starts: { submitted: [nis2-final], take: first }')
          .replace('submitted: [nis2-notification, nis2-notification-trust]', 'submitted: [nis2-warning]'),
      ),
    ).toEqual([
      'clocks/nis2.yaml nis2-warning.starts: starts from its own submission: nis2-warning after nis2-final after nis2-warning',
    ]);
    expect(
      joined('clocks/gdpr.yaml', (text) => text.replace('{ is: controller }', '{ is: controler }')),
    ).toEqual(['clocks/gdpr.yaml gdpr-33.applies: asks controler, which is no question']);
    expect(joined('holidays/US.yaml', (text) => text.replace('id: US', 'id: UX'))).toContain(
      'clocks/us-sec.yaml sec-8k.due.counting.calendar: there is no calendar US',
    );
  });

  it('refuses holidays that make no sense', () => {
    const de = textOf('holidays/DE.yaml');
    expect(linted(de.replace("{ fixed: '10-03' }", "{ fixed: '13-03' }"))[0]).toContain('holidays.6.when');
    expect(linted(de.replace('{ from: 2018, until: 2035 }', '{ from: 2036, until: 2035 }'))).toEqual([
      expect.stringContaining('known: ends before it begins'),
    ]);
    expect(
      linted(de.replace("{ fixed: '10-03' } }", "{ fixed: '10-03' }, moves: { '6': 1 }, substitute: true }")),
    ).toEqual([expect.stringContaining('a holiday moves or has a substitute day, not both')]);
  });

  it('refuses aliases, floods and depth, quickly', () => {
    expect(linted('format: drawbridge.clocks/1\na: &a [x]\nb: *a\n')[0]).toContain('has aliases');
    expect(linted(`format: drawbridge.clocks/1\n#${'x'.repeat(300_000)}`)[0]).toContain('has more than');
    expect(linted(`format: drawbridge.clocks/1\nrules: ${'['.repeat(50_000)}`)[0]).toContain('nests deeper');
    expect(linted(`format: drawbridge.clocks/1\nrules: ${'{a: '.repeat(50_000)}`)[0]).toContain(
      'nests deeper',
    );
    expect(linted(`format: drawbridge.clocks/1\nrules:\n  ${'- '.repeat(50_000)}`)[0]).toContain(
      'nests deeper',
    );
    const not = (depth: number): string => `${'{ not: '.repeat(depth)}{ is: gdpr }${' }'.repeat(depth)}`;
    expect(linted(gdpr.replace('{ all: [{ is: gdpr }, { is: controller }] }', not(5)))).toEqual([]);
    expect(linted(gdpr.replace('{ all: [{ is: gdpr }, { is: controller }] }', not(5000)))[0]).toContain(
      'nests deeper',
    );
  });

  it('answers whatever text with a reading or with problems', () => {
    const pieces = fc.array(
      fc.oneof(fc.string(), fc.constantFrom(...gdpr.split('\n'), '{', '[', '- ', '? ', ': ', '&a', '*a')),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(pieces, (lines) => {
        const read = readClockFile('x.yaml', `format: drawbridge.clocks/1\n${lines.join('\n')}`);
        expect('problems' in read ? read.problems.length : 1).toBeGreaterThan(0);
      }),
    );
  });
});
