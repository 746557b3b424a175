import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { EGRESS, type EgressMode, type Settlement } from '@drawbridge/protocol';
import type { RateLimiter } from '../admit/index.ts';
import type { KeyLimits } from '../budget/index.ts';
import { type CanaryUse, canaryKey, clientClass } from '../canary.ts';
import type { LiveEgress, LiveKey } from '../crossing.ts';
import type { GatewayJournal } from '../journal/index.ts';
import { type GatewayLog, traceOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type RandomTexts, record } from '../record/index.ts';
import { Refusal, type RefusalCode } from '../refusal/index.ts';
import type { Live } from '../snapshot/index.ts';
import { callerOf, networkOf } from '../source.ts';
import { stageIndex, Trace } from '../trace.ts';
import type { Ask } from './ask.ts';
import { type Dialled, type DialOptions, dial } from './dial.ts';
import {
  admitProxyKey,
  drillFor,
  EgressRefusal,
  egressOf,
  judge,
  proxyKey,
  shownKeys,
  type VendorsAt,
  vendorLost,
  withdrawn,
} from './enter.ts';
import type { LedAddresses } from './led.ts';
import { formEgressRecord, formEgressSettlement } from './records.ts';
import type { Ended, Running } from './running.ts';

/** What all exchanges through the egress proxy of a worker share. */
export interface EgressHouse {
  journal: Pick<GatewayJournal, 'append' | 'appendLater'>;
  live: () => Live | null;
  keyLimits: KeyLimits;
  refusalRates: RateLimiter;
  /** Exchanges under way, by app. */
  perApp: Map<string, number>;
  mostPerApp: number;
  underWay: Set<Exchange>;
  metrics: Metrics;
  log: GatewayLog;
  clock: () => number;
  monotonic: () => number;
  random: RandomTexts;
  dial: DialOptions;
  console: string | null;
  /** Proxies in front that are believed where a client comes from; null: none is. */
  proxies: BlockList | null;
  onCanary: (use: CanaryUse) => void;
  /** Where names of vendors led lately. */
  led: LedAddresses;
}

/** An exchange from when its key is known. */
export interface Exchange {
  id: string;
  at: number;
  ask: Ask;
  key: LiveKey;
  address: string | null;
  vendor: string | null;
  mode: EgressMode;
  would: RefusalCode | null;
  /** The recovery drill that refuses it; null: none does. */
  drill: string | null;
  /** Why it is to end; null: it may go on. */
  cut: Refusal | null;
  running: Running | null;
  /** Addresses that it leads to; none: it is not open yet, or only a proxy knows. */
  reached: readonly string[];
}

/** The side that asked: how it is answered. */
export interface Client {
  readonly isGone: boolean;
  /** `page`: where in the console the crossing is shown. */
  refuse(refusal: Refusal, added: readonly string[], page: string | null): void;
  run(exchange: Exchange, egress: LiveEgress, to: Dialled, added: readonly string[]): Running;
}

const RECORDED_REFUSALS_PER_MINUTE = 120;

