import { Analytics } from '@segment/analytics-node';
import type { AnalyticsWorld } from './analytics-world.ts';
import type { Sheet } from './table.ts';
import { type TrackingSdk, trackingSuite } from './tracking.suite.ts';

const segment: TrackingSdk = {
  vendor: 'segment',
  async send({ url, key, retries }, messages) {
    const { origin, pathname } = new URL(url);
    const analytics = new Analytics({
      writeKey: key,
      host: origin,
      path: `${pathname}/v1/batch`,
      maxRetries: retries,
      maxEventsInBatch: messages.length,
      flushInterval: 1000,
    });
    let attempts = 0;
    analytics.on('http_request', () => {
      attempts += 1;
    });
    // A failed delivery is told here too: without a listener the SDK would write it to the console.
    analytics.on('error', () => undefined);
    const told = messages.map(
      ([call, message]) =>
        new Promise<string | null>((resolve) => {
          const done = (error?: unknown): void => {
            resolve(error === undefined || error === null ? null : String(reasonOf(error)));
          };
          // The app's messages are made up to fit each call; the SDK validates them itself.
          Reflect.apply(analytics[call], analytics, [message, done]);
        }),
    );
    const result = { told: await Promise.all(told), attempts: 0 };
    await analytics.closeAndFlush();
    return { ...result, attempts };
  },
  telling: (status) => new RegExp(`\\[${status}\\]`),
};

function reasonOf(error: unknown): unknown {
  return error instanceof Error ? error.message : typeof error === 'object' ? JSON.stringify(error) : error;
}

export function segmentNodeSuite(world: () => AnalyticsWorld, sheet: Sheet): void {
  trackingSuite(world, segment, sheet);
}
