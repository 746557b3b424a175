import { type Stage, stages } from '@drawbridge/protocol';
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

/** What a worker counts: plain numbers on the hot path, turned into Prometheus lines only when someone asks. */
export interface Metrics {
  /** A crossing came to its end. `outcome`: of the settlement, or `refused`. */
  crossing(connection: string, outcome: string): void;
  /** A request was refused, known or not. */
  refusal(code: string): void;
  /** Microseconds that each stage of a crossing took, in the order of `stages`. */
  stages(timings: readonly number[]): void;
  /** A member of a route answered, or was passed over: `what` says why. */
  route(route: string, connection: string, what: string): void;
  /** A refused crossing was not journalled because its key is refused too often. */
  unrecorded(): void;
  text(): Promise<string>;
  /** The same as plain objects, to be put together with those of other workers: `joinedText`. */
  values(): Promise<MetricValues>;
  readonly contentType: string;
}

export type MetricValues = MetricObjectWithValues<MetricValue<string>>[];

/** Prometheus text of several workers: each line says whose it is. */
export async function joinedText(
  workers: readonly { worker: number; values: MetricValues }[],
): Promise<string> {
  const labelled = workers.map(({ worker, values }) =>
    values.map((metric) => ({
      ...metric,
      aggregator: 'sum' as const,
      values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
    })),
  );
  return AggregatorRegistry.aggregate(labelled).metrics();
}

export interface Gauges {
  snapshotVersion: () => number;
  inFlight: () => number;
  bodyBytes: () => number;
  /** Breakers of the connections that routes go over. Left out: there are none. */
  /** What is kept for connections that take nothing now. Left out: nothing is. */
  held?: () => Iterable<{
    connection: string;
    requests: number;
    bytes: number;
    ended: ReadonlyMap<string, number>;
  }>;
  breakers?: () => Iterable<{ connection: string; state: 'closed' | 'open' | 'half_open' }>;
}

/** One registry per worker; `defaults` adds those of the process. */
export function createMetrics(gauges: Gauges, defaults = true): Metrics {
  const registry = new Registry();
  const crossings = new Map<string, Map<string, number>>();
  const refusals = new Map<string, number>();
  const routed = new Map<string, { labels: Record<string, string>; count: number }>();
  const micros = new Float64Array(stages.length);
  let settled = 0;
  let unrecorded = 0;

  if (defaults) collectDefaultMetrics({ register: registry });
  counter(
    'drawbridge_crossings_total',
    'Crossings by connection and outcome.',
    ['connection', 'outcome'],
    (to) => {
      for (const [connection, outcomes] of crossings) {
        for (const [outcome, count] of outcomes) to.inc({ connection, outcome }, count);
      }
    },
  );
  counter('drawbridge_refusals_total', 'Refused requests by code.', ['code'], (to) => {
    for (const [code, count] of refusals) to.inc({ code }, count);
  });
  counter(
    'drawbridge_route_tries_total',
    'What became of requests at the members of routes: answered, or why the next was asked.',
    ['route', 'connection', 'what'],
    (to) => {
      for (const { labels, count } of routed.values()) to.inc(labels, count);
    },
  );
  counter(
    'drawbridge_refusals_unrecorded_total',
    'Refusals beyond what one key may fill the journal with.',
    [],
    (to) => to.inc(unrecorded),
  );
  counter('drawbridge_stage_seconds_total', 'Time spent per stage.', ['stage'], (to) =>
    eachStage((stage, index) => to.inc({ stage }, (micros[index] ?? 0) / 1e6)),
  );
  counter('drawbridge_settled_total', 'Crossings that were forwarded and came to their end.', [], (to) =>
    to.inc(settled),
  );
  gauge('drawbridge_snapshot_version', 'Version of the snapshot in force.', gauges.snapshotVersion);
  gauge('drawbridge_crossings_in_flight', 'Crossings under way.', gauges.inFlight);
  gauge('drawbridge_body_bytes', 'Request bytes held in memory.', gauges.bodyBytes);
  for (const [name, help, member] of [
    ['drawbridge_held_requests', 'Requests that are kept until their connection takes them.', 'requests'],
    ['drawbridge_held_bytes', 'Bytes of the requests that are kept.', 'bytes'],
  ] as const) {
    new Gauge({
      name,
      help,
      labelNames: ['connection'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { connection, [member]: value } of gauges.held?.() ?? []) this.set({ connection }, value);
      },
    });
  }
  counter(
    'drawbridge_held_ended_total',
    'What became of requests that were kept.',
    ['connection', 'how'],
    (to) => {
      for (const { connection, ended } of gauges.held?.() ?? [])
        for (const [how, count] of ended) to.inc({ connection, how }, count);
    },
  );
  new Gauge({
    name: 'drawbridge_route_breaker_open',
    help: '1 while routes keep requests off a connection, 0.5 while they probe it.',
    labelNames: ['connection'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { connection, state } of gauges.breakers?.() ?? [])
        this.set({ connection }, state === 'closed' ? 0 : state === 'open' ? 1 : 0.5);
    },
  });

  function counter(name: string, help: string, labelNames: string[], fill: (to: Counter) => void): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        fill(this);
      },
    });
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }

  return {
    crossing(connection, outcome) {
      let outcomes = crossings.get(connection);
      if (outcomes === undefined) {
        outcomes = new Map();
        crossings.set(connection, outcomes);
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
    refusal(code) {
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
    },
    route(route, connection, what) {
      const name = `${route} ${connection} ${what}`;
      const known = routed.get(name);
      if (known !== undefined) known.count += 1;
      else routed.set(name, { labels: { route, connection, what }, count: 1 });
    },
    stages(timings) {
      settled += 1;
      for (let index = 0; index < micros.length; index++) {
        micros[index] = (micros[index] ?? 0) + (timings[index] ?? 0);
      }
    },
    unrecorded() {
      unrecorded += 1;
    },
    text: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
    contentType: registry.contentType,
  };
}

function eachStage(visit: (stage: Stage, index: number) => void): void {
  stages.forEach(visit);
}
