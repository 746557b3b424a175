import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import type { LeafDrill } from '@drawbridge/protocol';
import type { BodyBudget } from './accept/index.ts';
import type { RateLimiter } from './admit/index.ts';
import type { KeyLimits } from './budget/index.ts';
import type { CanaryUse } from './canary.ts';
import type { Cohort } from './cohort.ts';
import type { FoundKey, RouteStep } from './crossing.ts';
import type { HistoryShelf } from './history/index.ts';
import type { Holds } from './hold/holds.ts';
import type { GatewayJournal } from './journal/index.ts';
import type { GatewayLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { RandomTexts } from './record/index.ts';
import type { Breakers } from './route/breakers.ts';
import type { Slices } from './scan/index.ts';
import type { Live } from './snapshot/index.ts';
import type { Trace } from './trace.ts';
import type { Upstream } from './upstream/index.ts';
import type { UnderWay } from './withdrawn.ts';

/** What all crossings of a worker share. */
export interface House {
  journal: Pick<GatewayJournal, 'append' | 'appendLater'>;
  /** Tokens of what vendors keep. */
  history: HistoryShelf;
  upstream: Upstream;
  keyLimits: KeyLimits;
  refusalRates: RateLimiter;
  budget: BodyBudget;
  metrics: Metrics;
  log: GatewayLog;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Monotonic milliseconds with fractions. */
  monotonic: () => number;
  random: RandomTexts;
  /** Base URL of the console, for links; null where there is none. */
  console: string | null;
  cohort: Cohort;
  /** Where long bodies are looked through. */
  slices: Slices;
  /** Crossings under way whose keys are known. */
  underWay: Set<UnderWay>;
  /** What is kept for connections that take nothing now; null: nothing is. */
  holds: Holds | null;
  /** Of the connections that routes go over. */
  breakers: Breakers;
  /** Proxies that are believed where a request comes from; null: none is. */
  proxies: BlockList | null;
  /** Told of each use of a planted key. */
  onCanary: (use: CanaryUse) => void;
  bodyLimit: number;
  clientStallMs: number;
}

/** One request on its way through the stages. */
export interface Walk extends UnderWay {
  house: House;
  live: Live;
  request: IncomingMessage;
  response: ServerResponse;
  trace: Trace;
  /** What it showed; null: nobody has looked yet. */
  found: readonly FoundKey[] | null;
  /** The record says that it goes out: from here on its end is told by a settlement. */
  isRecorded: boolean;
  /** Which try of a route it is; null: it came over the connection's own prefix. */
  step: RouteStep | null;
  /** What its route found of recovery drills; null: it came over no route, or over members that none is about. */
  drill: WalkDrill | null;
}

/** `part`: the drill that a request over a route is part of. `lost`: the vendor that it does not reach. */
export interface WalkDrill {
  part: LeafDrill | null;
  lost: string | null;
}
