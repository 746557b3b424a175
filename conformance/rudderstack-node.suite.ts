import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import type { AnalyticsWorld } from './analytics-world.ts';
import type { Sheet } from './table.ts';
import { type TrackingSdk, trackingSuite } from './tracking.suite.ts';

const ignore = (): void => undefined;

const rudderstack: TrackingSdk = {
  vendor: 'rudderstack',
  async send({ url, key, retries }, messages) {
    let attempts = 1;
    const analytics = new RudderAnalytics(key, {
      dataPlaneUrl: url,
      flushAt: messages.length,
      flushInterval: 100,
      retryCount: retries,
      axiosRetryConfig: {
        onRetry: () => {
          attempts += 1;
        },
      },
      // Without it the SDK rejects a promise that the app never sees.
      errorHandler: () => undefined,
    });
    // It tells the console of each failure, which is what these tests make.
    Object.assign(analytics, { logger: { error: ignore, info: ignore, debug: ignore, warn: ignore } });
    const told = messages.map(
      ([call, message]) =>
        new Promise<string | null>((resolve) => {
          const done = (error?: Error | null): void => resolve(error?.message ?? null);
          Reflect.apply(analytics[call], analytics, [message, done]);
        }),
    );
    const result = await Promise.all(told);
    return { told: result, attempts };
  },
  telling: (status) => new RegExp(`status code ${status}`),
};

export function rudderstackNodeSuite(world: () => AnalyticsWorld, sheet: Sheet): void {
  trackingSuite(world, rudderstack, sheet);
}
