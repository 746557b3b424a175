import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { foreignLinks, wrongPage } from './checks.ts';
import { asWords, blocksOf, toHtml, toPlain } from './markup.ts';
import { noticePdf } from './pdf.ts';
import { readTemplate } from './template.ts';
import { type NoticeHouse, noticeHouse } from './testing.ts';

/** What is made of a notice's text, and what is checked in it. */
const hostile = `<script>alert(1)</script> "quoted" <img src=x onerror='x'> & ](javascript:x) \u0000 %PDF endstream`;

describe('a text', () => {
  test('is escaped in HTML and plain in mail, whatever it holds', () => {
    const html = toHtml(hostile, `## ${hostile}\n\n${hostile}\n\n- ${hostile}`, 'en');
    expect(html).not.toMatch(/<script|<img|onerror='/);
    expect(html.match(/&lt;script&gt;/g)).toHaveLength(5);
    expect(html).not.toMatch(/<(a|link|iframe|style|form)\b/);
    expect(toPlain('## Head\n\ntext\nmore\n\n- one\n- two')).toBe(
      'Head\n----\n\ntext\nmore\n\n* one\n* two\n',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const body = toHtml('s', text, 'en').split('<body>')[1] ?? '';
        expect(body.replaceAll(/<\/?(h1|h2|p|ul|li|br|body|html)>/g, '')).not.toMatch(/[<>]/);
      }),
    );
  });

  test('of a fact is never a heading or an item of the notice around it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('## a', '- b', '# c', ' - ## d', 'e', '', '##f', '-g'), { maxLength: 8 }),
        (lines) => {
          expect(blocksOf(asWords(lines.join('\n'))).filter(({ kind }) => kind !== 'text')).toEqual([]);
        },
      ),
    );
  });

  test('names whatever a mail program would make a link of, but the organisation’s own page', () => {
    const page = 'https://example.org/incident';
    for (const text of [
      'https://example.net/login',
      'HTTPS://EXAMPLE.NET',
      '(http://example.net)',
      'www.example.net',
      'see example.net/reset now',
      'example.com.',
      'https://example.org/login',
      'https://example.org/incident?next=//example.net',
      'https://example.org/incident/../login',
      'javascript:alert(1)',
      'mailto:a@example.net',
      'ｈｔｔｐｓ://example.net',
      'evil.xyz',
      'https://user@example.org/incident',
    ]) {
      expect([text, foreignLinks(text, page).length]).toEqual([text, 1]);
    }
    for (const text of [
      'https://example.org/incident.',
      'Ask privacy@example.org',
      'z.B. am 12.11.2025 um 10.30',
      'data: name, e-mail',
      'i.d.R. u.a.',
      '1.204 people',
      '(https://example.org/incident)',
    ]) {
      expect([text, foreignLinks(text, page)]).toEqual([text, []]);
    }
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(
          foreignLinks(`${before} https://example.net/${after.replaceAll(/\s/g, '')} x`, page).length,
        ).toBeGreaterThan(0);
      }),
    );
  });

  test('sends people to a page that is there to be read', () => {
    expect(wrongPage('https://example.org/incident')).toBeNull();
    expect(wrongPage('')).toBeNull();
    for (const page of [
      'http://example.org',
      'https://example.org/login',
      'https://auth.example.org/x',
      'https://example.org/?next=x',
      'https://a:b@example.org/',
      'example.org',
    ]) {
      expect([page, wrongPage(page)]).toEqual([page, expect.any(String)]);
    }
  });
});

describe('a document', () => {
  const content = (pdf: Buffer): string => {
    const parts: string[] = [pdf.toString('latin1')];
    for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 7)) {
      const end = pdf.indexOf('endstream', at);
      try {
        parts.push(inflateSync(pdf.subarray(at + 7, end)).toString('latin1'));
      } catch {
        // Not every stream is deflated.
      }
    }
    return parts.join('\n');
  };
  test('is a tagged PDF in its language, of one page for a brief, and takes hostile text as text', async () => {
    const facts = Array.from(
      { length: 8 },
      (_, at) =>
        `## Part ${at}\n\nA sentence or two of some length about what happened, when, and to whom.\n\n- an item`,
    ).join('\n\n');
    const pdf = await noticePdf({
      subject: 'Vorfall 7: Größe',
      text: facts,
      language: 'de',
      date: new Date(0),
      isBrief: true,
    });
    const text = content(pdf);
    expect(text).toContain('/Lang (de)');
    expect(text).toContain('/MarkInfo');
    expect(text).toContain('/StructTreeRoot');
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
    const other = content(
      await noticePdf({
        subject: hostile,
        text: `## ${hostile}\n\n${hostile}\n\n- ${hostile}`,
        language: 'en',
        date: new Date(0),
      }),
    );
    expect(other).not.toMatch(/\/(JavaScript|JS|URI|Launch|OpenAction)\b/);
  });
});

