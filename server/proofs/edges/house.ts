import {
  type MixpanelStandin,
  type OpenaiStandin,
  startMixpanelStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import { type TestDeployment, testDeployment } from '../../testing/deployment.ts';
import { type IssuedKey, issueKey, makeConnection } from '../testing/connect.ts';
import { eventually } from '../testing/eventually.ts';
import { type Answer, bearer, send } from '../testing/http.ts';

/** One deployment with connections to both vendors, for all that is tried at its edges. All data is made up. */
export interface House {
  drawbridge: TestDeployment;
  openai: OpenaiStandin;
  mixpanel: MixpanelStandin;
  /** Connection ids by slug, which is also the path prefix on the gateway. */
  connections: Readonly<Record<'ai' | 'events' | 'events-us', string>>;
  /** A secret key for all of them. */
  key: IssuedKey;
  /** A publishable key for `events`, for pages of `page` only. */
  browserKey: IssuedKey;
  remove(): Promise<void>;
}

/** The pages that may call `events`; `otherPage` is listed for the connection, and not for the publishable key. */
export const page = 'https://app.example.com';
export const otherPage = 'https://other.example.com';

export async function openHouse(): Promise<House> {
  const [drawbridge, openai, mixpanel] = await Promise.all([
    testDeployment({ logLevel: 'error' }),
    startOpenaiStandin({ validKeys: ['sk-made-up-credential'] }),
    startMixpanelStandin({ validTokens: ['made-up-project-token'] }),
  ]);
  const { call } = drawbridge;
  const events = {
    url: mixpanel.url,
    credential: 'made-up-project-token',
    contract: 'recommended',
    origins: [page, otherPage],
  } as const;
  const connections = {
    ai: await makeConnection(call, {
      slug: 'ai',
      service: 'openai/api/global',
      url: openai.url,
      credential: 'sk-made-up-credential',
      contract: 'recommended',
    }),
    events: await makeConnection(call, { ...events, slug: 'events', service: 'mixpanel/analytics/eu' }),
    'events-us': await makeConnection(call, {
      ...events,
      slug: 'events-us',
      service: 'mixpanel/analytics/us',
    }),
  };
  const key = await issueKey(call, Object.values(connections));
  const browserKey = await issueKey(call, [connections.events], [page]);
  const house: House = {
    drawbridge,
    openai,
    mixpanel,
    connections,
    key,
    browserKey,
    remove: async () => {
      await Promise.all([drawbridge.remove(), openai.stop(), mixpanel.stop()]);
    },
  };
  // The last change is in force when the last key is known: what it may not do is refused, and goes nowhere.
  await eventually(
    () => send(`${drawbridge.gatewayUrl}/ai/v1/models`, { method: 'GET', headers: bearer(browserKey.key) }),
    (answer) => answer.status === 403,
  );
  return house;
}

/** Sends one made-up question through the gateway. */
export function ask({ drawbridge, key }: House): Promise<Answer> {
  return send(`${drawbridge.gatewayUrl}/ai/v1/chat/completions`, {
    headers: bearer(key.key),
    body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

/** Sends events, each with the key put in as its token, as an SDK does. */
export function track(
  { drawbridge }: House,
  slug: 'events' | 'events-us',
  key: IssuedKey,
  events: readonly { event: string; properties: object }[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const batch = events.map(({ event, properties }) => ({
    event,
    properties: { token: key.key, ...properties },
  }));
  const data = Buffer.from(JSON.stringify(batch)).toString('base64');
  return send(`${drawbridge.gatewayUrl}/${slug}/track?verbose=1&ip=1`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: `data=${encodeURIComponent(data)}`,
  });
}
