import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Scenario } from '../scenario.ts';
import type { Visitor } from './visitor.ts';

/** Where the SDK sends to, and with which key. */
export interface MixpanelTarget {
  /** Address of the connection, no slash at the end. */
  apiHost: string;
  token: string;
}

export type BrowserKind = Scenario['browsers'][number];

/** A way to run the browser SDK for visitors that all use one browser. */
export interface SdkRunner {
  /** How: shown with the result. */
  readonly kind: 'chromium' | 'node';
  /** The origin that pages are served from: browsers' keys are bound to it. */
  readonly origin: string;
  /**
   * Plays visitors one after the other in this browser's page. Resolves with the number of events sent.
   * For one kind of browser, one call at a time.
   */
  play(browser: BrowserKind, target: MixpanelTarget, visitors: readonly Visitor[]): Promise<number>;
  stop(): Promise<void>;
}

/** The page's host: an example name that the browser is told to look for on this machine. */
export const PAGE_HOST = 'platform.example.com';

/** The SDK's own bundle, and our page beside it. */
export async function pageScripts(): Promise<{ sdk: string; page: string }> {
  const resolve = createRequire(import.meta.url).resolve;
  const [sdk, page] = await Promise.all([
    readFile(resolve('mixpanel-browser/dist/mixpanel.umd.js'), 'utf8'),
    readFile(new URL('./page.js', import.meta.url), 'utf8'),
  ]);
  return { sdk, page };
}
