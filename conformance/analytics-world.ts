import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type AmplitudeStandin,
  type PosthogStandin,
  type ReceivedRequest,
  type SentryStandin,
  startAmplitudeStandin,
  startPosthogStandin,
  startSentryStandin,
  startTrackingStandin,
  type TrackingStandin,
} from '@drawbridge/standins';
import type { ContractChoice, Throwaway } from '../server/replay/throwaway.ts';
import { type Sides, startSides } from './sides.ts';

/** A connection of one vendor under one contract, and the vendor behind it. */
export interface Line<Standin> {
  id: string;
  standin: Standin;
  /** Address of the connection: what SDKs take as their host. */
  url: string;
  /** The path that takes events. */
  path: string;
}

/** The analytics vendors under one contract. */
export interface AnalyticsSide {
  segment: Line<TrackingStandin>;
  rudderstack: Line<TrackingStandin>;
  posthog: Line<PosthogStandin>;
  amplitude: Line<AmplitudeStandin>;
  sentry: Line<SentryStandin>;
  /** For servers; all vendors. */
  secretKey: string;
}

export type SideName = 'asIs' | 'recommended';

export interface AnalyticsWorld extends Sides<AnalyticsSide> {
  /** Cuts a connection with a recommended contract off, or opens it again, and waits until the gateway does so. */
  setState(line: Line<unknown>, state: 'open' | 'severed'): Promise<void>;
}

/** The real credential of every vendor in these suites. */
export const CREDENTIAL = 'phc_credential_of_the_conformance_suite';

async function makeSide(throwaway: Throwaway, contract: ContractChoice): Promise<AnalyticsSide> {
  const line = async <Standin extends { host: string; port: number }>(
    vendor: string,
    service: string,
    region: string,
    path: string,
    standin: Standin,
  ): Promise<Line<Standin>> => {
    const slug = `${vendor}-${contract.replace('_', '-')}`;
    const upstream = { host: standin.host, port: standin.port };
    const id = await throwaway.connect({
      slug,
      vendor,
      service,
      region,
      upstream,
      contract,
      credential: CREDENTIAL,
    });
    return { id, standin, path, url: `${throwaway.deployment.gatewayUrl}/${slug}` };
  };
  const taken = { validKeys: [CREDENTIAL] };
  const flags = { 'new-invites': true, theme: 'dark' };
  const lines = {
    segment: await line('segment', 'tracking', 'eu', '/v1/batch', await startTrackingStandin(taken)),
    rudderstack: await line('rudderstack', 'tracking', 'own', '/v1/batch', await startTrackingStandin(taken)),
    posthog: await line(
      'posthog',
      'analytics',
      'eu',
      '/batch/',
      await startPosthogStandin({ ...taken, flags }),
    ),
    amplitude: await line('amplitude', 'analytics', 'eu', '/2/httpapi', await startAmplitudeStandin(taken)),
    sentry: await line('sentry', 'errors', 'eu', '/api/4711/envelope/', await startSentryStandin(taken)),
  };
  const connections = Object.values(lines).map(({ id }) => id);
  return { ...lines, secretKey: await throwaway.makeKey({ kind: 'secret', connections }) };
}

/** Asks with a body that is cut off, which never crosses: 503 is answered before it is read whole, 400 after. */
async function isOpen(line: Line<unknown>, key: string): Promise<boolean> {
  const { status } = await fetch(`${line.url}${line.path}?sentry_key=${key}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
    body: gzipSync(`{"api_key":"${key}","batch":[`),
  });
  return status !== 503;
}

/** Every stand-in of a side. */
export function standinsOf(side: AnalyticsSide) {
  return [side.segment, side.rudderstack, side.posthog, side.amplitude, side.sentry].map(
    ({ standin }) => standin,
  );
}

/** Starts a deployment and the analytics vendors. */
export async function startAnalyticsWorld(): Promise<AnalyticsWorld> {
  const sides = await startSides(makeSide, standinsOf);
  const { throwaway, recommended } = sides;
  return {
    ...sides,
    setState: async (line, state) => {
      await throwaway.call('PATCH', `/connections/${line.id}`, { state, reason: 'Conformance' });
      for (let tries = 0; tries < 200; tries++) {
        if ((await isOpen(line, recommended.secretKey)) === (state === 'open')) return;
        await wait(25);
      }
      throw new Error(`the gateway did not take the connection for ${state} within 5 seconds`);
    },
  };
}

/**
 * Sends while the connection is cut off, and opens it after a third of a second. Gives what sending came to, and how
 * many requests had reached the vendor by then and in all.
 */
export async function sendCutOff<Used>(
  world: AnalyticsWorld,
  line: Line<{ requests: readonly ReceivedRequest[] }>,
  send: () => Promise<Used>,
): Promise<{ used: Used; reached: { cutOff: number; inAll: number } }> {
  await world.setState(line, 'severed');
  const before = line.standin.requests.length;
  const sending = send();
  await wait(300);
  const cutOff = line.standin.requests.length - before;
  await world.setState(line, 'open');
  const used = await sending;
  return { used, reached: { cutOff, inAll: line.standin.requests.length - before } };
}

function inflated(body: Buffer): string {
  return (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString('utf8');
}

/** All that stands in requests, as one searchable text: gzip, basic credentials and percent encoding undone. */
export function everythingSent(requests: readonly ReceivedRequest[]): string {
  return requests
    .flatMap(({ path, rawQuery, rawHeaders, body }) => {
      const credentials = rawHeaders.flatMap((value) =>
        value.startsWith('Basic ') ? [Buffer.from(value.slice(6), 'base64').toString()] : [],
      );
      const query = decodeURIComponent(rawQuery.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
      return [path, rawQuery, query, inflated(body), ...rawHeaders, ...credentials];
    })
    .join('\n');
}

/** Made-up people and places that no vendor may get under a recommended contract. */
export const person = {
  email: 'anna.berger@example.com',
  name: 'Anna Berger',
  phone: '+43 660 1234567',
  id: 'anna-4711',
  device: 'device-of-anna-081547',
  ip: '192.0.2.17',
  city: 'Graz',
  org: 'org-of-anna',
  orgName: 'Berger & Sons',
  referrer: 'https://search.example.net/?q=anna+berger',
  url: 'https://app.example.com/members/anna.berger@example.com?invited_by=ben@example.org',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.7000.1 Safari/537.36',
} as const;

/** Parts of them, in lower case; none so short that a pseudonym or a random id could hold it by chance. */
export const personalParts = [
  'anna',
  'berger',
  'ben@',
  '1234567',
  '081547',
  '192.0.2',
  'graz',
  'org-of',
  'search.example',
  '142.0.7000',
  'x11;',
  'invited_by',
] as const;
