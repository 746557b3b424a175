import { compileRegister, judgeMail } from '@drawbridge/authenticity';
import { expect, test } from 'vitest';
import { type Given, mail, now, register } from '../../libs/authenticity/testing/mail.ts';
import { createReporter, reportInWords } from './report.ts';

const compiled = compileRegister(register);

test('a mailbox of one’s own: by vendor, who would be accused and why, and who is not known', async () => {
  const reporter = createReporter();
  const given: Given[] = [
    {},
    { signer: null, dmarc: null },
    { from: 'Acme AI Support <x@gatherer.example>', signer: null, dmarc: null },
    { from: 'Acme AI Support <y@gatherer.example>', signer: null, dmarc: null },
    { from: 'News <n@paper.example>', signer: 'paper.example' },
    { from: 'News <n@paper.example>', signer: 'paper.example' },
    { from: 'Acme AI <x@acmeai-mail.com>', signer: 'acmeai-mail.com', subject: 'News', text: 'Hello.' },
    { from: 'Ada <ada@somebody.example>', signer: null, dmarc: null },
  ];
  for (const [n, one] of given.entries()) {
    const { raw, resolver } = await mail(one);
    reporter.add(`${n}.eml`, await judgeMail(raw, { register: compiled, resolver, now, arrival: 'file' }));
  }
  reporter.addUnread();
  const report = reporter.report();
  expect(report).toMatchObject({
    verdicts: { 'verified-authentic': 1, unverified: 5, 'likely-impersonation': 2 },
    unread: 1,
    vendors: { 'Acme AI': { 'verified-authentic': 1, unverified: 2, 'likely-impersonation': 2 } },
    unknown: [
      { domain: 'paper.example', messages: 2 },
      { domain: 'acmeai-mail.com', messages: 1 },
    ],
    accused: [{ vendor: 'Acme AI', signal: 'name_of_vendor', messages: 2, files: ['2.eml', '3.eml'] }],
  });
  const words = reportInWords(report);
  expect(words).toContain('2 domains proved themselves');
  expect(words).toMatch(/2 {2}Acme AI: It calls itself Acme AI.*\(2\.eml, 3\.eml\)/);
});
