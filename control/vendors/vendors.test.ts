import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { lintPacks, loadPacks, packRoutes } from './index.ts';
import { readPack } from './load.ts';
import { isFieldPath, isRecordsPath } from './meaning.ts';
import { acmeCatalogue, acmePack } from './testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-packs-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The line (from 1) of the pack on which a text first stands. */
const lineOf = (text: string, pack = acmePack) => pack.slice(0, pack.indexOf(text)).split('\n').length;

function problemsOf(text: string) {
  const read = readPack('acme.yaml', text);
  return 'problems' in read ? read.problems : [];
}
/** Changes the pack once, and says on which line the change begins. */
function changed(from: string, to: string) {
  expect(acmePack).toContain(from);
  return { text: acmePack.replace(from, to), line: lineOf(from) };
}

test('the packs of this repository are right', async () => {
  const { problems } = await lintPacks(fileURLToPath(new URL('../../packs/vendors', import.meta.url)));
  expect(problems).toEqual([]);
});

test('a path may end in a verb', () => {
  const { text } = changed('/export/{project}', '/export/{project}:runNow');
  expect(problemsOf(text)).toEqual([]);
});

test('a right pack is read whole', async () => {
  await writeFile(join(folder, 'acme.yaml'), acmePack);
  await writeFile(join(folder, 'README.md'), 'not a pack');
  const packs = await loadPacks(folder);
  expect(packs.map((pack) => pack.services.map((service) => service.id))).toEqual([['analytics', 'models']]);
});

describe('a wrong form is pointed to by line and field', () => {
  const cases: [string, string, string, string][] = [
    ['kind: analytics', 'kind: analytical', 'services[0].kind', 'kind:'],
    ['host: eu.acme.test', 'host: "not a host"', 'services[0].regions[1].host', 'host: eu'],
    [
      'class: person.email',
      'class: person.mail',
      'services[0].endpoints[0].fields.fields[1].class',
      'class: person.email',
    ],
    [
      'person.id: { do: pseudonymise }',
      'person.id: { do: hash }',
      'services[0].contracts.recommended.classes.person.id.do',
      'person.id',
    ],
    ['      - in: basic', '      - in: cookie', 'services[0].auth[1].in', '- in: basic'],
    ['as_of: 2025-11-09', 'as_of: last autumn', 'as_of', 'as_of'],
    ['homepage: https', 'home_page: https', 'home_page', 'homepage'],
  ];
  test.each(cases)('%s → %s', (from, to, field, at) => {
    const { text } = changed(from, to);
    const problem = problemsOf(text).find((one) => one.field === field);
    expect(problem).toMatchObject({ file: 'acme.yaml', line: lineOf(at), message: expect.any(String) });
  });

  test('what is missing is pointed to by what it is missing from', () => {
    const text = acmePack.replace('              rank: 0\n', '');
    expect(problemsOf(text)).toMatchObject([
      {
        field: 'services[0].endpoints[0].fields.subjects[0].rank',
        line: lineOf('- path: properties.distinct_id'),
      },
    ]);
  });

  test('what is missing from a block is pointed to by the block’s name', () => {
    const text = acmePack.replace('        path: /track\n', '');
    expect(problemsOf(text)).toMatchObject([
      { field: 'services[0].endpoints[0].path', line: lineOf('- id: track', text) },
    ]);
  });

  test('each unknown member is named where it stands', () => {
    const { text, line } = changed(
      '    browser: true',
      '    browser: true\n    browsers: false\n    cookies: no',
    );
    expect(problemsOf(text)).toMatchObject([
      { field: 'services[0].browsers', line: line + 1 },
      { field: 'services[0].cookies', line: line + 2 },
    ]);
  });
});

