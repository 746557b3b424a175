import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { AuthenticityError } from './error.ts';
import { judgeMail, judgeText } from './judge.ts';
import { forwardedMessage } from './mail.ts';
import { qrIn } from './qr.ts';
import { compiled, dns, type Given, mail, now } from './testing/mail.ts';
import { type Arrival, type Verdict, verdicts } from './types.ts';

/** All messages, vendors and keys are made up. */

async function judge(given: Given = {}, more: { arrival?: Exclude<Arrival, 'text'>; at?: Date } = {}) {
  const { raw, resolver } = await mail(given);
  return judgeMail(raw, {
    register: compiled,
    resolver,
    now: more.at ?? now,
    arrival: more.arrival ?? 'file',
  });
}
const signalsOf = ({ evidence }: { evidence: { signal: string }[] }) => evidence.map(({ signal }) => signal);

describe('what is verified', () => {
  test('a registered sender of the vendor’s own words, whose signature holds', async () => {
    const judged = await judge();
    expect([judged.verdict, judged.vendor?.id, judged.messageClass, judged.topic]).toEqual([
      'verified-authentic',
      'acme-ai',
      'vendor',
      'usage',
    ]);
    expect(signalsOf(judged)).toContain('registered_sender');
  });

  test('also where its links count clicks, which is its own choice', async () => {
    const html =
      '<a href="https://u1.ct.mailer.example/ls/click?upn=1">platform.acmeai.com</a> <a href="https://acmeai.com/">Acme</a>';
    expect((await judge({ html })).verdict).toBe('verified-authentic');
  });

  test.each<[string, Given, string]>([
    [
      'what users of it wrote is not, though it is signed',
      { from: 'notifications@codehost.com', signer: 'codehost.com' },
      'dkim_aligned',
    ],
    ['news are not', { from: 'Acme AI <news@news.acmeai.com>' }, 'dkim_aligned'],
    ['another address of the domain is not', { from: 'Acme AI <ceo@acmeai.com>' }, 'own_domain'],
    ['a signature of a part of the body is not', { length: 5 }, 'dkim_partial'],
    ['one whose time is over is not', { expires: new Date(now.getTime() - 1000) }, 'dkim_expired'],
    [
      'answers that go elsewhere are not',
      { headers: ['Reply-To: help@gatherer.example'] },
      'reply_elsewhere',
    ],
    ['what asks for a key is not', { text: 'Please reply with your API key to keep access.' }, 'asks_key'],
    [
      'a page of its own is not',
      {
        parts: [
          'Content-Type: text/html; name="form.html"\r\nContent-Disposition: attachment; filename="form.html"\r\n\r\n<form></form>',
        ],
      },
      'active_attachment',
    ],
    ['a form is not', { html: '<form action="https://gatherer.example/"><input></form>' }, 'form'],
    [
      'a link that shows one host and leads to another is not',
      { html: '<a href="https://gatherer.example/">platform.acmeai.com</a>' },
      'shown_elsewhere',
    ],
    ['a shortened link is not', { text: 'See https://short.example/x' }, 'shortener'],
  ])('%s', async (_, given, signal) => {
    const judged = await judge(given);
    expect(judged.verdict).toBe('unverified');
    expect(signalsOf(judged)).toContain(signal);
  });

  test.each<[string, Given]>([
    ['somebody else', { signer: 'gatherer.example' }],
    [
      'a neighbour below a private suffix',
      { from: 'Acme AI <x@gatherer.pages.dev>', signer: 'gatherer.pages.dev' },
    ],
    ['an algorithm that is broken', { algorithm: 'rsa-sha1' }],
  ])('signed by %s it is not', async (_, given) => {
    expect((await judge(given)).verdict).not.toBe('verified-authentic');
  });

  test('a weak key is not, and a key that is gone is unverified and no accusation', async () => {
    expect((await judge({ bits: 768 })).verdict).not.toBe('verified-authentic');
    const { raw } = await mail();
    const judged = await judgeMail(raw, {
      register: compiled,
      resolver: dns({ '_dmarc.acmeai.com': 'v=DMARC1; p=reject' }),
      now,
      arrival: 'file',
    });
    expect([judged.verdict, signalsOf(judged).includes('dkim_no_key')]).toEqual(['unverified', true]);
  });

  test('where DNS does not answer it is neither', async () => {
    const { raw } = await mail();
    const judged = await judgeMail(raw, {
      register: compiled,
      resolver: async () => {
        throw Object.assign(new Error('made-up outage'), { code: 'ESERVFAIL' });
      },
      now,
      arrival: 'file',
    });
    expect(judged.verdict).toBe('unverified');
  });

  test('results that are written in the message count for nothing', async () => {
    const headers = [
      'Authentication-Results: mx.ours.example; dkim=pass header.d=acmeai.com; spf=pass; dmarc=pass header.from=acmeai.com',
      'ARC-Authentication-Results: i=1; bigmail.example; dmarc=pass',
      'Received-SPF: pass',
    ];
    const bare = await judge({ signer: null });
    const judged = await judge({ signer: null, headers });
    expect([judged.verdict, signalsOf(judged)]).toEqual([bare.verdict, signalsOf(bare)]);
    expect(judged.verdict).toBe('unverified');
  });

  test('one letter changed on the way, and it is not', async () => {
    const { raw, resolver } = await mail();
    const changed = Buffer.from(raw.toString().replace('reached its limit', 'reached its limlt'));
    const judged = await judgeMail(changed, { register: compiled, resolver, now, arrival: 'file' });
    expect([judged.verdict, signalsOf(judged).includes('dkim_broken')]).toEqual(['unverified', true]);
  });

  test('forwarded as text it is not, and it says how to forward it', async () => {
    const judged = await judge({
      text: '---------- Forwarded message ---------\r\nFrom: Acme AI <noreply@tm.acmeai.com>\r\n\r\nLimit reached',
    });
    expect([judged.verdict, judged.forwardAsAttachment]).toEqual(['unverified', true]);
  });
});

