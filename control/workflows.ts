import { type SetUpIn, setUpIn } from './discovery/index.ts';
import { hosts, type ObservedHost } from './egress/index.ts';
import type { Workflow } from './incidents/index.ts';
import type { Platform } from './platform/index.ts';
import { type WorkloadReaching, workloadsReaching } from './workload/index.ts';

/** What runs on vendors beside apps over connections: workloads, pipelines and deployments, and apps that go around. */

const DAY_MS = 86_400_000;
/** What was not seen for longer stops no more. */
const LATELY_MS = 30 * DAY_MS;

export async function workflowsOf(platform: Platform, vendors: readonly string[]): Promise<Workflow[]> {
  const since = new Date(platform.clock.now() - LATELY_MS);
  const [workloads, files, reached] = await Promise.all([
    workloadsReaching(platform, vendors),
    setUpIn(platform, vendors),
    hosts(platform, { since }),
  ]);
  const around = reached.filter(({ vendor }) => vendor !== null && vendors.includes(vendor));
  return [...workloads.map(ofWorkload), ...ofHosts(around), ...files.map(ofFile)];
}

/** Seen to send, seen to take a key that opens nothing else, or only let in: three grades that must not be mixed. */
function ofWorkload({
  id,
  name,
  app,
  vendor,
  subject,
  lastUsedAt,
  alone,
  seenAt,
}: WorkloadReaching): Workflow {
  const layer = seenAt !== null ? 'observed' : alone && lastUsedAt !== null ? 'inferred' : 'declared';
  const source = {
    observed: 'Crossings of its keys at the gateway',
    inferred: 'It exchanged a token for a key that opens nothing but this vendor',
    declared: 'It is let in, and may use the connection',
  };
  return {
    kind: 'workload',
    id: `workload ${id}`,
    name,
    detail: subject,
    app,
    vendor,
    layer,
    lastSeenAt: (seenAt ?? lastUsedAt)?.toISOString() ?? null,
    source: source[layer],
    run: null,
  };
}

/** Apps that reach a vendor through the egress proxy, each once. */
function ofHosts(reached: readonly ObservedHost[]): Workflow[] {
  const passed = reached.filter(({ crossings, refused }) => Number(crossings) > Number(refused));
  return [...Map.groupBy(passed, ({ app, vendor }) => `${vendor} ${app}`)].flatMap(([key, rows]) => {
    const [first] = rows;
    if (first === undefined || first.vendor === null) return [];
    return [
      {
        kind: 'around' as const,
        id: `around ${key}`,
        name: rows
          .map(({ host }) => host)
          .slice(0, 10)
          .join(', '),
        detail: null,
        app: first.app,
        vendor: first.vendor,
        layer: 'observed' as const,
        lastSeenAt: new Date(Math.max(...rows.map(({ lastAt }) => lastAt.getTime()))).toISOString(),
        source: 'Hosts that the app reached through the egress proxy in the last 30 days',
        run: null,
      },
    ];
  });
}

/** A file says how something is set up, and not that it runs. */
const ofFile = ({ vendor, kind, file, source, run, names, at }: SetUpIn): Workflow => ({
  kind,
  id: `${kind} ${vendor} ${run} ${file}`,
  name: file,
  detail: names.join(', '),
  app: null,
  vendor,
  layer: 'declared',
  lastSeenAt: at.toISOString(),
  source: `A file of the evidence “${source}”`,
  run,
});
