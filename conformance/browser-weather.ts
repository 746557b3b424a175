import { setTimeout as wait } from 'node:timers/promises';
import type { ReceivedRequest, Script } from '@drawbridge/standins';
import type { Page, Request } from 'playwright-core';
import { expect, it } from 'vitest';
import type { PageBrowser } from '../server/replay/drive/browser.ts';
import { isThorough, type Sheet, type Weather } from './table.ts';
import type { Calls } from './weather.ts';

export type Contract = 'asIs' | 'recommended';

/** A vendor's stand-in, as far as weather needs it. */
export interface PageVendor {
  requests: ReceivedRequest[];
  script: Script;
  /** Things stored so far that the call makes: it is delivered when there is one more. */
  stored(): number;
}

/** One call of an SDK, as a page makes it. */
export interface PageCall {
  name: string;
  /** JavaScript for the page. */
  code: string;
  /** What SDKs send as a beacon they never see answered, so they send it once, whatever the vendor says. */
  isBeacon?: true;
  /** JavaScript for the page before it is left, so that leaving it sends nothing. */
  after?: string;
  /** The call whose request goes the same way: it is tried in all weathers, this one in some. */
  isLike?: string;
  /** The paths that it calls at the vendor, with a slash at their end. */
  paths: readonly string[];
}

/** How a page uses an SDK. */
export interface PageSdk {
  /** The SDK's own script. */
  script: string;
  vendor(contract: Contract, call: PageCall): PageVendor;
  /** JavaScript that starts the SDK with this key; a stranger's is given too. */
  start(contract: Contract, key: string | null, call: PageCall): string;
  calls: readonly PageCall[];
  /** Attempts and outcome in each weather. */
  expected(call: PageCall, weather: Weather): { gave: 'delivered' | 'lost'; attempts: number };
}

export const PAGE_PATH = '/members/greta.lindt@example.com/keys?invited_by=ben@example.org';
const STRANGER = 'phc_not_a_virtual_key';
const contracts: readonly Contract[] = ['asIs', 'recommended'];
const everyWeather: readonly Weather[] = ['fine', 'slow', 'refused', 'busy', 'often', 'dropped', 'stranger'];
/** For a call whose request goes the way of another's. */
const someWeather: readonly Weather[] = ['fine', 'busy'];
/** What each run tries: pages take long. The rest is for the soak, and for writing the table. */
const inEveryRun = new Set<Weather>(['fine', 'refused', 'busy', 'stranger']);
/** After its last attempt a page is watched this long, on its own clock, for one more: SDKs come again within 6 seconds. */
const QUIET_MS = 5_800;
/** By less than any SDK waits for an answer. */
const STEP_MS = 2_900;
const LOST_MS = 6_000;

interface Came {
  gave: string;
  attempts: number;
  reached: number;
  pageErrors: string[];
}

/**
 * A vendor's weather on each call of an SDK in a page, under each contract. Pages of the two contracts run side by
 * side; the page's clock is set forward while nothing is under way, so that back-off takes no time.
 */
export function pageWeatherSuite(
  sdk: PageSdk,
  browser: () => PageBrowser,
  keep: { sheet: Sheet; calls: Calls },
): void {
  for (const contract of contracts) {
    const lane = {};
    let opened: Promise<Page> | null = null;
    const page = (): Promise<Page> => {
      opened ??= openPage(browser(), sdk.script);
      return opened;
    };
    for (const call of sdk.calls) {
      for (const weather of call.isLike === undefined ? everyWeather : someWeather) {
        const isAsked =
          isThorough || (inEveryRun.has(weather) && (call.isLike === undefined || weather === 'fine'));
        if (!isAsked) {
          keep.sheet.leaveOut({ call: call.name, contract, weather });
          continue;
        }
        const note = keep.sheet.cell({ call: call.name, contract, weather });
        let came: Came | null = null;
        keep.calls.add(
          () => lane,
          async () => {
            came = await play(await page(), browser().origin, sdk, contract, call, weather);
            note({ gave: came.gave, attempts: came.attempts });
          },
        );
        it(`${call.name}, ${contract}: ${weather}`, () => {
          const { gave, attempts } = sdk.expected(call, weather);
          const reached = weather === 'stranger' ? 0 : attempts;
          expect(came).toEqual({ gave, attempts, reached, pageErrors: [] });
        });
      }
    }
  }
}