/** Takes one request to the egress proxy from its key to its settlement, and answers it in every case. Never rejects. */
export async function walkEgress(
  house: EgressHouse,
  request: IncomingMessage,
  read: () => Ask,
  client: Client,
): Promise<void> {
  const trace = new Trace(house.monotonic);
  let exchange: Exchange | null = null;
  let ask: Ask | null = null;
  let isRecorded = false;
  let isCounted = false;
  const live = house.live();
  try {
    if (live === null) throw noSnapshot();
    ask = read();
    trace.enter(stageIndex.authenticate);
    const at = house.clock();
    const key = proxyKey(request.headers['proxy-authorization'], live.keys, at);
    const address = callerOf(request, house.proxies);
    const mode = live.egress?.config.mode ?? 'enforce';
    exchange = {
      id: house.random.uuid(at),
      at,
      ask,
      key,
      address,
      vendor: null,
      mode,
      would: null,
      drill: null,
      cut: null,
      running: null,
      reached: [],
    };
    trace.enter(stageIndex.admit);
    const egress = egressOf(live);
    admitProxyKey(key, egress, address);
    isCounted = enterApp(house, key.config.app);
    if (key.caps !== null) await house.keyLimits.admit(key.caps);
    trace.enter(stageIndex.authorise);
    const judged = judge(ask, egress, vendorsAt(house));
    Object.assign(exchange, judged);
    const drill = drillFor(exchange, live, vendorsAt(house), at);
    if (drill !== null) {
      exchange.drill = drill.id;
      throw vendorLost(drill);
    }
    house.underWay.add(exchange);
    trace.enter(stageIndex.record);
    await record(house.journal, recordOf(house, live, exchange, null));
    isRecorded = true;
    trace.enter(stageIndex.forward);
    endIfCut(exchange);
    const { vendor } = exchange;
    const to = await dial(ask.target, egress, house.dial, (found) => {
      if (vendor !== null) house.led.note(vendor, found, house.monotonic());
    });
    exchange.reached = to.reached;
    // Rules may have changed while it was dialled, when nobody knew yet where it leads.
    exchange.cut ??= cutFor(house, exchange);
    if (exchange.cut !== null || client.isGone) to.socket.destroy();
    endIfCut(exchange);
    const ended = client.isGone ? nobodyThere : await run(client, exchange, egress, to);
    trace.enter(stageIndex.settle);
    settle(
      house,
      exchange,
      trace,
      outcomeOf(ended),
      ended,
      client.isGone && ended === nobodyThere ? null : to.remote,
    );
  } catch (cause) {
    const refusal = refusalFrom(house, exchange, trace, cause);
    if (refusal instanceof EgressRefusal && exchange !== null) exchange.vendor = refusal.vendor;
    house.metrics.refusal(refusal.code);
    if (exchange === null || live === null) {
      client.refuse(refusal, [], null);
      if (live !== null && ask !== null) await tellCanary(house, live, ask, request);
    } else if (isRecorded) {
      client.refuse(refusal, crossingHeader(exchange), pageOf(house, live, exchange));
      settle(house, exchange, trace, outcomeOfFailure(refusal), { ...nothing, reason: refusal.code }, null);
    } else await refuseAndRecord(house, live, exchange, refusal, client, trace);
  } finally {
    if (exchange !== null) house.underWay.delete(exchange);
    if (isCounted && exchange !== null) leaveApp(house, exchange.key.config.app);
  }
}

async function run(client: Client, exchange: Exchange, egress: LiveEgress, to: Dialled): Promise<Ended> {
  try {
    const running = client.run(exchange, egress, to, addedFor(exchange));
    exchange.running = running;
    return await running.done;
  } catch (cause) {
    to.socket.destroy();
    throw cause;
  }
}

/** Ends all exchanges that may not go on under what is in force now. Returns how many. */
export function cutWithdrawn(house: EgressHouse, live: Live): number {
  let count = 0;
  const now = house.clock();
  for (const exchange of house.underWay) {
    if (exchange.cut !== null) continue;
    exchange.cut = endedBy(house, exchange, live, now);
    if (exchange.cut === null) continue;
    count += 1;
    exchange.running?.cut(exchange.cut);
  }
  return count;
}

function cutFor(house: EgressHouse, exchange: Exchange): Refusal | null {
  const live = house.live();
  return live === null ? null : endedBy(house, exchange, live, house.clock());
}

/**
 * Why an exchange ends under what is in force now; null: it goes on. A recovery drill ends tunnels that its lot takes: nobody sees the
 * requests in them, and a client that keeps its tunnel would lose nothing. Of a plain request the answer comes to its end.
 */
