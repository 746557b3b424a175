import { createHmac } from 'node:crypto';
import type { Message } from './message.ts';

/** What each kind of receiver takes. Pure. */

const LONGEST_SUMMARY = 1024;
const LONGEST_ISSUE = 255;

const plain = ({ lines, link }: Message): string => [...lines, ...(link === null ? [] : [link])].join('\n');

/** Standard Webhooks: `type`, `timestamp`, `data`. */
export function webhookBody(message: Message, now: number): string {
  const { id: _, thread, subject, lines, ...data } = message;
  return JSON.stringify({
    type: 'clock.reminder',
    timestamp: new Date(now).toISOString(),
    data: { ...data, thread, text: [subject, ...lines].join('\n') },
  });
}

/**
 * Headers of Standard Webhooks 1: HMAC-SHA256 over `id.timestamp.body` under the bytes after `whsec_`. `now`: milliseconds since 1970.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookHeaders(
  secret: string,
  id: string,
  body: string,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** Slack: a message with blocks; &, < and > are its only characters with a meaning. */
export function slackBody(message: Message): string {
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const { subject, lines, link } = message;
  const text = escaped(subject);
  return JSON.stringify({
    text,
    blocks: [
      { type: 'section', text: { type: 'plain_text', text: subject.slice(0, 3000) } },
      { type: 'section', text: { type: 'plain_text', text: lines.join('\n').slice(0, 3000) } },
      ...(link === null
        ? []
        : [{ type: 'section', text: { type: 'mrkdwn', text: `<${escaped(link)}|Open the incident>` } }]),
    ],
  });
}

/** Teams: an Adaptive Card, as the Workflows webhook takes it. Its TextBlocks read Markdown, which is taken out of its meaning. */
export function teamsBody({ subject, lines, link }: Message): string {
  const escaped = (text: string) => text.replaceAll(/[\\`*_[\]()#~>|]/g, (one) => `\\${one}`);
  const block = (text: string, more: object = {}) => ({
    type: 'TextBlock',
    text: escaped(text),
    wrap: true,
    ...more,
  });
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [block(subject, { weight: 'Bolder' }), ...lines.map((line) => block(line))],
          ...(link === null
            ? {}
            : { actions: [{ type: 'Action.OpenUrl', title: 'Open the incident', url: link }] }),
        },
      },
    ],
  });
}

/** PagerDuty, Events API v2: all of one clock is one alert there, by its `dedup_key`. */
export function pagerDutyBody(message: Message, routingKey: string): string {
  const { thread, subject, lines, link, moment, rule, drill, due, incident } = message;
  const urgent = moment === 'late' || moment === 'escalation' || moment === 'before_1h';
  return JSON.stringify({
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: `drawbridge/${thread}`.slice(0, 255),
    payload: {
      summary: subject.slice(0, LONGEST_SUMMARY),
      source: 'drawbridge',
      severity: drill ? 'info' : urgent ? 'critical' : 'warning',
      component: rule,
      class: moment,
      custom_details: { text: lines.join('\n'), due: due?.at ?? null, incident: incident.number, drill },
    },
    ...(link === null ? {} : { links: [{ href: link, text: 'Open the incident' }] }),
  });
}

/** Jira Cloud, REST v3: an issue, its description as an Atlassian document. */
export function jiraBody(
  message: Message,
  { project, issueType }: { project: string; issueType: string },
): string {
  const { subject, due, drill } = message;
  return JSON.stringify({
    fields: {
      project: { key: project },
      issuetype: { name: issueType },
      summary: subject.slice(0, LONGEST_ISSUE),
      description: {
        type: 'doc',
        version: 1,
        content: plain(message)
          .split('\n')
          .map((line) => ({ type: 'paragraph', content: [{ type: 'text', text: line }] })),
      },
      ...(due === null ? {} : { duedate: lastDay(due.at) }),
      labels: drill ? ['drawbridge', 'drill'] : ['drawbridge'],
    },
  });
}

/** The day in whose course it is due, at the place of the time's offset: what ends with a day is due on it, not on the next. */
function lastDay(at: string): string {
  const sign = /([+-])(\d{2}):(\d{2})$/.exec(at);
  const minutes = sign === null ? 0 : Number(`${sign[1]}1`) * (Number(sign[2]) * 60 + Number(sign[3]));
  return new Date(Date.parse(at) - 1 + minutes * 60_000).toISOString().slice(0, 10);
}

/** Text of an e-mail. */
export const mailText = (message: Message): string => `${plain(message)}\n`;
