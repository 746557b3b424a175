import { describe, expect, test } from 'vitest';
import { judgeMail } from './judge.ts';
import { compileRegister } from './register.ts';
import { dns, type Given, mail, now } from './testing/mail.ts';
import type { Register } from './types.ts';

/** A platform that writes itself, and passes on what its users write, from one domain; and a vendor with one address that does. Made up. */
const register: Register = {
  vendors: [
    {
      id: 'codehost',
      name: 'Codehost',
      aliases: [],
      domains: ['codehost.com'],
      senders: [
        { is: 'codehost.com', class: 'relayed' },
        { is: 'Billing@codehost.com', class: 'vendor' },
      ],
    },
    {
      id: 'payfast',
      name: 'Payfast',
      aliases: [],
      domains: ['payfast.com'],
      senders: [
        { is: 'payfast.com', class: 'vendor' },
        { is: 'invoices@payfast.com', class: 'relayed' },
      ],
    },
    {
      id: 'smallco',
      name: 'Smallco',
      aliases: [],
      domains: ['smallco.com'],
      senders: [{ is: 'smallco@bigmail.com', class: 'vendor' }],
    },
  ],
  trackers: [],
  shorteners: [],
  sealers: [],
};
const compiled = compileRegister(register);
const classOf = (address: string) => compiled.senderOf(address)?.class ?? null;

async function verdictOf(given: Given) {
  const { raw, resolver } = await mail({ text: 'Your invoice is ready.', ...given });
  const judged = await judgeMail(raw, { register: compiled, resolver, now, arrival: 'file' });
  return [judged.verdict, judged.messageClass];
}

describe('an address counts before its domain', () => {
  test.each([
    ['billing@codehost.com', 'vendor', 'as it stands'],
    ['BILLING@CodeHost.com.', 'vendor', 'in either case, and with a dot at the end'],
    ['"billing"@codehost.com', 'vendor', 'in quotes that it does not need'],
    ['notes@codehost.com', 'relayed', 'another one of the domain'],
    ['billing@mail.codehost.com', 'relayed', 'the same name below the domain'],
    ['billing+acme@codehost.com', 'relayed', 'with more behind a plus'],
    ['billing@codehost.com@codehost.com', 'relayed', 'twice'],
    ['"billing@codehost.com"@codehost.com', 'relayed', 'as the name of another'],
    ['billing @codehost.com', 'relayed', 'with a space'],
    ['billlng@codehost.com', 'relayed', 'misspelt'],
    ['bіlling@codehost.com', 'relayed', 'with a Cyrillic letter'],
    ['ｂilling@codehost.com', 'relayed', 'with a wide letter'],
    ['billing\u200b@codehost.com', 'relayed', 'with a character that shows nothing'],
    ['billing@codehost.com.gatherer.example', null, 'in front of another domain'],
    ['gather@payfast.com', 'vendor', 'where the domain is the vendor’s own'],
    ['invoices@payfast.com', 'relayed', 'where it passes on words at such a domain'],
    ['Invoices+1042@payfast.com', 'relayed', 'and is doubted with more behind a plus, too'],
    ['@codehost.com', null, 'with no name'],
  ] as const)('%s is %s: %s', (address, expected, _why) => expect(classOf(address)).toBe(expected));

  test('letters that lower case makes others of are not those', () => {
    const one = { id: 'k', name: 'Kay', aliases: [], domains: ['kay.com'] };
    const { senderOf } = compileRegister({
      ...register,
      vendors: [
        {
          ...one,
          senders: [
            { is: 'kay.com', class: 'relayed' },
            { is: 'desk@kay.com', class: 'vendor' },
          ],
        },
      ],
    });
    // U+212A, the sign of Kelvin, is a k in lower case.
    expect([senderOf('DESK@kay.com')?.class, senderOf('DES\u212a@kay.com')?.class]).toEqual([
      'vendor',
      'relayed',
    ]);
  });

  test('and says nothing of who else is at its domain', () => {
    expect([compiled.ownerOf('bigmail.com'), compiled.senderOf('other@bigmail.com')]).toEqual([null, null]);
    expect(compiled.senderOf('smallco@bigmail.com')?.vendor.id).toBe('smallco');
  });

  test('what is none is refused by its vendor', () => {
    const [first] = register.vendors;
    if (first === undefined) throw new Error('the register is empty');
    const broken = { ...first, senders: [{ is: '@codehost.com', class: 'vendor' as const }] };
    expect(() => compileRegister({ ...register, vendors: [broken] })).toThrow(
      'codehost names "@codehost.com"',
    );
  });
});

describe('the vendor’s own address at a domain from which others write', () => {
  test('is verified with a signature of the domain', async () => {
    expect(await verdictOf({ from: 'Codehost <billing@codehost.com>', signer: 'codehost.com' })).toEqual([
      'verified-authentic',
      'vendor',
    ]);
  });

  test.each<[string, Given, 'vendor' | 'relayed']>([
    ['another address, signed', { from: 'Codehost <notes@codehost.com>', signer: 'codehost.com' }, 'relayed'],
    ['one like it, signed', { from: 'Codehost <billlng@codehost.com>', signer: 'codehost.com' }, 'relayed'],
    [
      'with more behind a plus, signed',
      { from: 'Codehost <billing+x@codehost.com>', signer: 'codehost.com' },
      'relayed',
    ],
    ['not signed', { from: 'Codehost <billing@codehost.com>', signer: null }, 'vendor'],
    ['signed by another', { from: 'Codehost <billing@codehost.com>', signer: 'gatherer.example' }, 'vendor'],
    [
      'signed by a name below it, which may be a customer’s',
      { from: 'Codehost <billing@codehost.com>', signer: 'customer.codehost.com' },
      'vendor',
    ],
  ])('is not: %s', async (_, given, expected) => {
    const [verdict, messageClass] = await verdictOf(given);
    expect([verdict === 'verified-authentic', messageClass]).toEqual([false, expected]);
  });

  test('is not with the envelope alone, which names no address; and nobody is accused for it', async () => {
    const { raw, records } = await mail({
      from: 'Codehost <billing@codehost.com>',
      signer: null,
      text: 'Your invoice is ready.',
    });
    const resolver = dns({ ...records, 'codehost.com': 'v=spf1 ip4:192.0.2.1 -all' });
    const envelope = { ip: '192.0.2.1', helo: 'codehost.com', mailFrom: 'bounce@codehost.com' };
    const judged = await judgeMail(raw, { register: compiled, resolver, now, arrival: 'fetched', envelope });
    expect(judged.verdict).toBe('unverified');
    expect(judged.evidence.map(({ signal }) => signal)).toEqual(
      expect.arrayContaining(['dmarc_pass', 'address_not_signed']),
    );
    // At a domain that is the vendor's own the same is enough.
    const own = await mail({
      from: 'Payfast <x@payfast.com>',
      signer: null,
      text: 'Your invoice is ready.',
    });
    const ofOwn = await judgeMail(own.raw, {
      register: compiled,
      resolver: dns({ ...own.records, 'payfast.com': 'v=spf1 ip4:192.0.2.1 -all' }),
      now,
      arrival: 'fetched',
      envelope: { ...envelope, helo: 'payfast.com', mailFrom: 'bounce@payfast.com' },
    });
    expect(ofOwn.verdict).toBe('verified-authentic');
  });

  test('at a domain of its own passes words on, also signed', async () => {
    expect(await verdictOf({ from: 'Payfast <invoices@payfast.com>', signer: 'payfast.com' })).toEqual([
      'unverified',
      'relayed',
    ]);
  });
});
