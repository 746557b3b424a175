import { useQuery } from '@tanstack/react-query';
import type { GatewayRow } from '../api/fleet-types.ts';
import { useLiveness } from '../api/live.ts';
import { queries } from '../api/queries.ts';
import { ago } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import { m } from '../messages/en.ts';

/** A gateway reports every 5 s: after this long without a word it is said to be missing. */
const missingAfter = 30_000;

export function isMissing(gateway: GatewayRow, now: number): boolean {
  return gateway.lastSeenAt === null || now - Date.parse(gateway.lastSeenAt) > missingAfter;
}

/** Whether the page moves by itself, and when the gateways were last heard. */
export function Pulse() {
  const liveness = useLiveness();
  const now = useNow();
  const overview = useQuery({ ...queries.overview(), refetchInterval: 15_000 });
  const gateways = overview.data?.gateways ?? [];
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-2" role="status">
        <span
          aria-hidden="true"
          className={`inline-block size-2 rounded-full ${liveness.state === 'live' ? 'live-dot bg-act' : 'border border-line-strong'}`}
        />
        {liveness.state === 'live'
          ? m.pulse.live
          : liveness.state === 'connecting'
            ? m.pulse.connecting
            : m.pulse.lost(ago(liveness.since, now))}
      </p>
      {gateways.slice(0, 3).map((gateway) => (
        <p
          key={gateway.id}
          className={`break-words ${isMissing(gateway, now) ? 'text-alert' : ''}`}
          title={gateway.id}
        >
          {gateway.lastSeenAt === null
            ? m.pulse.gatewayNever(gateway.name)
            : m.pulse.gateway(gateway.name, ago(Date.parse(gateway.lastSeenAt), now))}
        </p>
      ))}
    </div>
  );
}