describe('a template', () => {
  const good = `format: drawbridge.notice/1
id: one
for: people
basis: null
as_of: '2026-01-01'
recipients: entered
en: { name: One, subject: 'S {party}', body: 'B {absent}' }
de: { name: Eins, subject: 'S', body: 'B {absent}' }
`;
  test('is read, or refused with line and field', () => {
    expect(readTemplate('one.yaml', good)).toMatchObject({ template: { id: 'one', own_scope: false } });
    const problem = (text: string, file = 'one.yaml') => {
      const read = readTemplate(file, text);
      return 'problems' in read ? [read.problems[0]?.field, read.problems[0]?.line] : null;
    };
    expect(problem(good.replace('{party}', '{partei}'))).toEqual(['en.subject', 7]);
    expect(problem(good.replace("'B {absent}' }\nde", "'B' }\nde"))).toEqual(['en.body', 1]);
    expect(problem(good.replace('for: people', 'for: nobody'))).toEqual(['for', 3]);
    expect(problem(good, 'two.yaml')).toEqual(['id', 1]);
    expect(problem(`${good}x: *a`)).not.toBeNull();
    expect(problem('x'.repeat(70_000))).toEqual(['', 1]);
  });
});

describe('of an incident', () => {
  let platform: TestPlatform;
  let house: NoticeHouse;
  beforeAll(async () => {
    platform = await testPlatform();
    house = await noticeHouse(platform, {
      logged: [
        {
          id: 'c1',
          at: '2025-11-09T08:00:00.000Z',
          actor: 'person-1',
          act: 'notice.approve',
          reason: 'I read it',
          index: 4,
          agrees: 'yes',
          payload: '{}',
          salt: 'AA==',
          entry: 'BB==',
          proof: 'made-up proof',
        },
      ],
    });
  });
  afterAll(() => platform.close());
  beforeEach(async () => {
    await platform.pool.query('TRUNCATE incident, change, setting CASCADE');
    house.as('person-1');
  });
  const open = async (given: object = {}): Promise<string> =>
    (
      await house.ask('POST', '/incidents', {
        title: '=HYPERLINK("x")',
        playbook: 'made-up',
        party: 'mixpanel',
        reason: 'A test',
        ...given,
      })
    ).body.id;
  const entry = (over: object = {}) => ({
    facts: 'Taken',
    effects: 'Lures',
    remedial: 'Cut off',
    authority: 'not_notified',
    authorityWhy: 'No risk: all of it was pseudonyms',
    persons: 'undecided',
    personsWhy: '',
    basedOn: 0,
    reason: 'Decided in the room',
    ...over,
  });

  test('the register has every breach, decided or not, and no drill; not telling somebody needs its reason', async () => {
    const [id, drill] = [await open(), await open({ drill: true })];
    const first = await house.ask('GET', '/breach-register');
    expect(
      first.body.items.map((one: { incident: { id: string }; authority: string }) => [
        one.incident.id,
        one.authority,
      ]),
    ).toEqual([[id, 'undecided']]);
    expect(
      (await house.ask('PUT', `/incidents/${id}/breach`, entry({ authorityWhy: '' }))).body.errors[0].field,
    ).toBe('authorityWhy');
    expect((await house.ask('PUT', `/incidents/${drill}/breach`, entry())).status).toBe(422);
    const kept = await house.ask('PUT', `/incidents/${id}/breach`, entry());
    expect(kept.body).toMatchObject({
      version: 1,
      authority: 'not_notified',
      authorityWhy: 'No risk: all of it was pseudonyms',
    });
    const both = await Promise.all(
      [1, 2].map((at) =>
        house.ask('PUT', `/incidents/${id}/breach`, entry({ basedOn: 1, facts: `Taken ${at}` })),
      ),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    // What was decided is a decision of the incident, with its reason.
    const { decisions } = (await house.ask('GET', `/incidents/${id}`)).body;
    expect(decisions[0]).toMatchObject({
      about: 'breach_register',
      source: 'No risk: all of it was pseudonyms',
    });
    const table = (await house.ask('GET', '/breach-register.csv')).bytes.toString();
    expect(table.split('\r\n')).toHaveLength(3);
    expect(table).toContain(`"'=HYPERLINK(""x"")"`);
    expect(table).not.toMatch(/(^|,)=/m);
  });

  test('the file holds facts, decisions, notices and timeline, and the proofs as an attachment', async () => {
    const id = await open();
    await house.ask('PUT', `/incidents/${id}/breach`, entry());
    const { body } = await house.ask('GET', `/incidents/${id}/fact-sheet`);
    await house.ask('PUT', `/incidents/${id}/fact-sheet`, { sheet: body.sheet, basedOn: 0 });
    await house.ask('POST', `/incidents/${id}/notices`, { template: 'authority-gdpr', language: 'en' });
    const file = await house.ask('GET', `/incidents/${id}/file.pdf`);
    expect([file.status, file.bytes.subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
    const text = file.bytes.toString('latin1');
    expect(text).toContain('/EmbeddedFile');
    expect(text).toContain('proofs.json');
    const attached = [...text.matchAll(/stream\n/g)].flatMap(({ index }) => {
      try {
        return [inflateSync(file.bytes.subarray(index + 7, text.indexOf('endstream', index))).toString()];
      } catch {
        return [];
      }
    });
    expect(attached.some((one) => one.includes('made-up proof'))).toBe(true);
  });

  test('the report to the financial supervisor gives fields by number, and null for what is not known', async () => {
    const id = await open();
    await house.ask('PUT', '/organisation/notices', {
      name: 'Example Bank',
      contact: 'a@example.org',
      informationPage: '',
      reason: 'A test',
    });
    const { body } = await house.ask('GET', `/incidents/${id}/fact-sheet`);
    for (const one of [
      ...body.sheet.notAffected.map(({ label }: { label: { en: string; de: string } }) => label),
      ...body.sheet.unknowns,
    ])
      one.de = one.en;
    await house.ask('PUT', `/incidents/${id}/fact-sheet`, { sheet: body.sheet, basedOn: 0 });
    const notice = (
      await house.ask('POST', `/incidents/${id}/notices`, { template: 'authority-dora', language: 'en' })
    ).body;
    const exported = (format: string) =>
      house.ask('POST', `/incidents/${id}/notices/${notice.id}/export`, { format });
    expect((await exported('json')).body.code).toBe('wrong_state');
    await house.ask('POST', `/incidents/${id}/notices/${notice.id}/review`, {});
    house.as('person-2');
    expect(
      (
        await house.ask('POST', `/incidents/${id}/notices/${notice.id}/approval`, {
          version: 1,
          decision: 'approve',
          reason: 'I read it',
        })
      ).status,
    ).toBe(200);
    const { body: file } = await exported('json');
    const { fields } = JSON.parse(Buffer.from(file.base64, 'base64').toString());
    expect(fields['1.2'].value).toBe('Example Bank');
    expect(fields['2.8'].value).toBe('Mixpanel');
    expect(fields['3.4']).toMatchObject({ grade: 'observed', value: expect.stringContaining('1204') });
    expect(fields['3.25']).toEqual({
      name: 'Threats and techniques used',
      value: null,
      grade: 'unknown',
      source: null,
    });
    expect((await house.ask('GET', `/incidents/${id}/notices/${notice.id}`)).body.state).toBe('exported');
    const { rows } = await platform.pool.query(`SELECT detail FROM change WHERE act = 'notice.export'`);
    expect(rows[0].detail).toMatchObject({ format: 'json', sha256: file.sha256 });
    for (const format of ['text', 'html', 'pdf']) expect((await exported(format)).status).toBe(200);
    const other = (
      await house.ask('POST', `/incidents/${id}/notices`, { template: 'status', language: 'en' })
    ).body;
    expect(
      (await house.ask('POST', `/incidents/${id}/notices/${other.id}/export`, { format: 'json' })).status,
    ).toBe(422);
  });
});
