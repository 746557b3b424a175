import {
  type MixpanelStandin,
  type OpenaiStandin,
  startMixpanelStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import { playAll } from './drive/play.ts';
import type { SdkRunner } from './drive/runner.ts';
import type { Population } from './population/person.ts';
import type { Scenario } from './scenario.ts';
import type { ContractChoice, Throwaway } from './throwaway.ts';

/** The vendors of one pass, and how apps reach them. */
export interface Pass {
  contract: ContractChoice;
  mixpanel: MixpanelStandin;
  openai: OpenaiStandin;
  play(runner: SdkRunner, progress: (done: number, of: number) => void): Promise<void>;
  /** Requests that reached the vendors. */
  received(): number;
  stop(): Promise<void>;
}

/** Credentials that only stand-ins take. */
const MIXPANEL_TOKEN = 'stand-in-project-token-of-the-replay';
const OPENAI_KEY = 'sk-stand-in-key-of-the-replay';

/** Sets up one pass: stand-ins, connections to them under a contract, keys for the made-up apps. */
export async function preparePass(
  throwaway: Throwaway,
  contract: ContractChoice,
  scenario: Scenario,
  population: Population,
  origin: string,
  begin: number,
): Promise<Pass> {
  const mixpanel = await startMixpanelStandin({ validTokens: [MIXPANEL_TOKEN] });
  const openai = await startOpenaiStandin({ validKeys: [OPENAI_KEY] });
  const slugs = {
    mixpanel: `mixpanel-${contract.replace('_', '-')}`,
    openai: `openai-${contract.replace('_', '-')}`,
  };
  const mixpanelId = await throwaway.connect({
    slug: slugs.mixpanel,
    vendor: 'mixpanel',
    service: 'analytics',
    region: 'eu',
    upstream: { host: mixpanel.host, port: mixpanel.port },
    contract,
    credential: MIXPANEL_TOKEN,
    origins: [origin],
  });
  const openaiId = await throwaway.connect({
    slug: slugs.openai,
    vendor: 'openai',
    service: 'api',
    region: 'eu',
    upstream: { host: openai.host, port: openai.port },
    contract,
    credential: OPENAI_KEY,
  });
  const browserKey = await throwaway.makeKey({
    kind: 'publishable',
    connections: [mixpanelId],
    origins: [origin],
  });
  const serverKey = await throwaway.makeKey({ kind: 'secret', connections: [mixpanelId, openaiId] });
  const { gatewayUrl } = throwaway.deployment;
  const targets = {
    browser: { apiHost: `${gatewayUrl}/${slugs.mixpanel}`, token: browserKey },
    server: { host: new URL(gatewayUrl).host, path: `/${slugs.mixpanel}`, token: serverKey },
    ai: { baseURL: `${gatewayUrl}/${slugs.openai}/v1`, apiKey: serverKey },
  };
  return {
    contract,
    mixpanel,
    openai,
    play: (runner, progress) => playAll(scenario, population, targets, runner, begin, progress),
    received: () => mixpanel.requests.length + openai.requests.length,
    stop: async () => {
      await mixpanel.stop();
      await openai.stop();
    },
  };
}
