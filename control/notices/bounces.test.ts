import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBounce } from './bounces.ts';

const notice = '0199c0de-0000-7000-8000-0000000000a1';
const dsn = (action = 'failed', id = `<notice.${notice}.2.17@example.org>`): string =>
  [
    'From: MAILER-DAEMON@mx.example',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    'Final-Recipient: rfc822; ada@example.com',
    `Action: ${action}`,
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1',
    '  no such user here',
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${id}`,
    'Subject: x',
    '--b--',
  ].join('\r\n');

describe('a bounce', () => {
  test('says whose mail came back, and why', () => {
    expect(readBounce(dsn())).toEqual({
      notice,
      version: 2,
      n: 17,
      said: 'Diagnostic-Code: smtp; 550 5.1.1 no such user here',
    });
    // Cut by quoted-printable, and quoted twice.
    const cut = `Sorry.\n> In-Reply-To: <notice.${notice.slice(0, 9)}=\n${notice.slice(9)}.2.17@example.org>\n`;
    expect(readBounce(`${cut}${cut}`)).toMatchObject({
      notice,
      n: 17,
      said: expect.stringContaining('Sorry.'),
    });
  });

  test.each([
    ['of no mail of ours', 'Undelivered mail', /quotes no Message-ID/],
    ['of several', `${dsn()}${dsn('failed', `<notice.${notice}.2.18@example.org>`)}`, /several mails/],
    ['that only says that it takes long', dsn('delayed'), /is delayed, and not that it failed/],
    ['that says that it arrived', dsn('delivered'), /is delivered/],
  ])('%s is refused', (_, text, message) => {
    expect(() => readBounce(text)).toThrow(message);
  });

  test('of whatever text a stranger wrote is read in bounded work, or refused with the field', () => {
    const parts = fc.constantFrom(
      `<notice.${notice}.1.1@`,
      'Action:',
      ' failed',
      '\n',
      '=\n',
      'Diagnostic-Code:',
      ' ',
      '<notice.',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string()), { maxLength: 60 }), (texts) => {
        try {
          expect(readBounce(texts.join('')).said.length).toBeLessThanOrEqual(500);
        } catch (error) {
          expect(error).toMatchObject({ status: 422 });
        }
      }),
    );
    for (const long of [
      '=\n'.repeat(50_000),
      'Diagnostic-Code:\n '.repeat(6_000),
      `<notice.${'a'.repeat(99_000)}`,
    ]) {
      const began = performance.now();
      expect(() => readBounce(long)).toThrow();
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });
});
