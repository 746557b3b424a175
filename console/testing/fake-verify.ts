import type {
  Closing,
  Judged,
  Mailbox,
  MessageDetail,
  MessageWebhook,
  Named,
  Sender,
  SenderClass,
  VendorAddress,
} from '../verify/shapes.ts';
import type { Answer, Asked } from './fake-routes.ts';
import { ada, type FakeVerify, madeMessage, messageId } from './fake-verify-data.ts';

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such message.' },
};

function page<Item>(items: readonly Item[], query: URLSearchParams): Answer {
  const start = Number(query.get('cursor') ?? 0);
  const limit = Math.min(200, Number(query.get('limit') ?? 50));
  const end = start + limit;
  return ok({ items: items.slice(start, end), next: end < items.length ? String(end) : null });
}

const named = (vendor: unknown): Named => ({ id: String(vendor), name: String(vendor) });
const now = (): string => new Date().toISOString();

function listed(made: FakeVerify, query: URLSearchParams): Judged[] {
  const wanted = (name: string, value: string | null): boolean => (query.get(name) ?? value) === value;
  const text = query.get('q')?.toLowerCase() ?? '';
  const rows = made.messages.filter(
    (one) =>
      (query.get('mine') !== 'true' || one.by?.id === ada.id) &&
      wanted('state', one.state) &&
      wanted('verdict', one.verdict) &&
      wanted('vendor', one.vendor?.id ?? null) &&
      wanted('campaign', one.campaign) &&
      `${one.subject} ${one.from?.address ?? ''}`.toLowerCase().includes(text),
  );
  return query.get('order') === 'newest'
    ? rows.toSorted((a, b) => b.at.localeCompare(a.at))
    : rows.toSorted((a, b) => b.harm - a.harm);
}

function counts({ messages, reviews }: FakeVerify): object {
  const open = messages.filter(({ state }) => state === 'open');
  const of = (verdict: string) => open.filter((one) => one.verdict === verdict).length;
  return {
    open: open.length,
    byVerdict: Object.fromEntries(
      ['verified-authentic', 'unverified', 'likely-impersonation'].map((verdict) => [verdict, of(verdict)]),
    ),
    notThere: open.filter(({ answer }) => answer?.there === false).length,
    reviews: reviews.filter(({ state }) => state === 'open').length,
    medianSecondsToAnswer: messages.length === 0 ? null : 41,
  };
}

function handIn(made: FakeVerify, { query, headers, body, tell }: Asked): Answer {
  const type = headers['content-type'] ?? '';
  made.handedIn.push({ type, query: Object.fromEntries(query), body });
  const channel = (query.get('channel') ?? 'mail') as Judged['channel'];
  const isMail = type === 'message/rfc822';
  const added = madeMessage(1000 + made.handedIn.length, {
    id: messageId(1000 + made.handedIn.length),
    at: now(),
    by: ada,
    channel,
    came: (query.get('came') ?? 'paste') as Judged['came'],
    ...(isMail
      ? {}
      : {
          verdict: 'unverified',
          sentence: 'We can’t tell who sent this. Look for yourself at OpenAI.',
          reasons: ['A text carries no proof of who sent it.'],
          forwardAsAttachment: channel === 'mail',
        }),
  });
  made.messages.unshift(added);
  tell('messages');
  return ok(added, 201);
}

function close(made: FakeVerify, given: Record<string, unknown>): Answer {
  const ids = given.messages as string[];
  if (ids.length > 200)
    return ok(
      {
        title: 'The request is not right',
        status: 400,
        code: 'invalid_request',
        detail: 'messages: at most 200',
      },
      400,
    );
  const skipped: { id: string; why: string }[] = [];
  let closed = 0;
  for (const id of ids) {
    const found = made.messages.find((one) => one.id === id);
    if (found === undefined || found.state === 'closed') {
      skipped.push({ id, why: 'It was closed already.' });
      continue;
    }
    const reply = made.replies.find((one) => one.id === given.reply)?.text ?? null;
    Object.assign(found, { state: 'closed', closed: { as: given.as as Closing, at: now(), by: ada, reply } });
    closed += 1;
  }
  return ok({ closed, replied: given.reply === null ? 0 : closed, skipped });
}