describe('what is told and weighs little', () => {
  test('a wish that is denied is none, and one that stands beside it is', async () => {
    const ask = async (text: string) =>
      signalsOf(await judge({ text })).filter((one) => one.startsWith('asks_'));
    expect(
      await ask('Never share your code with anyone. We will not ask you to send us your API key.'),
    ).toEqual([]);
    expect(await ask('Never share your code. Reply with your API key.')).toEqual(['asks_key']);
    expect(await ask('Do not forget to send us your API key.')).toEqual(['asks_key']);
    expect(await ask('We will never ask\nSend us your API key')).toEqual(['asks_key']);
  });

  test('a proven and registered sender may hurry people', async () => {
    const text = 'Please confirm this address within 24 hours.';
    expect((await judge({ text })).verdict).toBe('verified-authentic');
    expect(signalsOf(await judge({ text, signer: null }))).toContain('urgent');
  });
});

describe('tricks of display', () => {
  test.each<[string, Given, string]>([
    ['a second subject', { headers: ['Subject: Call us'] }, 'header_twice'],
    ['a name of another vendor', { from: 'Codehost <noreply@tm.acmeai.com>' }, 'name_of_other'],
    [
      'a name that hides in a group',
      { from: 'Acme AI: x@gatherer.example;', signer: null },
      'name_of_vendor',
    ],
    [
      'several senders, the vendor’s first',
      { from: 'Acme AI <noreply@tm.acmeai.com>, x@gatherer.example', signer: 'gatherer.example' },
      'from_not_one',
    ],
    [
      'encoded words that hold an address',
      { from: '=?utf-8?Q?Acme_AI_=3Cnoreply=40acmeai.com=3E?= <x@gatherer.example>', signer: null },
      'address_in_name',
    ],
    [
      'text that turns around',
      { from: '"\u202eIA emcA" <x@gatherer.example>', signer: null },
      'hidden_characters',
    ],
    [
      'a name of blanks that are letters',
      { from: '"Acme\u2800AI" <x@gatherer.example>', signer: null },
      'hidden_characters',
    ],
    [
      'a link whose words hide a character',
      { html: '<a href="https://gatherer.example/">platform\u200b.acmeai.com</a>' },
      'shown_elsewhere',
    ],
    [
      'a base that all links take',
      { html: '<base href="https://short.example/"><a href="x">open</a>' },
      'shortener',
    ],
    [
      'a comment that one program shows',
      { html: '<!--[if mso]><a href="https://short.example/x">open</a><![endif]-->' },
      'shortener',
    ],
    ['a link without a scheme', { html: '<a href="//short.example/x">open</a>' }, 'shortener'],
    ['a host in the text without a scheme', { text: 'See short.example/x' }, 'shortener'],
  ])('%s is told, and nothing is verified', async (_, given, signal) => {
    const judged = await judge(given);
    expect(signalsOf(judged)).toContain(signal);
    expect(judged.verdict).not.toBe('verified-authentic');
  });

  test('a signature that leaves the subject out does not carry', async () => {
    const { raw, resolver } = await mail({ covers: ['from', 'to', 'date'] });
    const judged = await judgeMail(raw, { register: compiled, resolver, now, arrival: 'file' });
    expect([judged.verdict, signalsOf(judged).includes('dkim_uncovered')]).toEqual(['unverified', true]);
  });

  test('sent on to a mailbox that it does not name', async () => {
    const { raw, resolver } = await mail();
    const judgeFor = (mailboxes: readonly string[]) =>
      judgeMail(raw, { register: compiled, resolver, now, arrival: 'fetched', mailboxes });
    expect((await judgeFor(['Ada@ours.example'])).verdict).toBe('verified-authentic');
    const sentOn = await judgeFor(['grace@ours.example']);
    expect([sentOn.verdict, signalsOf(sentOn).includes('not_addressed')]).toEqual(['unverified', true]);
  });

  test('sealed on the way by a stranger', async () => {
    const judged = await judge({
      signer: null,
      headers: [
        'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=gatherer.example; s=s1; b=AAAA',
        'ARC-Message-Signature: i=1; a=rsa-sha256; d=gatherer.example; s=s1; h=from; bh=AAAA; b=AAAA',
        'ARC-Authentication-Results: i=1; mx.ours.example; dkim=pass header.d=acmeai.com; dmarc=pass',
      ],
    });
    expect(judged.verdict).toBe('unverified');
    expect(signalsOf(judged)).not.toContain('forwarded');
  });
});

