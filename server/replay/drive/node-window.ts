import { request } from 'node:http';
import { type Context, createContext, runInContext } from 'node:vm';
import { type BrowserKind, type MixpanelTarget, PAGE_HOST, pageScripts, type SdkRunner } from './runner.ts';
import type { Visitor } from './visitor.ts';

/** What the SDK expects of `localStorage` and `sessionStorage`. */
function makeStorage(): Record<'getItem' | 'setItem' | 'removeItem', unknown> {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: unknown) => {
      kept.set(key, String(value));
    },
    removeItem: (key: string) => {
      kept.delete(key);
    },
  };
}

/** An XMLHttpRequest with the headers that a browser of this kind would add. Asynchronous requests only. */
function requestClass(kind: BrowserKind, origin: string): unknown {
  return class {
    readyState = 0;
    status = 0;
    statusText = '';
    responseText = '';
    withCredentials = false;
    timeout = 0;
    onreadystatechange: (() => void) | null = null;
    #method = 'GET';
    #url = '';
    readonly #headers: Record<string, string> = {};

    open(method: string, url: string): void {
      this.#method = method;
      this.#url = url;
      this.readyState = 1;
    }

    setRequestHeader(name: string, value: string): void {
      this.#headers[name] = value;
    }

    send(body: string | null): void {
      const sent = request(this.#url, {
        method: this.#method,
        timeout: this.timeout,
        headers: {
          'User-Agent': kind.agent,
          Accept: '*/*',
          'Accept-Language': 'en-US,en;q=0.9',
          Origin: origin,
          Referer: `${origin}/`,
          ...this.#headers,
          ...(body === null ? {} : { 'Content-Length': Buffer.byteLength(body) }),
        },
      });
      const finish = (): void => {
        this.readyState = 4;
        this.onreadystatechange?.();
      };
      sent.on('timeout', () => sent.destroy(new Error('timeout')));
      sent.on('error', finish);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', finish);
        response.on('end', () => {
          this.status = response.statusCode ?? 0;
          this.statusText = response.statusMessage ?? '';
          this.responseText = Buffer.concat(chunks).toString('utf8');
          finish();
        });
      });
      sent.end(body ?? undefined);
    }
  };
}

/** A page is closed when its visitors are done: what the SDK planned for an hour later must not keep Node alive. */
function timer(callback: () => void, ms = 0): NodeJS.Timeout {
  const timeout = setTimeout(callback, ms);
  return ms >= 60_000 ? timeout.unref() : timeout;
}

/** As much of a window as the SDK reads. */
function makeWindow(kind: BrowserKind, origin: string): Record<string, unknown> {
  const [width, height] = kind.screen;
  const location = {
    href: `${origin}/home`,
    origin,
    protocol: 'http:',
    hostname: PAGE_HOST,
    pathname: '/home',
    search: '',
  };
  const nothing = (): void => undefined;
  const document = {
    title: 'Console',
    cookie: '',
    referrer: '',
    URL: location.href,
    location,
    visibilityState: 'visible',
    createElement: () => ({}),
    addEventListener: nothing,
    removeEventListener: nothing,
  };
  const window: Record<string, unknown> = {
    document,
    location,
    navigator: { userAgent: kind.agent, vendor: kind.vendor, onLine: true },
    screen: { width, height },
    localStorage: makeStorage(),
    sessionStorage: makeStorage(),
    XMLHttpRequest: requestClass(kind, origin),
    CustomEvent: class {},
    addEventListener: nothing,
    removeEventListener: nothing,
    dispatchEvent: nothing,
    console: { log: nothing, error: nothing, warn: nothing, info: nothing },
    setTimeout: timer,
    clearTimeout,
    setInterval,
    clearInterval,
    crypto: globalThis.crypto,
    btoa,
    atob,
    URL,
    URLSearchParams,
  };
  window.window = window;
  window.self = window;
  return window;
}

/** Runs the same SDK bundle and the same page script in Node, where no Chromium is found. */
export async function startNodeWindows(): Promise<SdkRunner> {
  const scripts = await pageScripts();
  const origin = `http://${PAGE_HOST}:8080`;
  const openWindow = (kind: BrowserKind): Context => {
    const context = createContext(makeWindow(kind, origin));
    runInContext(scripts.sdk, context, { filename: 'mixpanel.umd.js' });
    runInContext(scripts.page, context, { filename: 'page.js' });
    return context;
  };
  const windows = new Map<string, Context>();
  return {
    kind: 'node',
    origin,
    play: async (kind, target: MixpanelTarget, visitors: readonly Visitor[]) => {
      const context = windows.get(kind.agent) ?? openWindow(kind);
      windows.set(kind.agent, context);
      const call = `playVisitors(${JSON.stringify(target)}, ${JSON.stringify(visitors)})`;
      const events: unknown = await runInContext(call, context);
      return Number(events);
    },
    stop: () => Promise.resolve(),
  };
}
