import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amplitudeNodeSuite } from './amplitude-node.suite.ts';
import { type AnalyticsWorld, standinsOf, startAnalyticsWorld } from './analytics-world.ts';
import { posthogNodeSuite } from './posthog-node.suite.ts';
import { rudderstackNodeSuite } from './rudderstack-node.suite.ts';
import { segmentNodeSuite } from './segment-node.suite.ts';
import { sentryNodeSuite } from './sentry-node.suite.ts';
import { ConformanceTable } from './table.ts';

const table = new ConformanceTable('analytics from servers');
let world: AnalyticsWorld;

beforeAll(async () => {
  world = await startAnalyticsWorld();
}, 180_000);
afterAll(() => world?.stop(), 60_000);

describe('@segment/analytics-node', () =>
  segmentNodeSuite(() => world, table.sdk('@segment/analytics-node')));

describe('@rudderstack/rudder-sdk-node', () =>
  rudderstackNodeSuite(() => world, table.sdk('@rudderstack/rudder-sdk-node')));

describe('posthog-node', () => posthogNodeSuite(() => world, table.sdk('posthog-node')));

describe('@amplitude/analytics-node', () =>
  amplitudeNodeSuite(() => world, table.sdk('@amplitude/analytics-node')));

describe('@sentry/node', () => sentryNodeSuite(() => world, table.sdk('@sentry/node')));

describe('the journal', () => {
  it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
    const standins = [...standinsOf(world.asIs), ...standinsOf(world.recommended)];
    const reached = standins.reduce((sum, standin) => sum + standin.requests.length, 0);
    await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(reached);
    expect(reached).toBeGreaterThan(0);
  }, 30_000);
});

describe('the document', () => table.compared());
