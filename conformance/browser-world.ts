import {
  type MixpanelStandin,
  type PosthogStandin,
  startMixpanelStandin,
  startPosthogStandin,
} from '@drawbridge/standins';
import type { ContractChoice, Throwaway } from '../server/replay/throwaway.ts';
import { type Sides, startSides } from './sides.ts';

/** What pages are given under one contract, and the vendors behind it. */
export interface BrowserSide {
  posthog: { url: string; standin: PosthogStandin };
  mixpanel: { url: string; standin: MixpanelStandin };
  /** For pages of `BrowserWorld.origin`; both vendors. */
  publishableKey: string;
}

/** A real deployment between the SDKs of pages and stand-ins. */
export interface BrowserWorld extends Sides<BrowserSide> {
  origin: string;
}

/** The real credential of both vendors. */
export const BROWSER_CREDENTIAL = 'phc_credential_of_the_browser_suite';

/** What the vendor says of flags. */
export const flags = { 'new-invites': true, theme: 'dark' };

async function makeSide(
  throwaway: Throwaway,
  contract: ContractChoice,
  origin: string,
): Promise<BrowserSide> {
  const ids: string[] = [];
  const line = async <Standin extends { host: string; port: number }>(vendor: string, standin: Standin) => {
    const slug = `${vendor}-${contract.replace('_', '-')}`;
    ids.push(
      await throwaway.connect({
        slug,
        vendor,
        service: 'analytics',
        region: 'eu',
        upstream: { host: standin.host, port: standin.port },
        contract,
        credential: BROWSER_CREDENTIAL,
        origins: [origin],
      }),
    );
    return { standin, url: `${throwaway.deployment.gatewayUrl}/${slug}` };
  };
  const posthog = await line(
    'posthog',
    await startPosthogStandin({ validKeys: [BROWSER_CREDENTIAL], flags }),
  );
  const mixpanel = await line('mixpanel', await startMixpanelStandin({ validTokens: [BROWSER_CREDENTIAL] }));
  const publishableKey = await throwaway.makeKey({
    kind: 'publishable',
    connections: ids,
    origins: [origin],
  });
  return { posthog, mixpanel, publishableKey };
}

/** Starts a deployment and vendors. `origin`: from where pages may call. */
export async function startBrowserWorld(origin: string): Promise<BrowserWorld> {
  const sides = await startSides<BrowserSide>(
    (throwaway, contract) => makeSide(throwaway, contract, origin),
    ({ posthog, mixpanel }) => [posthog.standin, mixpanel.standin],
  );
  return { ...sides, origin };
}
