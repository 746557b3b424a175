import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amplitudeNodeSuite } from './amplitude-node.suite.ts';
import { type AnalyticsWorld, standinsOf, startAnalyticsWorld } from './analytics-world.ts';
import { posthogNodeSuite } from './posthog-node.suite.ts';
import { rudderstackNodeSuite } from './rudderstack-node.suite.ts';
import { segmentNodeSuite } from './segment-node.suite.ts';
import { sentryNodeSuite } from './sentry-node.suite.ts';

let world: AnalyticsWorld;

beforeAll(async () => {
  world = await startAnalyticsWorld();
}, 180_000);
afterAll(() => world?.stop(), 60_000);

describe('@segment/analytics-node', () => segmentNodeSuite(() => world));

describe('@rudderstack/rudder-sdk-node', () => rudderstackNodeSuite(() => world));

describe('posthog-node', () => posthogNodeSuite(() => world));

describe('@amplitude/analytics-node', () => amplitudeNodeSuite(() => world));

describe('@sentry/node', () => sentryNodeSuite(() => world));

describe('the journal', () => {
  it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
    const standins = [...standinsOf(world.asIs), ...standinsOf(world.recommended)];
    const reached = standins.reduce((sum, standin) => sum + standin.requests.length, 0);
    await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(reached);
    expect(reached).toBeGreaterThan(0);
  }, 30_000);
});