async function openPage({ browser }: PageBrowser, script: string): Promise<Page> {
  // An SDK that takes its page for a robot's sends nothing.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/${browser.version()} Safari/537.36`;
  const context = await browser.newContext({ userAgent });
  const page = await context.newPage();
  await context.clock.install();
  await page.addInitScript({ content: `localStorage.clear();\n${script}` });
  return page;
}

function prepare(script: Script, weather: Weather, match: (request: ReceivedRequest) => boolean): void {
  const answer = (status: number) => ({ do: 'answer' as const, status, body: '{"status":0}' });
  if (weather === 'slow') script.add({ do: 'delay', ms: 100 }, { match });
  if (weather === 'refused') script.add(answer(400), { match, times: 9 });
  if (weather === 'busy') script.add(answer(503), { match });
  if (weather === 'often') script.add(answer(503), { match, times: 3 });
  if (weather === 'dropped') script.add({ do: 'drop' }, { match });
}

async function play(
  page: Page,
  origin: string,
  sdk: PageSdk,
  contract: Contract,
  call: PageCall,
  weather: Weather,
): Promise<Came> {
  const vendor = sdk.vendor(contract, call);
  const isOfCall = (path: string): boolean =>
    call.paths.some((one) => `${path}/`.endsWith(one) || path.endsWith(one));
  const pageErrors: string[] = [];
  const underWay = new Set<Request>();
  let attempts = 0;
  let answered = 0;
  const onError = (error: Error) => pageErrors.push(error.message);
  const onRequest = (request: Request) => {
    // Nobody sees a beacon's answer.
    const isBeacon = request.resourceType() === 'ping';
    if (!isBeacon) underWay.add(request);
    if (request.method() !== 'OPTIONS' && isOfCall(new URL(request.url()).pathname)) {
      attempts += 1;
      if (isBeacon) answered += 1;
    }
  };
  const onEnd = (request: Request) => {
    if (underWay.delete(request) && isOfCall(new URL(request.url()).pathname)) answered += 1;
  };

  await page.goto(`${origin}/welcome?for=greta.lindt@example.com`);
  await page.evaluate(`history.replaceState(null, '', ${JSON.stringify(PAGE_PATH)})`);
  page.on('pageerror', onError);
  page.on('request', onRequest);
  page.on('requestfinished', onEnd);
  page.on('requestfailed', onEnd);
  const reachedOfCall = () => vendor.requests.filter((request) => isOfCall(request.path)).length;
  const before = { stored: vendor.stored(), reached: reachedOfCall() };
  prepare(vendor.script, weather, (request) => isOfCall(request.path));
  try {
    await page.evaluate(sdk.start(contract, weather === 'stranger' ? STRANGER : null, call));
    await page.evaluate(call.code);
    const { attempts: wanted, gave } = sdk.expected(call, weather);
    const isStored = () => vendor.stored() > before.stored;
    const end = performance.now() + LOST_MS;
    let quiet = 0;
    while (
      performance.now() < end &&
      (attempts < wanted ||
        (weather !== 'stranger' && reachedOfCall() < before.reached + wanted) ||
        answered < attempts ||
        quiet < QUIET_MS ||
        (gave === 'delivered' && !isStored()))
    ) {
      await wait(40);
      // The first attempt comes by itself; a clock set forward under a request would have the SDK give it up.
      if (underWay.size > 0 || attempts === 0 || answered < attempts) continue;
      await page.clock.fastForward(STEP_MS);
      if (attempts >= wanted) quiet += STEP_MS;
    }
    return {
      gave: isStored() ? 'delivered' : 'lost',
      attempts,
      reached: reachedOfCall() - before.reached,
      pageErrors,
    };
  } finally {
    vendor.script.clear();
    if (call.after !== undefined) await page.evaluate(call.after);
    page.off('pageerror', onError);
    page.off('request', onRequest);
    page.off('requestfinished', onEnd);
    page.off('requestfailed', onEnd);
  }
}
