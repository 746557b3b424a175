import { availableParallelism, loadavg } from 'node:os';
import { describeInBrowser, expect, test } from '../testing/browser.ts';

describeInBrowser('crossings, live', (open) => {
  test('come in at a thousand a second without freezing, and can be held, read and left', async () => {
    const { page, api, complaints } = await open({ path: '/crossings?vendor=mixpanel' });
    await page.getByRole('table', { name: 'Crossings' }).getByRole('link').first().waitFor();
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(window, { long });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) long.push(entry.duration);
      }).observe({ type: 'longtask' });
    });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return 1000 * (metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? Number.NaN);
    };
    const atFirst = await spent();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('switch', { name: 'Live' }).press('Space');
    await page.getByText(/^Live: showing \d+ of [\d,]+\/s$/).waitFor();
    expect(asked.some((url) => url.endsWith('/crossings/live?vendor=mixpanel'))).toBe(true);
    await page.getByText(/^([4-9]\d\d|1,000) rows\.$/).waitFor();
    const top = page.getByRole('row').nth(1).getByRole('link');
    const before = await top.getAttribute('href');
    await expect.poll(() => top.getAttribute('href')).not.toBe(before);
    await expect.poll(() => page.getByRole('row').count()).toBeLessThan(80);
    // Eight batches and more came, four a second: by the processor's time they leave the page idle for the most part.
    expect((await spent()) - atFirst).toBeLessThan(2_000);
    // By the clock only where nobody else is on the processor: else it measures them.
    const long = await page.evaluate(() => (window as unknown as { long: number[] }).long);
    if ((loadavg()[0] ?? 0) < availableParallelism()) {
      expect(long.filter((duration) => duration > 200)).toEqual([]);
    }

    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    const held = await top.getAttribute('href');
    await page.getByText(/^Paused: [1-9][\d,]* came meanwhile$/).waitFor();
    await expect.poll(() => top.getAttribute('href')).toBe(held);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => top.getAttribute('href')).not.toBe(held);

    await page.evaluate(() => window.scrollTo(0, 2000));
    await page.getByText(/^Held while you read/).waitFor();
    await page.evaluate(() => window.scrollTo(0, 0));
    api.following.silent = true;
    await page.getByText(/^Not live: last seen \d+ s ago$/).waitFor();
    await page.getByRole('switch', { name: 'Live' }).click();
    await page.getByRole('heading', { level: 1, name: /What crossed, newest first/ }).waitFor();
    expect(new URL(page.url()).search).toBe('?vendor=mixpanel');
    expect(complaints).toEqual([]);
  });

  test('says that it is not live where the server would not be followed, and goes on once it is', async () => {
    const { page, api } = await open({ path: '/crossings' });
    await page.getByRole('table', { name: 'Crossings' }).getByRole('link').first().waitFor();
    api.trouble.set('/crossings/live', { status: 503 });
    await page.getByRole('switch', { name: 'Live' }).click();
    await page.getByText(/^Not live: the server would not be followed/).waitFor();
    api.trouble.clear();
    await page.getByText(/^Live: showing/).waitFor();
  });

  test('all of what comes is shown where it is little', async () => {
    const { page, api } = await open({ path: '/crossings?live=1', width: 390 });
    api.following.perBatch = 1;
    await page.getByText(/^Live: [345]\/s$/).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
});
