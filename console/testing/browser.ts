import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, ElementContext, RunOptions } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../build.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';

/** Milliseconds. Generous: a busy machine is no failure of the console, and what is there ends the wait at once. */
const patience = 40_000;
const inCi = process.env.CI === 'true';

export interface Visit {
  page: Page;
  api: FakeApi;
  context: BrowserContext;
  /** What the browser complained of: refused by the content policy, thrown, or logged as an error. */
  complaints: string[];
}

interface VisitOptions {
  path?: string;
  empty?: boolean;
  crossings?: number;
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  signedIn?: boolean;
}

export type Open = (options?: VisitOptions) => Promise<Visit>;

/**
 * Tests that need a browser. Without one they are skipped, and say so; in CI a missing browser is a failure. Each
 * `open` gets its own made-up control plane and its own profile.
 */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  if (chromiumPath === undefined && !inCi) {
    describe(name, () => {
      test.skip('skipped: no Chromium found (set CHROMIUM_PATH to one)', () => undefined);
    });
    return;
  }
  describe(name, { timeout: 5 * patience }, () => {
    let browser: Browser;
    let dist: string;
    const closing: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      dist = await buildConsole();
      browser = await launchChromium();
    }, 4 * patience);
    afterAll(() => browser?.close());
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });

    tests(async (options = {}) => {
      const api = await startFakeApi({
        dist,
        empty: options.empty ?? false,
        crossings: options.crossings ?? 600,
      });
      closing.push(() => api.close());
      const context = await browser.newContext({
        viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
        colorScheme: options.theme ?? 'light',
        reducedMotion: 'reduce',
        timezoneId: 'Europe/Amsterdam',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      closing.push(() => context.close());
      if (options.signedIn !== false) {
        await context.addCookies([{ name: 'drawbridge_session', value: 'made-up', url: api.origin }]);
      }
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      const complaints: string[] = [];
      page.on('console', (message) => {
        // A problem that the made-up control plane answers on purpose is logged by the browser as well.
        if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
          complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      if (options.path !== undefined) await page.goto(api.origin + options.path);
      return { page, api, context, complaints };
    });
  });
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Half-way through a transition colours are neither the old nor the new ones. What moves for ever is not waited for. */
async function untilStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    // One that the browser holds back, as of what is not in sight, never ends.
    await Promise.race([
      Promise.allSettled(ending.map((one) => one.finished)),
      new Promise((resolve) => setTimeout(resolve, 3_000)),
    ]);
  });
}

/** Read when it is first asked for; the packed form, as every page that is looked at has to take it in. */
let axeSource: string | undefined;

/**
 * What axe finds, in one line each; by these rules only, where they are given. axe is called as it is: its builder for
 * Playwright brings it into the page twice each time, and all that passed out of it. Pages of ours have no frames.
 */
export async function axeFindings(page: Page, rules?: string[]): Promise<string[]> {
  axeSource ??= readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  await untilStill(page);
  const options: RunOptions = {
    resultTypes: ['violations'],
    runOnly: rules === undefined ? { type: 'tag', values: standards } : { type: 'rule', values: rules },
  };
  return page.evaluate(async (asked) => {
    const { axe } = window as unknown as {
      axe: { run(context: ElementContext, options: RunOptions): Promise<AxeResults> };
    };
    const { violations } = await axe.run(document, asked);
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
    );
  }, options);
}

export { expect, test };