function endedBy(house: EgressHouse, exchange: Exchange, live: Live, now: number): Refusal | null {
  const found = withdrawn(exchange, live, vendorsAt(house), now);
  if (found !== null || exchange.ask.via !== 'connect') return found;
  const drill = drillFor(exchange, live, vendorsAt(house), now);
  return drill === null ? null : vendorLost(drill);
}

function vendorsAt({ led, monotonic }: EgressHouse): VendorsAt {
  return (address) => led.vendorsAt(address, monotonic());
}

const nothing: Ended = { ended: 'none', status: null, sent: 0, received: 0, sni: null, reason: null };
const nobodyThere: Ended = { ...nothing, ended: 'client' };

function endIfCut({ cut }: Exchange): void {
  if (cut !== null) throw cut;
}

function outcomeOf({ ended, reason }: Ended): Settlement['outcome'] {
  if (ended === 'remote' && reason !== null) return 'upstream_failed';
  switch (ended) {
    case 'cut':
    case 'stopped':
      return 'cut_off';
    case 'idle':
      return 'timed_out';
    default:
      return 'answered';
  }
}

function outcomeOfFailure({ code }: Refusal): Settlement['outcome'] {
  if (code === 'upstream_unreachable') return 'connect_failed';
  return code === 'upstream_timeout' ? 'timed_out' : 'not_sent';
}

/** `X-Drawbridge-Would-Refuse`: in `warn` the client learns what would be refused. */
function addedFor(exchange: Exchange): string[] {
  const added = crossingHeader(exchange);
  if (exchange.mode === 'warn' && exchange.would !== null)
    added.push('X-Drawbridge-Would-Refuse', exchange.would);
  return added;
}

function crossingHeader({ id }: Exchange): string[] {
  return ['X-Drawbridge-Crossing', id];
}

function pageOf(house: EgressHouse, live: Live, { id }: Exchange): string | null {
  const base = live.console ?? house.console;
  return base === null ? null : `${base}/crossings/${id}`;
}

/** Throws Refusal `overloaded` when the app has as many under way as it may. */
function enterApp({ perApp, mostPerApp }: EgressHouse, app: string): true {
  const count = perApp.get(app) ?? 0;
  if (count >= mostPerApp) {
    throw new Refusal(
      'overloaded',
      'admit',
      `This app has ${mostPerApp} exchanges under way, and may have no more. Close some.`,
      {
        retryAfterSeconds: 1,
      },
    );
  }
  perApp.set(app, count + 1);
  return true;
}

function leaveApp({ perApp }: EgressHouse, app: string): void {
  const count = (perApp.get(app) ?? 1) - 1;
  if (count > 0) perApp.set(app, count);
  else perApp.delete(app);
}

function recordOf(house: EgressHouse, live: Live, exchange: Exchange, refusal: Refusal | null) {
  const { key, ask, address } = exchange;
  const isPersons = key.config.person !== undefined;
  return formEgressRecord(
    {
      id: exchange.id,
      at: exchange.at,
      gateway: live.gateway,
      vendor: exchange.vendor,
      app: key.config.app,
      key: key.config.id,
      via: ask.via,
      method: ask.method,
      host: ask.target.host,
      port: ask.target.port,
      mode: exchange.mode,
      would: exchange.would,
      network: isPersons || address === null ? null : networkOf(address),
      snapshot: live.version,
      refusal,
      drill: exchange.drill,
    },
    house.random,
  );
}

