import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { type Answer, bearer, send, sendRaw } from '../testing/http.ts';
import { credentials, hidden, person } from './marked.ts';

/** Sends marked values to a gateway in every way that apps, careless people and strangers do. */

interface MixpanelClient {
  track(name: string, properties: object, done: (error?: Error) => void): void;
  alias(id: string, alias: string, done: (error?: Error) => void): void;
  people: { set(id: string, properties: object, done: (error?: Error) => void): void };
  groups: { set(key: string, id: string, properties: object, done: (error?: Error) => void): void };
}

/** Headers that a browser and the proxies before it add. */
const telling: Readonly<Record<string, string>> = {
  'user-agent': person.agent,
  referer: person.referrer,
  'accept-language': person.locale,
  cookie: person.cookie,
  'x-forwarded-for': `${person.forwardedFor}, 10.0.0.1`,
  'x-real-ip': person.realIp,
  forwarded: `for="[${person.sixIp}]"`,
  'cf-connecting-ip': person.forwardedFor,
  [hidden.headerName]: person.note,
};

const personal = {
  distinct_id: person.userId,
  $user_id: person.userId,
  $device_id: person.deviceId,
  $email: person.email,
  $name: person.name,
  $phone: person.phone,
  org_id: person.orgId,
  company: person.orgName,
  $city: person.city,
  ip: person.ownIp,
  $current_url: `${person.url}#${person.fragment}`,
  $referrer: person.referrer,
  $user_agent: person.agent,
  $locale: person.locale,
  comment: person.note,
  [hidden.propertyName]: person.note,
  nested: { [hidden.propertyName]: [person.email, { deep: person.name }] },
};

/** One whole day of an analytics SDK. */
export async function driveMixpanelSdk(gatewayUrl: string, slug: string, key: string): Promise<void> {
  const { hostname, port } = new URL(gatewayUrl);
  const Mixpanel = createRequire(import.meta.url)('mixpanel') as {
    init(token: string, config: object): MixpanelClient;
  };
  const client = Mixpanel.init(key, { host: `${hostname}:${port}`, protocol: 'http', path: `/${slug}` });
  const done = (work: (callback: (error?: Error) => void) => void) =>
    new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
  await done((callback) => client.track(hidden.eventName, personal, callback));
  await done((callback) => client.track('Opened', personal, callback));
  await done((callback) => client.alias(person.userId, person.email, callback));
  await done((callback) => client.people.set(person.userId, personal, callback));
  await done((callback) => client.groups.set('company', person.orgName, { $name: person.orgName }, callback));
}

/** What an app asks its AI vendor, on behalf of a person. */
export async function driveOpenaiSdk(gatewayUrl: string, slug: string, key: string): Promise<void> {
  const client = new OpenAI({
    apiKey: key,
    baseURL: `${gatewayUrl}/${slug}/v1`,
    organization: person.account,
    maxRetries: 0,
    defaultHeaders: { ...telling, 'x-client-request-id': person.requestId },
  });
  const metadata = { [hidden.metadataName]: person.metadata };
  await client.chat.completions.create({
    model: 'gpt-5',
    user: person.email,
    safety_identifier: person.userId,
    metadata,
    messages: [
      { role: 'system', content: person.note },
      { role: 'user', name: person.name, content: `${person.prompt} ${person.email}` },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'look_up', arguments: JSON.stringify({ [hidden.propertyName]: person.tool }) },
          },
        ],
      },
    ],
    ...{ [hidden.propertyName]: person.note },
  });
  const stream = await client.chat.completions.create({
    model: 'gpt-5',
    stream: true,
    messages: [{ role: 'user', content: person.prompt }],
  });
  for await (const chunk of stream) if (chunk.choices.length === 0) break;
  await client.responses.create({ model: 'gpt-5', input: person.prompt, metadata, user: person.userId });
  await client.embeddings.create({ model: 'text-embedding-3-small', input: [person.note, person.prompt] });
  await client.models.retrieve(person.pathSegment).catch(expectApiError);
}