function ofMessage(made: FakeVerify, asked: Asked, id: string, act: string | undefined): Answer {
  const found = made.messages.find((one) => one.id === id);
  if (found === undefined) return missing;
  const given = (asked.body ?? {}) as Record<string, unknown>;
  const patch = (change: Partial<MessageDetail>): Answer => {
    Object.assign(found, change);
    asked.tell('messages');
    return ok(found);
  };
  switch (`${asked.method} ${act ?? ''}`) {
    case 'GET ':
      return ok(found);
    case 'GET text':
      return ok({
        text: 'Dear customer,\n<script>alert(1)</script> hxxps://openai-keys[.]example/reset',
        cut: true,
      });
    case 'GET raw':
      return { status: 200, raw: 'From: made up', headers: { 'content-type': 'message/rfc822' } };
    case 'POST answer':
      return patch({
        answer: { there: given.there === true, at: now() },
        suggestsIncident: given.there !== true,
      });
    case 'POST reopening':
      return patch({ state: 'open', closed: null });
    case 'POST incident':
      return ok({ incident: '0199c0de-0000-7000-8000-0000000000a3' });
    default:
      return missing;
  }
}

/** What the made-up control plane answers about messages; null where the path is none of these. */
export function answerVerify(made: FakeVerify, asked: Asked): Answer | null {
  const { method, path, query, tell } = asked;
  const given = (asked.body ?? {}) as Record<string, unknown>;
  const [, message, act] = /^\/messages\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (path === '/messages') return method === 'POST' ? handIn(made, asked) : page(listed(made, query), query);
  if (path === '/messages/closing') {
    const answer = close(made, given);
    tell('messages');
    return answer;
  }
  if (message !== undefined) return ofMessage(made, asked, message, act);
  if (path === '/message-counts') return ok(counts(made));
  if (path === '/message-replies') return page(made.replies, query);
  if (path === '/campaigns') return page(made.campaigns, query);
  const campaign = /^\/campaigns\/([^/]+)$/.exec(path)?.[1];
  if (campaign !== undefined) {
    const found = made.campaigns.find(({ id }) => id === campaign);
    return found === undefined ? missing : ok(found);
  }
  return ofSenders(made, asked, given) ?? ofIntake(made, asked, given);
}

function ofSenders(made: FakeVerify, asked: Asked, given: Record<string, unknown>): Answer | null {
  const { method, path, query, tell } = asked;
  const rejudge = (): void => {
    made.rejudging = {
      because: 'A sender was changed',
      begunAt: now(),
      total: made.messages.length,
      done: Math.floor(made.messages.length / 2),
      changed: 3,
      endedAt: null,
    };
    tell('messages');
  };
  if (path === '/sender-reviews')
    return page(
      made.reviews.filter(({ state }) => state === 'open'),
      query,
    );
  const review = /^\/sender-reviews\/([^/]+)\/decision$/.exec(path)?.[1];
  if (review !== undefined) {
    const found = made.reviews.find(({ id }) => id === review);
    if (found === undefined) return missing;
    found.state = 'decided';
    rejudge();
    return { status: 204 };
  }
  if (path === '/senders/rejudging') return ok({ rejudging: made.rejudging });
  if (path === '/senders') {
    if (method !== 'POST')
      return page(
        made.senders.filter(({ vendor }) => (query.get('vendor') ?? vendor.id) === vendor.id),
        query,
      );
    const added: Sender = {
      id: `sender_${made.senders.length + 1}`,
      vendor: named(given.vendor),
      is: String(given.is),
      class: given.class as SenderClass,
      source: 'organisation',
      reason: String(given.reason),
      by: ada.name,
      at: now(),
    };
    made.senders.push(added);
    rejudge();
    return ok(added, 201);
  }
  const sender = /^\/senders\/([^/]+)$/.exec(path)?.[1];
  if (sender !== undefined && method === 'DELETE') {
    made.senders = made.senders.filter(({ id }) => id !== sender);
    rejudge();
    return { status: 204 };
  }
  if (path === '/vendor-addresses') {
    if (method !== 'POST') return page(made.addresses, query);
    const added: VendorAddress = {
      id: `address_${made.addresses.length + 1}`,
      vendor: named(given.vendor),
      address: String(given.address),
      by: ada.name,
      at: now(),
    };
    made.addresses.push(added);
    return ok(added, 201);
  }
  const address = /^\/vendor-addresses\/([^/]+)$/.exec(path)?.[1];
  if (address !== undefined) {
    made.addresses = made.addresses.filter(({ id }) => id !== address);
    return { status: 204 };
  }
  const vendor = /^\/vendor-dashboards\/([^/]+)$/.exec(path)?.[1];
  if (vendor === undefined) return null;
  if (method === 'PUT') {
    if (given.url === null) made.dashboards.delete(vendor);
    else made.dashboards.set(vendor, String(given.url));
  }
  const url = made.dashboards.get(vendor) ?? null;
  return ok({
    vendor,
    url,
    source: url === null ? 'none' : 'organisation',
    by: url === null ? null : ada.name,
    at: null,
  });
}