async function refuseAndRecord(
  house: EgressHouse,
  live: Live,
  exchange: Exchange,
  refusal: Refusal,
  client: Client,
  trace: Trace,
): Promise<void> {
  const key = exchange.key.config.id;
  const wait =
    refusal.code === 'journal_unavailable'
      ? 1
      : // Each is the drill's evidence, and it ends by itself.
        exchange.drill !== null
        ? 0
        : house.refusalRates.take(key, RECORDED_REFUSALS_PER_MINUTE, house.monotonic());
  if (wait > 0) house.metrics.unrecorded();
  house.metrics.crossing(EGRESS, 'refused');
  client.refuse(refusal, crossingHeader(exchange), wait > 0 ? null : pageOf(house, live, exchange));
  if (wait > 0) return;
  house.log.info(
    { event: 'crossing_refused', crossing: exchange.id, code: refusal.code, stage: refusal.stage, key },
    'egress refused',
  );
  try {
    await record(house.journal, recordOf(house, live, exchange, refusal));
    settleQuietly(house, exchange, trace, 'not_sent', { ...nothing, reason: refusal.code }, null);
  } catch (cause) {
    house.log.error(
      { event: 'refusal_not_recorded', crossing: exchange.id, ...traceOf(cause) },
      'a refused egress could not be journalled',
    );
  }
}

function settle(
  house: EgressHouse,
  exchange: Exchange,
  trace: Trace,
  outcome: Settlement['outcome'],
  ended: Ended,
  remote: string | null,
): void {
  house.metrics.crossing(EGRESS, outcome);
  house.log.debug({ event: 'egress', crossing: exchange.id, outcome, ended: ended.ended }, 'egress');
  settleQuietly(house, exchange, trace, outcome, ended, remote);
}

function settleQuietly(
  house: EgressHouse,
  { id }: Exchange,
  trace: Trace,
  outcome: Settlement['outcome'],
  ended: Ended,
  remote: string | null,
): void {
  const timings = trace.timings();
  house.journal.appendLater(
    formEgressSettlement(
      { crossing: id, at: house.clock(), outcome, remote, timings, ...ended },
      house.random,
    ),
  );
}

/** A planted key is journalled and told, as at the other door. The answer is out by now. */
async function tellCanary(house: EgressHouse, live: Live, ask: Ask, request: IncomingMessage): Promise<void> {
  const [shown] = shownKeys(request.headers['proxy-authorization']);
  if (shown === undefined || live.canaries === null) return;
  const canary = live.canaries.get(hash('sha256', shown.key, 'hex'));
  if (canary === undefined) return;
  const at = house.clock();
  const address = callerOf(request, house.proxies);
  const mode = live.egress?.config.mode ?? 'enforce';
  const exchange: Exchange = {
    id: house.random.uuid(at),
    at,
    ask,
    key: canaryKey(canary),
    address: null,
    vendor: null,
    mode,
    would: null,
    drill: null,
    cut: null,
    running: null,
    reached: [],
  };
  const refusal = new Refusal('canary_used', 'authenticate', 'A planted key was shown.');
  house.onCanary({
    canary,
    crossing: exchange.id,
    at,
    address,
    client: clientClass(request.headers['user-agent']),
    connection: EGRESS,
    endpoint: ask.via,
  });
  if (house.refusalRates.take(canary, RECORDED_REFUSALS_PER_MINUTE, house.monotonic()) > 0) return;
  try {
    await record(house.journal, recordOf(house, live, exchange, refusal));
  } catch (cause) {
    house.log.error(
      { event: 'refusal_not_recorded', crossing: exchange.id, ...traceOf(cause) },
      'a planted key could not be journalled',
    );
  }
}

/** An error that is no Refusal is ours: it refuses in every mode, and the log says where it arose, not what it said. */
function refusalFrom(house: EgressHouse, exchange: Exchange | null, trace: Trace, cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  house.log.error(
    { event: 'crossing_error', crossing: exchange?.id, stage: trace.stage, ...traceOf(cause) },
    'a stage of the egress proxy failed; the crossing was refused',
  );
  return new Refusal(
    'internal',
    trace.stage,
    'The gateway failed on this request, so it was not sent. Its log says more.',
  );
}

function noSnapshot(): Refusal {
  return new Refusal(
    'snapshot_missing',
    'accept',
    'This gateway has no configuration yet and waits for its control plane.',
    {
      retryAfterSeconds: 5,
    },
  );
}
