import type { Register, RegisteredVendor } from '@drawbridge/authenticity';
import { type Crafted, craft, type Letter, type Signer, sequence } from './craft.ts';

/**
 * Notices as vendors send them, made up: their own addresses, signed by their own domains, sent by themselves or by mail services (with
 * the service's signature beside, and links that count clicks). The words are ours, in the manner of such mail, also where it is blunt:
 * payments that failed, codes, "was this you".
 */

interface Template {
  topic: string;
  subject: (name: string) => string;
  text: (name: string, link: string) => string;
}

const templates: readonly Template[] = [
  {
    topic: 'new sign-in',
    subject: (name) => `New sign-in to your ${name} account`,
    text: (name, link) =>
      `Hello Ada,\n\nWe noticed a new sign-in to your ${name} account from Firefox on Linux. If this was you, there is nothing to do. If it was not, change your password and review your sessions: ${link}\n\nThe ${name} team`,
  },
  {
    topic: 'key created',
    subject: (name) => `A new API key was created in your ${name} organisation`,
    text: (name, link) =>
      `An API key named "staging" was created by ada@ours.example on 2 March 2026. If you do not recognise it, revoke it in your settings: ${link}\n\n${name} will never ask you to send your API key by email.`,
  },
  {
    topic: 'usage',
    subject: () => 'You have used 80% of your monthly API usage limit',
    text: (name, link) =>
      `Your organisation has reached 80% of the usage limit that you set in ${name}. Requests are stopped at 100%. You can change the limit in the dashboard: ${link}`,
  },
  {
    topic: 'invoice',
    subject: (name) => `Your ${name} invoice for February 2026`,
    text: (name, link) =>
      `Thanks for using ${name}. Your invoice for February is ready, and 120.00 USD were charged to the card ending in 4242. See it here: ${link}`,
  },
  {
    topic: 'payment failed',
    subject: (name) => `We could not charge your card for ${name}`,
    text: (_, link) =>
      `The payment of 120.00 USD for invoice 1042 was declined by your bank. Please update your payment method before we try again on 5 March: ${link}`,
  },
  {
    topic: 'code',
    subject: (name) => `Your ${name} verification code`,
    text: (name) =>
      `482913 is your ${name} verification code. It expires in 10 minutes. Never share this code with anyone; our staff will not ask you to send us the code.`,
  },
  {
    topic: 'terms',
    subject: (name) => `Updates to the ${name} terms of service and sub-processors`,
    text: (name, link) =>
      `We are updating our terms of service and our list of sub-processors. The changes take effect on 1 April 2026. Read them here: ${link}\n\nThank you for being a ${name} customer.`,
  },
  {
    topic: 'subscription',
    subject: (name) => `Your ${name} subscription renews on 16 March`,
    text: (_, link) =>
      `Your annual plan renews on 16 March 2026 for 1,200.00 USD. You do not have to do anything. To change seats or cancel, see your plan: ${link}`,
  },
  {
    topic: 'security incident',
    subject: (name) => `Important security notice about your ${name} account`,
    text: (name, link) =>
      `On 25 February we learned of unauthorised access to a system of a vendor of ours. Names and email addresses of some users of ${name} were exposed; passwords, API keys and payment details were not. We have ended that access. Please be careful with unexpected messages. More: ${link}`,
  },
  {
    topic: 'member',
    subject: (name) => `Grace joined your ${name} organisation`,
    text: (name, link) =>
      `grace@ours.example accepted the invitation to your organisation in ${name} as a member. Manage members: ${link}`,
  },
  {
    topic: 'confirm address',
    subject: (name) => `Confirm your email address for ${name}`,
    text: (_, link) =>
      `Please confirm that this is your address by opening this link within 24 hours: ${link}\n\nIf you did not ask for this, ignore this message.`,
  },
  {
    topic: 'maintenance',
    subject: (name) => `Scheduled maintenance of ${name} on 8 March`,
    text: (_, link) =>
      `On 8 March between 02:00 and 04:00 UTC the dashboard will be read-only. The API is not affected. Status: ${link}`,
  },
];

const html = (name: string, text: string, link: string, shown: string, pixel: string): string =>
  `<!doctype html><html><head><title>${name}</title><style>p{font:16px sans-serif}</style></head><body><table role="presentation"><tr><td>${text
    .split('\n')
    .map((line) => `<p>${line.replaceAll(link, `<a href="${link}">${shown}</a>`)}</p>`)
    .join('')}</td></tr></table><img src="${pixel}" width="1" height="1" alt=""></body></html>`;