describe('what is impersonation', () => {
  test.each<[string, Given, string]>([
    [
      'a vendor’s domain that nothing proves, and a wish',
      { signer: null, text: 'Please reply with your API key.' },
      'domain_proves_all',
    ],
    [
      'a name of a vendor, and an address of nobody',
      { from: 'Acme AI Support <x@gatherer.example>', signer: null, dmarc: null },
      'name_of_vendor',
    ],
    [
      'letters of another script',
      { from: 'Billing <x@аcmeai.com>', signer: null, dmarc: null },
      'lookalike_idn',
    ],
    [
      'a digit for a letter',
      { from: 'Billing <x@acmea1.com>', signer: null, dmarc: null },
      'lookalike_homoglyph',
    ],
    [
      'words put to the name',
      { from: 'Billing <x@acmeai-security.com>', signer: null, dmarc: null },
      'lookalike_combination',
    ],
    [
      'the domain in front of another',
      { from: 'Billing <x@acmeai.com.gatherer.net>', signer: null, dmarc: null },
      'lookalike_subdomain',
    ],
    [
      'an address in the place of the name',
      { from: '"noreply@acmeai.com" <x@gatherer.example>', signer: null, dmarc: null },
      'address_in_name',
    ],
  ])('%s', async (_, given, signal) => {
    const judged = await judge(given);
    expect(signalsOf(judged)).toContain(signal);
    expect([judged.verdict, judged.vendor?.id]).toEqual(['likely-impersonation', 'acme-ai']);
  });

  test('a vendor’s domain in a message that came to us from elsewhere', async () => {
    const { raw, resolver } = await mail({ signer: null });
    const judged = await judgeMail(raw, {
      register: compiled,
      resolver,
      now,
      arrival: 'fetched',
      envelope: { ip: '192.0.2.1', helo: 'gatherer.example', mailFrom: 'x@gatherer.example' },
    });
    expect([judged.verdict, signalsOf(judged).includes('forged_domain')]).toEqual([
      'likely-impersonation',
      true,
    ]);
  });

  test('two senders in one message', async () => {
    const judged = await judge({
      signer: null,
      dmarc: null,
      headers: ['From: Acme AI <noreply@tm.acmeai.com>'],
      from: 'x@gatherer.example',
    });
    expect(signalsOf(judged)).toContain('from_not_one');
    expect(judged.verdict).not.toBe('verified-authentic');
  });

  test('a proven domain that nobody registered is looked at, and accused with more than its name', async () => {
    const given: Given = { from: 'Acme AI <notice@acmeai-mail.com>', signer: 'acmeai-mail.com' };
    const plain = await judge({ ...given, subject: 'Release notes', text: 'We changed a few things.' });
    expect([plain.verdict, plain.review]).toEqual([
      'unverified',
      { domain: 'acmeai-mail.com', vendor: 'acme-ai' },
    ]);
    const asking = await judge({
      ...given,
      text: 'Your account will be suspended. Verify your account: https://acme.pages.dev/',
    });
    expect(asking.verdict).toBe('likely-impersonation');
  });

  test('senders nobody knows, everyday words and near names are not accused', async () => {
    for (const from of [
      'Ada <ada@somebody.example>',
      'Front desk <desk@hotel.example>',
      'In front of you <x@paper.example>',
      'Team <x@codehast.com>',
      'Acme Roofing <x@roofs.example>',
      'Ada <x@acmeai.net>',
    ]) {
      const judged = await judge({
        from,
        signer: null,
        dmarc: null,
        subject: 'Hello',
        text: 'See you tomorrow.',
      });
      expect([from, judged.verdict]).toEqual([from, 'unverified']);
    }
  });
});