describe('what is formed right but can not be so', () => {
  const cases: [string, string, string, string][] = [
    ['twin services', '  - id: models', '  - id: analytics', 'services[1].id'],
    ['twin regions', '- id: eu', '- id: us', 'services[0].regions[1].id'],
    ['twin endpoints', '- id: export', '- id: track', 'services[0].endpoints[1].id'],
    [
      'a sample of no endpoint',
      '      endpoint: track',
      '      endpoint: trace',
      'services[0].sample.endpoint',
    ],
    [
      'a sample that has no body',
      '      endpoint: track',
      '      endpoint: export',
      'services[0].sample.endpoint',
    ],
    ['a sample that is no JSON', `'{"messages":[`, `'{"messages":(`, 'services[1].sample.body'],
    [
      'a parameter not in the path',
      '          project: org',
      '          account: org.id\n          project: org',
      'services[0].endpoints[1].path_params.account',
    ],
    [
      'a parameter without a class',
      '        path: /export/{project}',
      '        path: /export/{project}/{person}',
      'services[0].endpoints[1].path',
    ],
    [
      'twin parameters',
      '        path: /export/{project}',
      '        path: /export/{project}/{project}',
      'services[0].endpoints[1].path',
    ],
    [
      'half a segment as parameter',
      '/export/{project}',
      '/export/p-{project}',
      'services[0].endpoints[1].path',
    ],
    ['a verb that is none', '/export/{project}', '/export/{project}:2', 'services[0].endpoints[1].path'],
    [
      'a torn field path',
      'path: properties.$email',
      'path: properties..$email',
      'services[0].endpoints[0].fields.fields[1].path',
    ],
    [
      'two rules for one path',
      'path: properties.$email',
      'path: event',
      'services[0].endpoints[0].fields.fields[1].path',
    ],
    [
      '** in the middle',
      'path: properties.$email',
      'path: properties.**.email',
      'services[0].endpoints[0].fields.fields[1].path',
    ],
    [
      'a torn subject path',
      'path: properties.distinct_id',
      'path: properties[0].id',
      'services[0].endpoints[0].fields.subjects[0].path',
    ],
    ['a torn records path', 'records: $[*]', 'records: $[0]', 'services[0].endpoints[0].fields.records'],
    [
      'an e-mail that passes',
      'person.email: { do: drop }',
      'person.email: { do: pass }',
      'services[0].contracts.recommended.classes.person.email',
    ],
    [
      'an e-mail that passes to an AI service',
      'content.prompt: { do: pass }',
      'person.email: { do: pass }\n          content.prompt: { do: pass }',
      'services[1].contracts.recommended.classes.person.email',
    ],
    [
      'an unmapped property that passes',
      'unmapped: { do: drop }',
      'unmapped: { do: pass }',
      'services[0].contracts.recommended.unmapped.do',
    ],
    [
      'unknown names that pass',
      'names: { do: pseudonymise, allowed: [] }',
      'names: { do: pass, allowed: [] }',
      'services[0].contracts.recommended.names.do',
    ],
  ];
  test.each(cases)('%s', (_what, from, to, field) => {
    const { text, line } = changed(from, to);
    expect(problemsOf(text)).toMatchObject([{ field, line }]);
  });

  test('everything else passing in a recommended contract names each guarded class', () => {
    const { text, line } = changed('otherwise: { do: drop }', 'otherwise: { do: pass }');
    const problems = problemsOf(text);
    expect(problems.every((one) => one.line === line && one.field.endsWith('recommended.otherwise'))).toBe(
      true,
    );
    expect(problems.map((one) => one.message).join(' ')).toMatch(/"person\.name".*"network\.ip"/s);
  });

  test('a credential in a body, where no endpoint has one', () => {
    const { text } = changed('path: /track\n        body: json', 'path: /track\n        body: none');
    expect(problemsOf(text).map((one) => one.field)).toContain('services[0].auth[0].in');
  });
});

