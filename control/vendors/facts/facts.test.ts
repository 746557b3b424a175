import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { coverageOf, missingOf, readFacts, readVendor } from './index.ts';

/** A vendor that there is not. */
const acme = `format: drawbridge.vendor/1
id: acme
name: Acme
category: analytics
sources:
  docs: { url: 'https://docs.acme.example/', as_of: '2026-11-22' }
legal_name: { is: Acme Example Ltd, from: docs }
headquarters: { is: IE, from: docs }
services:
  - { id: events, name: Acme Events, from: docs }
domains:
  - { is: acme.example, from: docs }
hosts:
  - { is: '*.eu.acme.example', region: EU, service: events, from: docs }
urls:
  privacy: { is: 'https://acme.example/privacy', from: docs }
  status: { is: 'https://status.acme.example', from: docs }
  dpa: { is: 'https://acme.example/dpa', from: docs }
certifications:
  - { scheme: soc2, type: '2', from: docs }
`;
const read = (text: string, file = 'acme.yaml') => readVendor(file, text);
const vendorOf = (text: string) => {
  const found = read(text);
  if (!('vendor' in found)) throw new Error(found.problems.map(({ message }) => message).join('\n'));
  return found.vendor;
};
const problemsOf = (text: string, file?: string) => {
  const found = read(text, file);
  return 'problems' in found
    ? found.problems.map(({ line, field, message }) => `${line} ${field} ${message}`)
    : [];
};

const shipped = fileURLToPath(new URL('../../../packs/vendors/known', import.meta.url));

test('what is shipped is right', async () => {
  const { vendors, problems } = await readFacts(shipped);
  expect(problems).toEqual([]);
  expect(vendors.map(({ id }) => id)).toContain('mixpanel');
});

describe('a vendor', () => {
  test('is read whole', () => {
    expect(vendorOf(acme)).toMatchObject({ id: 'acme', hosts: [{ is: '*.eu.acme.example', region: 'EU' }] });
  });

  test.each([
    ['a fact without a source', '{ is: IE, from: docs }', '{ is: IE }', '8 headquarters.from'],
    ['a source that is not there', '{ is: IE, from: docs }', '{ is: IE, from: blog }', '8 headquarters.from'],
    [
      'a source where nothing was read',
      "as_of: '2026-11-22' }\n",
      "as_of: '2026-11-22' }\n  blog: { url: 'https://blog.acme.example/', as_of: '2026-11-22' }\n",
      '7 sources.blog',
    ],
    ['a source without a date', ", as_of: '2026-11-22'", '', '6 sources.docs.as_of'],
    ['a service that is not there', 'service: events', 'service: models', '14 hosts[0].service'],
    ['an address without TLS', "'https://acme.example/dpa'", "'http://acme.example/dpa'", '18 urls.dpa.is'],
    ['a law as a certification', 'scheme: soc2', 'scheme: gdpr', '20 certifications[0].scheme'],
    ['a member that there is not', 'headquarters:', 'headquarter:', '8 headquarter'],
    ['a domain with capitals', 'is: acme.example,', 'is: Acme.example,', '12 domains[0].is'],
    [
      'a value of a secret',
      'certifications:',
      "env:\n  - { is: 'ACME_KEY=x', from: docs }\ncertifications:",
      '20 env[0].is',
    ],
    [
      'a dashboard at somebody else’s',
      "  dpa: { is: 'https://acme.example/dpa', from: docs }",
      "  admin: { is: 'https://app.acme.example.net/', from: docs }",
      '18 urls.admin.is',
    ],
    [
      'a sender in capitals',
      'certifications:',
      'mail:\n  - { is: NoReply@acme.example, kind: vendor, from: docs }\ncertifications:',
      '20 mail[0].is',
    ],
    [
      'a sender that is named twice',
      'certifications:',
      'mail:\n  - { is: noreply@acme.example, kind: vendor, from: docs }\n  - { is: noreply@acme.example, kind: relayed, from: docs }\ncertifications:',
      '21 mail[1].is',
    ],
  ])('%s is refused where it stands', (_, before, after, at) => {
    expect(acme).toContain(before);
    const [first = ''] = problemsOf(acme.replace(before, after));
    expect(first.startsWith(`${at} `)).toBe(true);
  });

  test('sends mail by domains and by whole addresses', () => {
    const senders = [
      { is: 'acme.example', kind: 'relayed', from: 'docs' },
      { is: 'no-reply@mail.acme.example', kind: 'vendor', from: 'docs' },
    ];
    const text = `${acme}mail: ${JSON.stringify(senders)}\n`;
    expect(vendorOf(text).mail).toEqual(senders);
    for (const is of [
      '@acme.example',
      'a b@acme.example',
      'x@y@acme.example',
      'x@acme',
      '"x"@acme.example',
      '.x@acme.example',
    ])
      expect([
        is,
        problemsOf(text.replace('no-reply@mail.acme.example', is.replaceAll('"', '\\"')))[0],
      ]).toEqual([is, '21 mail[1].is is no domain and no mail address in lower case']);
  });

  test('and no other sends from the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-facts-'));
    try {
      const mail = 'mail:\n  - { is: noreply@mailer.example, kind: vendor, from: docs }\n';
      const other = acme
        .replace('id: acme', 'id: bolt')
        .replace('name: Acme\n', 'name: Bolt\n')
        .replaceAll('acme.example,', 'bolt.example,');
      await writeFile(join(folder, 'acme.yaml'), acme + mail);
      await writeFile(join(folder, 'bolt.yaml'), other + mail);
      const { problems } = await readFacts(folder);
      expect(problems.map(({ file, field, message }) => [file, field, message])).toEqual([
        ['bolt.yaml', 'mail', "mail of noreply@mailer.example is acme's already"],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is called as its file is, and has no aliases', () => {
    expect(problemsOf(acme, 'other.yaml')).toEqual(['2 id is not what the file is called (other.yaml)']);
    expect(problemsOf(`${acme}data: &a []\nmail: *a\n`)[0]).toContain('has aliases');
  });
});

describe('complete', () => {
  test('is who says who it is, has its documents, and can be seen in use', () => {
    expect(missingOf(vendorOf(acme))).toEqual([]);
    const bare = acme
      .replace(/legal_name.*\n/, '')
      .replace(/hosts:\n.*\n/, '')
      .replace(/ {2}status.*\n/, '')
      .replace(/certifications:\n.*\n/, '');
    expect(missingOf(vendorOf(bare))).toEqual([
      'legal_name',
      expect.stringContaining('1 of urls.privacy'),
      expect.stringContaining('one of packages'),
      'one of certifications, access',
    ]);
  });

  test('counts facts by member', () => {
    const { legal_name: _, ...rest } = vendorOf(acme);
    const coverage = coverageOf([vendorOf(acme), { ...rest, id: 'acme-two' }]);
    expect(coverage).toMatchObject({
      vendors: 2,
      complete: 1,
      facts: 17,
      members: { legal_name: 1, hosts: 2, 'urls.dpa': 2 },
      categories: { analytics: 2 },
    });
  });
});
