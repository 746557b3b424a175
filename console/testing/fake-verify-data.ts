import type {
  Campaign,
  Intake,
  Judged,
  Mailbox,
  MessageDetail,
  MessageWebhook,
  Rejudged,
  Reply,
  Sender,
  SenderReview,
  VendorAddress,
} from '../verify/shapes.ts';

/** Messages of the made-up control plane, and all that is set around them. */
export interface FakeVerify {
  messages: MessageDetail[];
  replies: Reply[];
  campaigns: Campaign[];
  reviews: SenderReview[];
  senders: Sender[];
  rejudging: Rejudged;
  addresses: VendorAddress[];
  dashboards: Map<string, string>;
  intake: Intake;
  mailboxes: Mailbox[];
  webhooks: MessageWebhook[];
  /** What was handed in, as it came. */
  handedIn: { type: string; query: Record<string, string>; body: unknown }[];
}

const at = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
export const messageId = (number: number): string =>
  `0199c0de-0000-7000-8000-${String(number).padStart(12, '0')}`;
const openai = { id: 'openai', name: 'OpenAI' };
export const ada = { id: 'person_1', name: 'Ada Example' };

/** One message that says it is from OpenAI and is not, in every detail. */
export function madeMessage(number: number, over: Partial<MessageDetail> = {}): MessageDetail {
  return {
    id: messageId(number),
    at: at(number / 10),
    by: { id: 'person_4', name: 'Dana Mock' },
    channel: 'mail',
    came: 'upload',
    verdict: 'likely-impersonation',
    vendor: openai,
    topic: 'security',
    from: { name: 'OpenAI', address: 'security@openai-keys.example' },
    subject: `Your API key was disabled (${number})`,
    sentence: 'This passes for OpenAI and is not: openai-keys.example is none of its senders.',
    reasons: [
      'It was sent by openai-keys.example, which is not on the list of OpenAI’s senders.',
      'It says that a key was disabled. Our key inventory says that none was.',
      'It asks for a key, which OpenAI never does by mail.',
    ],
    dashboard: {
      url: 'https://platform.openai.com/api-keys',
      vendor: 'OpenAI',
      lookFor: 'whether one of your keys is marked as disabled',
    },
    answer: null,
    forwardAsAttachment: false,
    state: 'open',
    closed: null,
    harm: Math.max(1, 99 - number / 2),
    campaign: 'campaign_1',
    alike: 14,
    to: ['dana@example.org'],
    evidence: [
      ['from_unregistered', 'claimed', 'against', 'strong', 'It says OpenAI, and comes from elsewhere.'],
      ['dkim', 'verified', 'note', 'strong', 'openai-keys.example signed it: it is really from there.'],
      ['spf', 'recorded', 'note', 'weak', 'Our own mail server noted that the address may send for it.'],
      ['link_off_vendor', 'claimed', 'against', 'weak', 'A link leads to no domain of OpenAI.'],
    ].map(([signal, source, weighs, strength, text], index) => ({
      signal: String(signal),
      source: source as 'verified',
      weighs: weighs as 'for',
      strength: strength as 'strong',
      text: String(text),
      value: index === 3 ? 'hxxps://openai-keys[.]example/<script>alert(1)</script>' : null,
    })),
    claims: [
      {
        claim: 'key_disabled',
        result: 'contradicted',
        text: 'A key was disabled: all 3 keys of OpenAI in the inventory work.',
        href: '/keys?source=openai',
      },
      {
        claim: 'new_sign_in',
        result: 'cannot_tell',
        text: 'A new sign-in: OpenAI reports none to us.',
        href: null,
      },
    ],
    quoted: [
      {
        field: 'Organisation id',
        text: 'It quotes org-made-up-17.',
        since: at(9000),
        incident: {
          id: '0199c0de-0000-7000-8000-0000000000a3',
          number: 3,
          title: 'Mixpanel was smished',
        },
      },
    ],
    account: { holds: true, registeredAddress: false, text: 'Registered at openai.k3v9@example.org.' },
    links: ['hxxps://openai-keys[.]example/reset'],
    attachments: [{ name: 'invoice.html', kind: 'web page', bytes: 18_400 }],
    review: null,
    dns: [{ name: 's1._domainkey.openai-keys.example', type: 'TXT', at: at(number / 10) }],
    history: [
      { at: at(number / 10), verdict: 'unverified', because: 'It came in.' },
      { at: at(number / 20), verdict: 'likely-impersonation', because: 'Somebody did not find it there.' },
    ],
    similar: [],
    kept: { until: at(-24 * 90), raw: true },
    ours: null,
    incident: null,
    suggestsIncident: false,
    ...over,
  };
}