interface Service {
  name: string;
  signs: string | null;
  /** What it makes of a link; null: it leaves them. */
  counts: ((number: number) => string) | null;
  headers: (number: number) => string[];
}

const services: readonly Service[] = [
  { name: 'own servers', signs: null, counts: null, headers: () => [] },
  {
    name: 'SendGrid',
    signs: 'sendgrid.net',
    counts: (n) => `https://u${n}.ct.sendgrid.net/ls/click?upn=u001.made-up-${n}-2Fx`,
    headers: (n) => [`X-SG-EID: made-up-${n}`, 'List-Unsubscribe: <mailto:unsubscribe@sendgrid.net>'],
  },
  {
    name: 'Mandrill',
    signs: 'mandrillapp.com',
    counts: (n) => `https://mandrillapp.com/track/click/${n}/made-up?p=eyJtYWRlIjoidXAifQ`,
    headers: (n) => [`X-Mandrill-User: md_${n}`],
  },
  {
    name: 'Amazon SES',
    signs: 'amazonses.com',
    counts: (n) => `https://abc${n}.r.us-east-1.awstrack.me/L0/made-up/1/0100`,
    headers: (n) => [`X-SES-Outgoing: 2026.03.02-192.0.2.${n % 250}`, 'Feedback-ID: 1.us-east-1:AmazonSES'],
  },
  {
    name: 'Postmark',
    signs: 'pm.mtasv.net',
    counts: (n) => `https://click.pstmrk.it/3s/made-up-${n}/x`,
    headers: (n) => [`X-PM-Message-Id: made-up-${n}`],
  },
  {
    name: 'Customer.io',
    signs: 'customeriomail.com',
    counts: (n) => `https://e.customeriomail.com/e/c/made-up-${n}`,
    headers: () => ['List-Unsubscribe-Post: List-Unsubscribe=One-Click'],
  },
];

const calendar = (link: string): string =>
  `Content-Type: text/calendar; charset=utf-8; method=PUBLISH; name="maintenance.ics"\r\nContent-Disposition: attachment; filename="maintenance.ics"\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:made-up\r\nDTSTART:20260308T020000Z\r\nSUMMARY:Maintenance\r\nURL:${link}\r\nEND:VEVENT\r\nEND:VCALENDAR`;
const pdf = (n: number): string =>
  `Content-Type: application/pdf; name="invoice-${n}.pdf"\r\nContent-Disposition: attachment; filename="invoice-${n}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('%PDF-1.4 made up').toString('base64')}`;

/** A few for each vendor of the register that sends words of its own. */
export async function notices(register: Register, perVendor = 3): Promise<Crafted[]> {
  const pick = sequence(2026);
  const made: Crafted[] = [];
  const sending = register.vendors.filter(({ senders }) => senders.some((one) => one.class === 'vendor'));
  for (const vendor of sending) {
    const senders = vendor.senders.filter((one) => one.class === 'vendor').map(({ is }) => is);
    for (let n = 0; n < perVendor; n++) {
      const number = made.length + 1;
      const template = templates[number % templates.length];
      const service = services[pick(services.length)];
      const sender = senders[n % senders.length];
      if (template === undefined || service === undefined || sender === undefined) continue;
      made.push(
        await craft(
          template.topic,
          vendor.id,
          letterOf({ vendor, template, service, sender, number, plain: pick(4) === 0 }),
          number,
        ),
      );
    }
  }
  return made;
}

interface Choice {
  vendor: RegisteredVendor;
  template: Template;
  service: Service;
  sender: string;
  number: number;
  plain: boolean;
}

function letterOf({ vendor, template, service, sender, number, plain }: Choice): Letter {
  const address = sender.includes('@') ? sender : `no-reply@${sender}`;
  const domain = address.slice(address.indexOf('@') + 1);
  const site = vendor.domains[0] ?? domain;
  const own = `https://${site}/account`;
  const link = service.counts === null || plain ? own : service.counts(number);
  const text = template.text(vendor.name, link);
  const signers: Signer[] = [
    { domain },
    ...(service.signs === null || service.signs === domain ? [] : [{ domain: service.signs }]),
  ];
  return {
    from: `${vendor.name} <${address}>`,
    subject: template.subject(vendor.name),
    text,
    ...(plain ? {} : { html: html(vendor.name, text, link, `${site}/account`, `https://${site}/pixel.gif`) }),
    headers: service.headers(number),
    signers,
    parts:
      template.topic === 'maintenance' ? [calendar(own)] : template.topic === 'invoice' ? [pdf(number)] : [],
  };
}
