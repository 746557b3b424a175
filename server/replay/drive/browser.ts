import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type BrowserKind, PAGE_HOST, pageScripts, type SdkRunner } from './runner.ts';

/** The Chromium to use: CHROMIUM_PATH, else Debian's; null where there is none. */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  for (const path of [env.CHROMIUM_PATH, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium']) {
    if (path === undefined || path === '') continue;
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

async function servePage(scripts: { sdk: string; page: string }): Promise<{ server: Server; port: number }> {
  const files: Readonly<Record<string, { type: string; body: string }>> = {
    '/sdk.js': { type: 'text/javascript; charset=utf-8', body: scripts.sdk },
    '/page.js': { type: 'text/javascript; charset=utf-8', body: scripts.page },
  };
  const html =
    '<!doctype html><meta charset="utf-8"><title>Console</title><script src="/sdk.js"></script><script src="/page.js"></script>';
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''] ?? { type: 'text/html; charset=utf-8', body: html };
    response.writeHead(200, { 'content-type': file.type });
    response.end(file.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('the page server has no TCP address');
  return { server, port: address.port };
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${PAGE_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
];

/**
 * What the page finds before the SDK loads: the browser's maker, and a storage in the page's own memory. (What is
 * stored there is nobody's subject here, and Chromium's takes a third of all the time: it writes each value to disk.)
 */
function initScript(vendor: string): string {
  return `{
    const kept = new Map();
    const storage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, String(value)),
      removeItem: (key) => void kept.delete(key),
    };
    Object.defineProperty(window, 'localStorage', { value: storage });
    Object.defineProperty(navigator, 'vendor', { get: () => ${JSON.stringify(vendor)} });
  }`;
}

export interface PageBrowser {
  browser: Browser;
  /** Serves a page with the SDK and `playVisitors` at any path. */
  origin: string;
  stop(): Promise<void>;
}

/** Starts headless Chromium, with access to no network but this machine, and a server for the page. */
export async function launchBrowser(executablePath: string): Promise<PageBrowser> {
  const { server, port } = await servePage(await pageScripts());
  const closeServer = (): void => {
    server.close();
    server.closeAllConnections();
  };
  try {
    const browser = await chromium.launch({
      executablePath,
      args: flags,
      // What interrupts us is answered by who started us: it stops the browser in its turn.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const stop = async (): Promise<void> => {
      await browser.close();
      closeServer();
    };
    return { browser, origin: `http://${PAGE_HOST}:${port}`, stop };
  } catch (error) {
    closeServer();
    throw error;
  }
}

/** Runs the SDK in Chromium: one page per kind of browser, kept open, since a page's start costs more than a visitor. */
export async function startChromium(executablePath: string): Promise<SdkRunner> {
  const { browser, origin, stop } = await launchBrowser(executablePath);
  const openPage = async (kind: BrowserKind): Promise<Page> => {
    const [width, height] = kind.screen;
    const context = await browser.newContext({
      userAgent: kind.agent,
      viewport: { width, height },
      screen: { width, height },
    });
    const page = await context.newPage();
    await page.addInitScript({ content: initScript(kind.vendor) });
    await page.goto(`${origin}/home`);
    return page;
  };
  const pages = new Map<string, Promise<Page>>();
  return {
    kind: 'chromium',
    origin,
    play: async (kind, target, visitors) => {
      const opening = pages.get(kind.agent) ?? openPage(kind);
      pages.set(kind.agent, opening);
      const page = await opening;
      const call = `playVisitors(${JSON.stringify(target)}, ${JSON.stringify(visitors)})`;
      const events: unknown = await page.evaluate(call);
      return Number(events);
    },
    stop,
  };
}