function ofIntake(
  made: FakeVerify,
  { method, path, query }: Asked,
  given: Record<string, unknown>,
): Answer | null {
  if (path === '/message-intake') {
    if (method === 'PUT') {
      const { reason: _, retentionDays, domains, smtp, ...unknown } = given;
      if (Object.keys(unknown).length > 0)
        return { status: 400, body: { title: `Unknown: ${Object.keys(unknown).join(', ')}` } };
      made.intake = { ...made.intake, ...({ retentionDays, domains, smtp } as FakeVerify['intake']) };
    }
    return ok(made.intake);
  }
  if (path === '/message-mailboxes') {
    if (method !== 'POST') return page(made.mailboxes, query);
    const { password: _, reason: __, ...rest } = given;
    const added = {
      ...rest,
      id: `mailbox_${made.mailboxes.length + 1}`,
      state: 'waiting',
      lastSeen: null,
      error: null,
    } as Mailbox;
    made.mailboxes.push(added);
    return ok(added, 201);
  }
  const [, mailbox, test] = /^\/message-mailboxes\/([^/]+)(\/test)?$/.exec(path) ?? [];
  if (mailbox !== undefined) {
    if (test !== undefined)
      return ok(
        mailbox === 'mailbox_1'
          ? { ok: true, text: 'Signed in. The folder has 4 messages.' }
          : { ok: false, text: 'User name and password were not taken.' },
      );
    if (method === 'PATCH') {
      const found = made.mailboxes.find(({ id }) => id === mailbox);
      if (found === undefined) return missing;
      const { password, reason: _, ...rest } = given;
      const now = { ...found, ...(rest as Partial<Mailbox>) };
      const isElsewhere =
        now.host !== found.host || now.port !== found.port || now.username !== found.username;
      if (isElsewhere && password === undefined)
        return {
          status: 422,
          body: {
            title: 'password is missing: enter it for this host, port and user name',
            code: 'invalid_request',
            errors: [
              { field: 'password', message: 'is missing: enter it for this host, port and user name' },
            ],
          },
        };
      return ok(Object.assign(found, now, { state: now.isOn ? 'waiting' : 'off', error: null }));
    }
    made.mailboxes = made.mailboxes.filter(({ id }) => id !== mailbox);
    return { status: 204 };
  }
  if (path === '/message-webhooks') {
    if (method !== 'POST') return page(made.webhooks, query);
    const id = `webhook_${made.webhooks.length + 1}`;
    made.webhooks.push({
      id,
      name: String(given.name),
      channel: given.channel as MessageWebhook['channel'],
      at: now(),
      lastUsed: null,
    });
    return ok(
      { url: `https://drawbridge.example/api/v1/message-hooks/${id}`, secret: 'made-up-secret' },
      201,
    );
  }
  const webhook = /^\/message-webhooks\/([^/]+)$/.exec(path)?.[1];
  if (webhook === undefined) return null;
  made.webhooks = made.webhooks.filter(({ id }) => id !== webhook);
  return { status: 204 };
}
