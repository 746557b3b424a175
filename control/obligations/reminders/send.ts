import type { IncomingMessage } from 'node:http';
import { OutboundError, type OutboundNetwork, postOut } from '../../platform/index.ts';
import type { Message } from './message.ts';
import type { Channel } from './settings.ts';
import {
  jiraBody,
  mailText,
  pagerDutyBody,
  slackBody,
  teamsBody,
  webhookBody,
  webhookHeaders,
} from './shapes.ts';

/** Why a reminder did not go out. `isCertain`: whether it surely did not; else it may have. Never with what the receiver wrote, or a secret. */
export class SendError extends Error {
  readonly code: string;
  readonly isCertain: boolean;
  /** Trying again would come to the same. */
  readonly isPermanent: boolean;
  readonly retryAfterMs: number | null;
  constructor(
    code: string,
    message: string,
    more: { isCertain: boolean; isPermanent?: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause: more.cause });
    this.name = 'SendError';
    this.code = code;
    this.isCertain = more.isCertain;
    this.isPermanent = more.isPermanent ?? false;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** What sends e-mail; what it throws has a `code`, and says whether trying again is of no use. */
export interface MailPort {
  ready(): Promise<boolean>;
  send(mail: { messageId: string; to: string; subject: string; text: string }): Promise<unknown>;
}

export interface SendDeps {
  network: OutboundNetwork;
  mail: MailPort | null;
  now(): number;
}

/** For connecting, sending, and the answer's head. */
const TIME_MS = 20_000;
const LONGEST_WAIT_MS = 3_600_000;
const PAGERDUTY = {
  us: 'https://events.pagerduty.com/v2/enqueue',
  eu: 'https://events.eu.pagerduty.com/v2/enqueue',
} as const;

/** Whether the receiver knows a repetition by its id, so that what may have arrived can be sent again. */
export const isRepeatable = ({ kind }: Channel): boolean => kind === 'webhook' || kind === 'pagerduty';

/** Sends an e-mail. Its Message-ID stays the same at every try. Throws SendError. */
export async function sendMail(to: string, message: Message, { mail }: SendDeps): Promise<void> {
  if (mail === null || !(await mail.ready())) {
    throw new SendError('no_mail_server', 'No mail server is set, so that no e-mail can be sent.', {
      isCertain: true,
    });
  }
  const messageId = `<${message.id}@reminders.drawbridge.invalid>`;
  try {
    await mail.send({ messageId, to, subject: message.subject, text: mailText(message) });
  } catch (error) {
    if (!(error instanceof Error) || !('permanent' in error) || !('code' in error)) throw error;
    const code = String(error.code);
    throw new SendError(code, `The mail server did not take it: ${code}.`, {
      isCertain: !['in_doubt', 'timeout'].includes(code),
      isPermanent: error.permanent === true,
      cause: error,
    });
  }
}

/** Posts a message to a channel that is no e-mail. Resolves once the receiver answered 2xx. Throws SendError. */
export async function post(
  channel: Exclude<Channel, { kind: 'email' }>,
  secret: string | null,
  message: Message,
  deps: SendDeps,
  signal: AbortSignal,
): Promise<void> {
  if (secret === null) {
    throw new SendError('secret_missing', 'The secret of the channel is not set. Enter it in the settings.', {
      isCertain: true,
      isPermanent: true,
    });
  }
  const { url, body, headers } = requestOf(channel, secret, message, deps.now());
  let answer: IncomingMessage;
  try {
    answer = await postOut(
      {
        url: new URL(url),
        body,
        headers: { 'content-type': 'application/json', ...headers },
        isPrivate: channel.private,
        timeoutMs: TIME_MS,
        who: 'The receiver',
        signal,
      },
      deps.network,
    );
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new SendError(error.code, error.message, { isCertain: surelyNotSent(error), cause: error });
  }
  // What else it says is of no use here, and may be endless.
  answer.destroy();
  expectTaken(answer, deps.now());
}

function requestOf(
  channel: Exclude<Channel, { kind: 'email' }>,
  secret: string,
  message: Message,
  now: number,
): { url: string; body: string; headers: Record<string, string> } {
  switch (channel.kind) {
    case 'webhook': {
      const body = webhookBody(message, now);
      return { url: channel.url, body, headers: webhookHeaders(secret, message.id, body, now) };
    }
    case 'slack':
      return { url: secret, body: slackBody(message), headers: {} };
    case 'teams':
      return { url: secret, body: teamsBody(message), headers: {} };
    case 'pagerduty':
      return { url: PAGERDUTY[channel.region], body: pagerDutyBody(message, secret), headers: {} };
    case 'jira': {
      const authorization = `Basic ${Buffer.from(`${channel.email}:${secret}`).toString('base64')}`;
      const url = new URL('/rest/api/3/issue', channel.site).href;
      return {
        url,
        body: jiraBody(message, channel),
        headers: { authorization, accept: 'application/json' },
      };
    }
  }
}

/** Not connected, so that nothing was read there. */
const NOT_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/;

function surelyNotSent({ code, cause }: OutboundError): boolean {
  if (code === 'private_address') return true;
  if (code !== 'unreachable') return false;
  return (
    cause instanceof Error &&
    'code' in cause &&
    typeof cause.code === 'string' &&
    NOT_CONNECTED.test(cause.code)
  );
}

function expectTaken({ statusCode = 0, headers }: IncomingMessage, now: number): void {
  if (statusCode >= 200 && statusCode < 300) return;
  if (statusCode >= 300 && statusCode < 400) {
    throw new SendError(
      'redirect',
      `The receiver answered ${statusCode}; redirects are not followed. Set the address itself.`,
      { isCertain: true },
    );
  }
  throw new SendError(`status_${statusCode}`, `The receiver answered ${statusCode}.`, {
    isCertain: true,
    retryAfterMs: retryAfter(headers['retry-after'], now),
  });
}

/** Seconds or a date; null: not said, or nothing that makes sense. */
function retryAfter(given: string | undefined, now: number): number | null {
  if (given === undefined) return null;
  const ms = /^\d{1,6}$/.test(given) ? Number(given) * 1000 : Date.parse(given) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : null;
}