/** The stand-in knows no such model: that answer is what was asked for. */
function expectApiError(error: unknown): void {
  if (!(error instanceof OpenAI.APIError)) throw error;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

/** Requests without an SDK, in the forms that browsers and scripts send. Answers in order. */
export async function driveRaw(url: string, key: string): Promise<Answer[]> {
  const event = { event: hidden.eventName, properties: { ...personal, token: key } };
  const form = { ...telling, 'content-type': 'application/x-www-form-urlencoded' };
  const data = encodeURIComponent(base64([event]));
  const query = `ip=1&verbose=1&${hidden.queryName}=${encodeURIComponent(person.email)}`;
  return [
    await send(`${url}/track?data=${data}&${query}`, { method: 'GET', headers: telling }),
    await send(`${url}/track/?${query}`, { headers: form, body: `data=${data}` }),
    await send(`${url}/track`, {
      headers: { ...telling, 'content-type': 'text/plain' },
      body: JSON.stringify(event),
    }),
    await send(`${url}/track`, {
      headers: { ...telling, 'content-encoding': 'gzip', 'content-type': 'application/json' },
      body: gzipSync(JSON.stringify([event])),
    }),
    await send(`${url}/engage?${query}`, {
      headers: form,
      body: `data=${encodeURIComponent(JSON.stringify([{ $token: key, $distinct_id: person.userId, $set: personal }]))}`,
    }),
  ];
}

/** Requests that are refused, at every stage that refuses. Answers in order. */
export async function driveRefused(
  gatewayUrl: string,
  ai: string,
  events: string,
  key: string,
): Promise<Answer[]> {
  const chat = `${gatewayUrl}/${ai}/v1/chat/completions`;
  const body = JSON.stringify({ model: person.note, messages: [{ role: 'user', content: person.prompt }] });
  const withKey = { ...telling, ...bearer(key) };
  const token = (text: string) =>
    JSON.stringify([{ event: hidden.eventName, properties: { ...personal, token: text } }]);
  const query = `${hidden.queryName}=${encodeURIComponent(person.email)}`;
  return [
    // The vendor's own credential, left in place by who moved to the gateway.
    await send(chat, { headers: { ...telling, ...bearer(credentials.openai) }, body }),
    await send(`${gatewayUrl}/${events}/track`, { headers: telling, body: token(credentials.mixpanel) }),
    await send(`${gatewayUrl}/${events}/track?api_key=${credentials.mixpanel}`, {
      headers: telling,
      body: '{}',
    }),
    await send(`${chat}?api_key=${key}&${query}`, { headers: telling, body }),
    await send(chat, { headers: { ...telling, ...bearer(`${key}x`) }, body }),
    await send(`${gatewayUrl}/${key}/v1/models`, { method: 'GET', headers: telling }),
    await send(`${gatewayUrl}/${hidden.slug}/v1/${person.pathSegment}?${query}`, { headers: withKey, body }),
    await send(`${gatewayUrl}/${ai}/v1/${person.pathSegment}?${query}`, { headers: withKey, body }),
    await send(`${gatewayUrl}/${ai}/v1/models/..%2f${person.pathSegment}`, {
      method: 'GET',
      headers: withKey,
    }),
    await send(chat, { method: 'DELETE', headers: withKey }),
    await send(chat, { headers: withKey, body: `{"user":"${person.email}` }),
    await send(chat, { headers: withKey, body: gzipSync(body).subarray(0, 40) }),
    await send(chat, {
      headers: withKey,
      body: Buffer.concat([Buffer.from(`{"${person.name}":"`), Buffer.of(0xff)]),
    }),
    await send(`${gatewayUrl}/${events}/track`, { headers: telling, body: `data=${person.email}` }),
    await send(`${gatewayUrl}/${events}/track`, {
      headers: telling,
      body: `${token(key)}${token(`${key}y`)}`,
    }),
    await send(`${gatewayUrl}/${ai}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        ...telling,
        origin: `https://${hidden.slug}.example.com`,
        'access-control-request-method': 'POST',
      },
    }),
  ];
}

/** Bytes that are no HTTP, or nearly. Answers in order. */
export async function driveMalformed(gatewayUrl: string, ai: string, key: string): Promise<string[]> {
  const head = `POST /${ai}/v1/chat/completions?${hidden.queryName}=${person.email} HTTP/1.1\r\nHost: ${person.pathSegment}\r\nAuthorization: Bearer ${key}\r\nUser-Agent: ${person.agent}\r\n`;
  const requests = [
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${person.email}`,
    `${head}X Note: ${person.note}\r\n\r\n`,
    `${head}X-Long: ${person.note.repeat(3000)}\r\n\r\n`,
    `${person.email} ${key} ${credentials.openai}\r\n\r\n`,
    `GET http://${person.pathSegment}.example.com/?t=${key} HTTP/1.1\r\nHost: ${person.pathSegment}\r\n\r\n`,
    `CONNECT ${person.pathSegment}.example.com:443 HTTP/1.1\r\nProxy-Authorization: Bearer ${key}\r\n\r\n`,
  ];
  const answers: string[] = [];
  for (const request of requests) answers.push(await sendRaw(gatewayUrl, request));
  return answers;
}