const hostile: Partial<MessageDetail> = {
  subject: '<img src=x onerror=alert(1)> https://evil.example/login',
  from: { name: '<b>OpenAI</b>', address: 'https://evil.example/@openai.example' },
  reasons: ['It says <a href="https://evil.example">click</a> and www.evil.example.'],
  dashboard: { url: 'javascript:alert(1)', vendor: 'OpenAI', lookFor: 'whether it is there' },
  harm: 100,
  by: ada,
  campaign: null,
  links: ['hxxps://evil[.]example'],
};
const genuine: Partial<MessageDetail> = {
  subject: 'Your invoice of October',
  verdict: 'verified-authentic',
  sentence: 'OpenAI wrote this: it is signed by one of its own senders.',
  reasons: ['tm.openai.com signed it, and OpenAI writes from there.'],
  from: { name: 'OpenAI', address: 'noreply@tm.openai.com' },
  harm: 4,
  by: ada,
  campaign: null,
  alike: 0,
  answer: { there: true, at: at(1) },
  state: 'closed',
  closed: {
    as: 'genuine',
    at: at(1),
    by: { id: 'person_3', name: 'Chidi Specimen' },
    reply: 'Thank you. It is really from them.',
  },
};

export const replies: Reply[] = [
  {
    id: 'thanks-impersonation',
    title: 'Thank you, it was none',
    text: 'Thank you. It was not from them.\nDelete it.',
  },
  { id: 'thanks-genuine', title: 'Thank you, it is genuine', text: 'Thank you. It is really from them.' },
];

export function makeFakeVerify(empty: boolean): FakeVerify {
  const base = {
    replies,
    rejudging: { because: null, begunAt: null, total: 0, done: 0, changed: 0, endedAt: null },
    handedIn: [],
    dashboards: new Map<string, string>(),
    intake: {
      retentionDays: 90,
      domains: empty ? [] : ['example.org'],
      smtp: {
        enabled: !empty,
        host: '127.0.0.1',
        port: 2525,
        lmtp: false,
        address: empty ? [] : ['check@example.org'],
        allow: empty ? [] : ['10.0.0.0/8'],
        starttls: true,
        tlsRequired: false,
        outside: false,
      },
    },
  };
  if (empty)
    return {
      ...base,
      messages: [],
      campaigns: [],
      reviews: [],
      senders: [],
      addresses: [],
      mailboxes: [],
      webhooks: [],
    };
  const messages = Array.from({ length: 130 }, (_, index) => madeMessage(index + 2));
  const [first, second] = messages;
  if (first !== undefined && second !== undefined) first.similar = [second as Judged];
  return {
    ...base,
    messages: [madeMessage(1, hostile), ...messages, madeMessage(900, genuine)],
    dashboards: new Map([['mixpanel', 'https://eu.mixpanel.example/project/17']]),
    campaigns: [
      {
        id: 'campaign_1',
        name: 'Key disabled, openai-keys.example',
        vendor: openai,
        first: at(13),
        last: at(1),
        messages: 130,
        people: 14,
        infrastructure: ['openai-keys[.]example', '192.0.2.17'],
        shape: 'The same text but for a name and a number',
        state: 'open',
        open: 130,
      },
    ],
    reviews: ['githubsupport.example', 'mail.mixpanel.example', 'news.openai.example'].map(
      (domain, index) => ({
        id: `review_${index + 1}`,
        domain,
        vendor: index === 2 ? openai : { id: 'mixpanel', name: 'Mixpanel' },
        messages: 3 + index,
        first: at(300),
        last: at(3),
        state: 'open',
      }),
    ),
    senders: [
      {
        id: 'sender_1',
        vendor: openai,
        is: 'tm.openai.com',
        class: 'vendor',
        source: 'pack',
        reason: null,
        by: null,
        at: null,
      },
      {
        id: 'sender_2',
        vendor: openai,
        is: 'support@openai.zendesk.example',
        class: 'relayed',
        source: 'organisation',
        reason: 'They answer from there',
        by: 'Ada Example',
        at: at(100),
      },
    ],
    addresses: [
      {
        id: 'address_1',
        vendor: openai,
        address: 'openai.k3v9@example.org',
        by: 'Ada Example',
        at: at(200),
      },
    ],
    mailboxes: [
      {
        id: 'mailbox_1',
        host: 'imap.example.org',
        port: 993,
        tls: 'implicit',
        private: false,
        isOn: true,
        username: 'suspicious@example.org',
        folder: 'Suspicious',
        after: 'move',
        moveTo: 'Done',
        state: 'reading',
        lastSeen: at(0),
        error: null,
      },
      {
        id: 'mailbox_2',
        host: 'imap.example.net',
        port: 993,
        tls: 'implicit',
        private: false,
        isOn: true,
        username: 'old@example.net',
        folder: 'INBOX',
        after: 'keep',
        moveTo: null,
        state: 'failing',
        lastSeen: at(50),
        error: 'imap.example.net:993 did not take user name and password.',
      },
    ],
    webhooks: [
      { id: 'webhook_1', name: 'Chat of Example Org', channel: 'chat', at: at(900), lastUsed: at(40) },
    ],
  };
}
