import type { Severance } from '@drawbridge/control';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

export interface SeverOptions {
  until?: string;
  reason: string;
  json?: boolean;
}

/**
 * `drawbridge sever`: cuts a vendor off, all its connections and the egress proxy, and prints what is left to be done elsewhere.
 * Throws ConfigError.
 */
export async function severCommand(flags: ConfigFlags, vendor: string, options: SeverOptions): Promise<void> {
  const until = options.until === undefined ? undefined : momentOf(options.until);
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const made = await callRunning<Severance>(note, 'POST', '/severances', {
    target: { kind: 'vendor', id: vendor },
    ...(until === undefined ? {} : { until }),
    reason: options.reason,
  });
  const { gateways } = await inForce(note, made.id);
  const now = await callRunning<Severance>(note, 'GET', `/severances/${made.id}`);
  process.stdout.write(options.json === true ? `${JSON.stringify(now)}\n` : textOf(now, gateways));
}

const WAIT_MS = 3_000;
const LOOK_MS = 50;

/** Waits a little for gateways to say that it is in force: one that is away is told of, not waited for. */
async function inForce(
  note: Awaited<ReturnType<typeof readRunningNote>>,
  id: string,
): Promise<{ gateways: string }> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const { state, inForce: at } = await callRunning<Severance>(note, 'GET', `/severances/${id}`);
    const missing = at.filter((one) => one.at === null).map(({ gateway }) => gateway);
    if (state === 'in_force') return { gateways: 'In force at every gateway.' };
    if (performance.now() > end)
      return { gateways: `Not yet in force at ${missing.join(', ') || 'any gateway'}: look at it again.` };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A time with its zone: a day alone would leave open when on it. */
function momentOf(given: string): string {
  const time = Date.parse(given);
  if (!Number.isNaN(time) && /T.*(?:Z|[+-]\d{2}:\d{2})$/.test(given)) return new Date(time).toISOString();
  throw new ConfigError('--until', `"${given}" is no time with its zone`, '2025-11-27T18:00:00+01:00');
}

function textOf(severance: Severance, gateways: string): string {
  const { target, until, cutNow, revokeThere, notOurs, unknown } = severance;
  const lists: [string, Severance['cutNow']][] = [
    ['Cut now', cutNow],
    ['Revoke there', revokeThere],
    ['Not ours to cut', notOurs],
    ['Unknown', unknown],
  ];
  const end = until === null ? 'until somebody reopens it' : `until ${until}`;
  return [
    `${target.name} is cut off, ${end}. ${gateways} Severance ${severance.id}.`,
    ...lists.map(
      ([title, lines]) =>
        `\n${title}\n${lines.map(({ what, owner }) => `  ${what}${owner === null ? '' : ` (${owner})`}`).join('\n') || '  nothing known'}`,
    ),
    '',
  ].join('\n');
}