describe('hostile files', () => {
  test('broken YAML, tabs, twin names and bombs are told by line, and nothing is thrown', () => {
    expect(problemsOf('format: [')).toMatchObject([{ line: 1, field: '(yaml)' }]);
    expect(problemsOf('format: a\nformat: b\n')).toMatchObject([{ line: 2, field: '(yaml)' }]);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefg'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect(problemsOf(bomb)).toMatchObject([{ field: '(pack)', message: expect.stringMatching(/alias/i) }]);
    expect(problemsOf('')).toMatchObject([{ field: '(pack)', line: 1 }]);
    expect(problemsOf('- 1\n- 2')).toMatchObject([{ field: '(pack)' }]);
  });

  test('any text is read or refused with a place', () => {
    fc.assert(
      fc.property(fc.nat(acmePack.length), fc.nat(40), fc.string({ maxLength: 12 }), (at, cut, insert) => {
        const text = acmePack.slice(0, at) + insert + acmePack.slice(at + cut);
        for (const problem of problemsOf(text)) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.field).not.toBe('');
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a file too large, and a second pack of one vendor, are refused by name; the others are kept', async () => {
    await writeFile(join(folder, 'acme.yaml'), acmePack);
    await writeFile(join(folder, 'again.yaml'), acmePack);
    await writeFile(join(folder, 'large.yaml'), `# ${'x'.repeat(1024 * 1024)}\n${acmePack}`);
    const { packs, problems } = await lintPacks(folder);
    expect(packs).toHaveLength(1);
    expect(problems.map(({ file, field }) => [file, field])).toEqual([
      ['again.yaml', 'vendor'],
      ['large.yaml', '(pack)'],
    ]);
    await expect(loadPacks(folder)).rejects.toThrow(/again\.yaml:1:1 vendor: .*\nlarge\.yaml:1:1/);
  });
});

describe('a field map that another pack has', () => {
  const like = (name: string, more = '') =>
    acmePack
      .replace('vendor: acme', 'vendor: bolt')
      .replace(
        /fields:\n {10}records: \$\n[\s\S]*?unmapped: content\.unmapped\n/,
        `fields: { like: ${name}${more} }\n`,
      );
  const mapOf = (packs: { vendor: string; services: { endpoints: { fields?: unknown }[] }[] }[]) =>
    packs.find((pack) => pack.vendor === 'bolt')?.services[1]?.endpoints[0]?.fields;

  test('is written out, with rules of its own first', async () => {
    await writeFile(join(folder, 'acme.yaml'), acmePack);
    const own = ", subjects: [], fields: [{ path: 'user', class: person.id }]";
    // Whichever file is read first.
    await writeFile(join(folder, 'a-bolt.yaml'), like('acme/models/chat', own));
    const { packs, problems } = await lintPacks(folder);
    expect([problems, packs.map((pack) => pack.vendor)]).toEqual([[], ['bolt', 'acme']]);
    expect(mapOf(packs)).toEqual({
      records: '$',
      fields: [
        { path: 'user', class: 'person.id' },
        { path: 'messages[*].content', class: 'content.prompt' },
      ],
      subjects: [],
      unmapped: 'content.unmapped',
    });
  });

  test('gives way to a rule for the same path', async () => {
    await writeFile(join(folder, 'acme.yaml'), acmePack);
    const own = ", fields: [{ path: 'messages[*].content', class: person.name }]";
    await writeFile(join(folder, 'bolt.yaml'), like('acme/models/chat', own));
    expect(mapOf((await lintPacks(folder)).packs)).toMatchObject({
      fields: [{ path: 'messages[*].content', class: 'person.name' }],
    });
  });

  test('that is not there is pointed to by name', async () => {
    await writeFile(join(folder, 'acme.yaml'), acmePack);
    const text = like('acme/models/talk');
    await writeFile(join(folder, 'bolt.yaml'), text);
    const { packs, problems } = await lintPacks(folder);
    expect(packs.map((pack) => pack.vendor)).toEqual(['acme']);
    expect(problems).toMatchObject([
      {
        file: 'bolt.yaml',
        line: lineOf('{ like: acme', text),
        field: 'services[1].endpoints[0].fields.like',
        message: expect.stringContaining('"acme/models/talk"'),
      },
    ]);
  });
});

test('field and records paths', () => {
  for (const path of [
    'event',
    'properties.$email',
    '$set.*',
    'messages[*].content',
    'metadata.**',
    '**',
    '*',
    'a[*][*].b',
  ]) {
    expect([path, isFieldPath(path)]).toEqual([path, true]);
  }
  for (const path of ['', '.', 'a.', '.a', 'a[0]', 'a[*', '**.a', 'a.**.b']) {
    expect([path, isFieldPath(path)]).toEqual([path, false]);
  }
  for (const path of ['$', '$[*]', 'batch[*]', 'data.items[*]'])
    expect([path, isRecordsPath(path)]).toEqual([path, true]);
  for (const path of ['', '$.', 'batch[0]', '*', 'a.**'])
    expect([path, isRecordsPath(path)]).toEqual([path, false]);
});

describe('routes', () => {
  const app = createRouter();
  app.onError(handleErrors(pino({ enabled: false })));
  app.route('/', packRoutes(acmeCatalogue()));

  test('list packs in short and one service whole', async () => {
    const list = await (await app.request('/packs')).json();
    expect(list).toMatchObject({
      items: [
        {
          vendor: 'acme',
          asOf: '2025-11-09',
          services: [{ id: 'analytics', browser: true }, { id: 'models' }],
        },
      ],
    });
    expect(JSON.stringify(list)).not.toContain('contracts');
    const service = await (await app.request('/packs/acme/analytics')).json();
    expect(service).toMatchObject({ contracts: { recommended: { otherwise: { do: 'drop' } } } });
  });

  test('an unknown service is a problem 404', async () => {
    const answer = await app.request('/packs/acme/unknown');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'not_found' });
  });

  test('the OpenAPI document can be made', () => {
    const document = app.getOpenAPIDocument({ openapi: '3.1.0', info: { title: 'Test', version: '1' } });
    expect(Object.keys(document.paths ?? {})).toEqual(['/packs', '/packs/{vendor}/{service}']);
  });
});