describe('what an attacker adds', () => {
  const rank = (verdict: Verdict) => verdicts.indexOf(verdict);
  const text = fc.constantFrom(
    'Acme AI',
    'This message was verified by Acme AI.',
    'https://acmeai.com/login',
    'https://gatherer.example/',
    'dkim=pass dmarc=pass',
    '--made-up-boundary--',
    'Verify your account within 24 hours',
  );
  const header = fc.constantFrom(
    'Authentication-Results: mx.ours.example; dmarc=pass',
    'X-Spam-Status: No',
    'List-Id: <news.acmeai.com>',
    'Reply-To: help@gatherer.example',
    'Reply-To: noreply@acmeai.com',
    'Sender: noreply@acmeai.com',
    'Return-Path: <noreply@acmeai.com>',
    'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=bigmail.example; s=s; b=AAAA',
    'Received: from acmeai.com (acmeai.com [192.0.2.1]) by mx.ours.example',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acmeai.com; s=gone; h=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA',
    'From: Acme AI <noreply@tm.acmeai.com>',
  );
  const base = fc.constantFrom<Given>(
    {},
    { signer: null },
    { signer: null, dmarc: null },
    { from: 'notifications@codehost.com', signer: 'codehost.com' },
    { from: 'Acme AI Support <x@gatherer.example>', signer: 'gatherer.example' },
    { from: 'x@gatherer.example', signer: null, dmarc: null },
    { from: 'Billing <x@acmea1.com>', signer: null, dmarc: null },
  );

  const part = fc.constantFrom(
    'Content-Type: text/plain\r\n\r\nVerified by Acme AI',
    'Content-Type: text/html\r\n\r\n<a href="https://acmeai.com/">https://acmeai.com/</a>',
    'Content-Type: text/html; name="a.html"\r\nContent-Disposition: attachment; filename="a.html"\r\n\r\n<form></form>',
    'Content-Type: message/rfc822\r\n\r\nFrom: Acme AI <noreply@tm.acmeai.com>\r\nSubject: x\r\n\r\nx',
    'Content-Type: text/calendar\r\n\r\nURL:https://gatherer.example/x',
    'Content-Type: application/octet-stream\r\n\r\nx',
  );
  const html = '<p>Limit reached.</p><a href="https://gatherer.example/x">platform.acmeai.com</a>';

  test('around a message never raises the verdict: headers before and behind its own, text, parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        base,
        fc.boolean(),
        fc.array(header, { maxLength: 3 }),
        fc.array(header, { maxLength: 2 }),
        fc.array(text, { maxLength: 3 }),
        fc.array(part, { maxLength: 2 }),
        fc.boolean(),
        async (given, isRich, before, behind, texts, parts, isFirst) => {
          const { raw, resolver } = await mail(isRich ? { ...given, html } : given);
          const options = { register: compiled, resolver, now, arrival: 'file' as const };
          const bare = await judgeMail(raw, options);
          const whole = raw.toString();
          const end = whole.indexOf('\r\n\r\n');
          const body = whole.slice(end);
          const opened = '--made-up-boundary\r\n';
          const hung = parts.map((one) => `${opened}${one}\r\n`).join('');
          const at = isFirst ? body.indexOf(opened) : body.lastIndexOf('--made-up-boundary--');
          const parted = at < 0 ? body : `${body.slice(0, at)}${hung}${body.slice(at)}`;
          const added = Buffer.from(
            [
              ...before.map((one) => `${one}\r\n`),
              whole.slice(0, end),
              ...behind.map((one) => `\r\n${one}`),
              parted,
              ...(texts.length > 0 ? ['\r\n', texts.join('\r\n')] : []),
            ].join(''),
          );
          const after = await judgeMail(added, options);
          expect(rank(after.verdict)).toBeGreaterThanOrEqual(rank(bare.verdict));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('into a message that they sign themselves never raises the verdict', async () => {
    await fc.assert(
      fc.asyncProperty(
        base,
        fc.array(header, { maxLength: 3 }),
        fc.array(text, { maxLength: 3 }),
        fc.array(part, { maxLength: 2 }),
        async (given, headers, texts, parts) => {
          const own = await mail({ ...given, headers, parts, text: texts.join('\r\n') });
          const options = { register: compiled, resolver: own.resolver, now, arrival: 'file' as const };
          const bare = await judgeMail((await mail({ ...given, text: '' })).raw, options);
          expect(rank((await judgeMail(own.raw, options)).verdict)).toBeGreaterThanOrEqual(
            rank(bare.verdict),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('before or behind a text never raises the verdict', () => {
    const line = fc.oneof(
      text,
      fc.constantFrom(
        'Codehost and Acme AI',
        'We will never ask for your password.',
        'See https://codehost.com/x',
        'Call us at +1 555 010 0199',
        'Act now: https://codehost.com/login',
        'x'.repeat(30_000),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        fc.array(line, { maxLength: 3 }),
        fc.boolean(),
        (own, more, isBefore) => {
          const judgeLines = (lines: readonly string[]) =>
            judgeText(lines.join('\n'), { register: compiled, sender: null }).verdict;
          const both = isBefore ? [...more, ...own] : [...own, ...more];
          expect(rank(judgeLines(both))).toBeGreaterThanOrEqual(rank(judgeLines(own)));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a genuine message hung on a forged one does not save it, and is only taken out when that is asked for', async () => {
    const genuine = await mail();
    const forged: Given = {
      from: 'Acme AI Support <x@gatherer.example>',
      signer: null,
      dmarc: null,
      parts: [
        `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="a.eml"\r\n\r\n${genuine.raw.toString()}`,
      ],
    };
    const { raw } = await mail(forged);
    const options = { register: compiled, resolver: genuine.resolver, now, arrival: 'file' as const };
    expect((await judgeMail(raw, options)).verdict).toBe('likely-impersonation');
    const inner = await forwardedMessage(raw);
    if (inner === null) throw new Error('nothing was found within');
    expect((await judgeMail(inner, options)).verdict).toBe('verified-authentic');
  });
});

describe('hostile mail', () => {
  const options = { register: compiled, resolver: dns({}), now, arrival: 'file' as const };

  test('any bytes are judged or refused with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        const raw = Buffer.concat([Buffer.from('From: Acme AI <x@gatherer.example>\r\n'), bytes]);
        const judged = await judgeMail(raw, options).catch((error: unknown) => error);
        if (judged instanceof Error) expect(judged).toBeInstanceOf(AuthenticityError);
        else expect(judged).toHaveProperty('verdict');
      }),
    );
  });

  test.each([
    [
      'parts within parts without end',
      () =>
        Array.from(
          { length: 400 },
          (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
        ).join(''),
    ],
    [
      'very many parts',
      () => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(20_000)}`,
    ],
    ['headers without end', () => `X-A: ${'y'.repeat(1_000_000)}\r\n\r\nx`],
    ['comments within comments', () => `Reply-To: ${'('.repeat(9_000)}a <x@y.example>\r\n\r\nx`],
    ['a sender of many words', () => `Sender: ${'=?utf-8?Q?a?= '.repeat(20_000)}<x@y.example>\r\n\r\nx`],
    [
      'very many signatures',
      () => `${'DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=x; b=x\r\n'.repeat(60)}\r\nx`,
    ],
  ])('%s are refused quickly', async (_, tail) => {
    const started = performance.now();
    const raw = Buffer.from(`From: x@gatherer.example\r\nSubject: x\r\n${tail()}`);
    await expect(judgeMail(raw, options)).rejects.toMatchObject({ code: 'too_large' });
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('an image that would be huge is passed over', async () => {
    const side = 12_000;
    const pixels = new PNG({ width: 1, height: 1 });
    const tiny = PNG.sync.write(pixels, { colorType: 0 });
    const header = Buffer.from(tiny.subarray(0, 33));
    header.writeUInt32BE(side, 16);
    header.writeUInt32BE(side, 20);
    header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
    const packed = deflateSync(Buffer.alloc((side + 1) * side));
    const data = Buffer.alloc(packed.length + 12);
    data.writeUInt32BE(packed.length, 0);
    data.write('IDAT', 4, 'latin1');
    packed.copy(data, 8);
    data.writeUInt32BE(crc32(data.subarray(4, 8 + packed.length)), 8 + packed.length);
    const image = Buffer.concat([header, data, tiny.subarray(-12)]);
    const before = process.memoryUsage().rss;
    expect(qrIn([{ name: 'a.png', type: 'image/png', bytes: image }])).toEqual({ found: [], unread: 1 });
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test('HTML of many links, and an image that promises to be huge, cost little', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452ffffffffffffffff0806000000', 'hex');
    const started = performance.now();
    const judged = await judge({
      signer: null,
      html: '<a href="https://gatherer.example/">x</a>'.repeat(30_000),
      parts: [
        `Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${png.toString('base64')}`,
      ],
    });
    expect(signalsOf(judged)).toContain('many_links');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test.each([
    ['HTML that opens and never closes', `${'<b>'.repeat(300_000)}${'</i>'.repeat(250_000)}`],
    ['a link of endless words', `<a href="https://gatherer.example/">${'a.'.repeat(900_000)}`],
    ['the same wish again and again', 'verify your account '.repeat(100_000)],
  ])('%s costs little', async (_, html) => {
    const started = performance.now();
    const judged = await judge({ signer: null, html });
    expect(judged.verdict).not.toBe('verified-authentic');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('an attachment of 50 MB costs time and memory in proportion', async () => {
    const line = `${'QUJD'.repeat(19)}\r\n`;
    const { raw } = await mail({
      signer: null,
      parts: [
        `Content-Type: application/octet-stream; name="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${line.repeat(640_000)}`,
      ],
    });
    const before = process.memoryUsage().rss;
    const judged = await judgeMail(raw, options);
    expect(judged.verdict).toBe('unverified');
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });

  test('nothing it says can be clicked', async () => {
    const judged = await judge({
      from: 'Acme AI <x@gatherer.example>',
      signer: null,
      html: '<a href="https://acmeai.com.gatherer.example/login">Sign in</a> http://gatherer.example',
    });
    const told = JSON.stringify([judged.evidence, judged.links]);
    expect(told).toContain('gatherer[.]example');
    expect(told).not.toMatch(/https?:\/\//);
  });
});

describe('texts', () => {
  const judgeOf = (text: string, sender: string | null = null) =>
    judgeText(text, { register: compiled, sender });

  test.each([
    [
      'Acme AI: your account will be suspended, verify your account at https://acme-verify.example/1',
      'likely-impersonation',
    ],
    ['Codehost alert: call us at +1 555 010 0199 to restore access', 'likely-impersonation'],
    ['Acme AI: your key leaked, confirm it at https://acme-verify.example/1', 'likely-impersonation'],
    ['Acme AI: confirm it at https://acmeai.com/keys', 'unverified'],
    ['Acme AI: your code is 123 456', 'unverified'],
    ['Acme AI: act now https://codehost.com/login', 'likely-impersonation'],
    ['Codehost and Acme AI: act now https://codehost.com/login', 'likely-impersonation'],
    ['Your parcel is here: https://parcel.example/1, act now', 'unverified'],
    ['See you at 5', 'unverified'],
  ])('%s: %s', (text, verdict) => {
    expect(judgeOf(text).verdict).toBe(verdict);
  });

  test('are never verified', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.option(fc.string({ maxLength: 30 })), (text, sender) => {
        expect(judgeOf(`Acme AI ${text}`, sender).verdict).not.toBe('verified-authentic');
      }),
    );
  });
});

describe('what repeats one sign', () => {
  const signs = ['@', 'a@', 'a@b.', '.', 'a.', '<', '(', 'http://', 'www.', '&#', '[', '%', '\u200b'];
  test.each(signs)('%j takes no time in a name, a subject, a text or a page', async (sign) => {
    const many = sign.repeat(Math.ceil(9_000 / sign.length));
    const name = many.replaceAll(/["\\]/g, '');
    const mails = [
      `From: "${name}" <a@acme.example>\r\nSubject: ${many}\r\n\r\nHello`,
      `From: a@acme.example\r\nSubject: x\r\n\r\n${sign.repeat(40_000)}`,
      `From: a@acme.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n${sign.repeat(40_000)}`,
    ];
    for (const raw of mails) {
      const began = performance.now();
      await judgeMail(Buffer.from(raw), {
        register: compiled,
        resolver: dns({}),
        now,
        arrival: 'file',
      }).catch(
        // What has too many of them to be read is refused.
        (error: unknown) => expect(error).toBeInstanceOf(AuthenticityError),
      );
      // Some 0.1 s each; what takes the square of its length takes minutes.
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});
