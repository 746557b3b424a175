import {
  type MixpanelStandin,
  type OpenaiStandin,
  type ReceivedRequest,
  startMixpanelStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import type { ContractChoice, Throwaway } from '../server/replay/throwaway.ts';
import { type Sides, startSides } from './sides.ts';

/** One contract's connections, the vendors behind them, and the keys that apps hold. */
export interface Side {
  mixpanel: MixpanelStandin;
  openai: OpenaiStandin;
  /** Address of the connection: what SDKs take as base, without `/v1`. */
  mixpanelUrl: string;
  openaiUrl: string;
  /** For servers; both vendors. */
  secretKey: string;
  /** For pages of `World.origin`. */
  publishableKey: string;
}

/** A real deployment between real SDKs and stand-ins. */
export interface World extends Sides<Side> {
  /** Requests that tests sent to a vendor themselves, for comparison: they did not cross. */
  sentStraight: number;
}

export const MIXPANEL_TOKEN = 'project-token-of-the-conformance-suite';
export const OPENAI_KEY = 'sk-key-of-the-conformance-suite';

async function makeSide(throwaway: Throwaway, contract: ContractChoice, origin: string): Promise<Side> {
  const mixpanel = await startMixpanelStandin({ validTokens: [MIXPANEL_TOKEN] });
  const openai = await startOpenaiStandin({ validKeys: [OPENAI_KEY] });
  const name = contract.replace('_', '-');
  const mixpanelId = await throwaway.connect({
    slug: `mixpanel-${name}`,
    vendor: 'mixpanel',
    service: 'analytics',
    region: 'eu',
    upstream: { host: mixpanel.host, port: mixpanel.port },
    contract,
    credential: MIXPANEL_TOKEN,
    origins: [origin],
  });
  const openaiId = await throwaway.connect({
    slug: `openai-${name}`,
    vendor: 'openai',
    service: 'api',
    region: 'eu',
    upstream: { host: openai.host, port: openai.port },
    contract,
    credential: OPENAI_KEY,
  });
  const { gatewayUrl } = throwaway.deployment;
  return {
    mixpanel,
    openai,
    mixpanelUrl: `${gatewayUrl}/mixpanel-${name}`,
    openaiUrl: `${gatewayUrl}/openai-${name}`,
    secretKey: await throwaway.makeKey({ kind: 'secret', connections: [mixpanelId, openaiId] }),
    publishableKey: await throwaway.makeKey({
      kind: 'publishable',
      connections: [mixpanelId],
      origins: [origin],
    }),
  };
}

/** Starts a deployment and vendors. `origin`: from where browsers may call. */
export async function startWorld(origin: string): Promise<World> {
  const sides = await startSides<Side>(
    (throwaway, contract) => makeSide(throwaway, contract, origin),
    ({ mixpanel, openai }) => [mixpanel, openai],
  );
  return { ...sides, sentStraight: 0 };
}

/** The requests that reach a stand-in while `work` runs. */
export async function reaching(
  standin: { requests: readonly ReceivedRequest[] },
  work: () => Promise<unknown>,
): Promise<ReceivedRequest[]> {
  const before = standin.requests.length;
  await work();
  return standin.requests.slice(before);
}

/** All that stands in a request, as one searchable text: base64 and percent encoding undone. */
export function everythingIn(requests: readonly ReceivedRequest[]): string {
  return requests
    .flatMap((request) => {
      const body = request.body.toString('utf8');
      const form = new URLSearchParams(`${request.rawQuery}&${body}`);
      const data = form
        .getAll('data')
        .map((text) => Buffer.from(text.replaceAll(' ', '+'), 'base64').toString());
      return [request.path, request.rawQuery, body, ...request.rawHeaders, ...form.values(), ...data];
    })
    .join('\n');
}

/** A pseudonym as vendors get it. */
export const PSEUDONYM = /^[A-Za-z0-9_-]{22}$/;
