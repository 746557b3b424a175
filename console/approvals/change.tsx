import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Approval } from '../api/trust-types.ts';
import type { Upstream } from '../api/types.ts';
import { upstreamText } from '../connect/upstream.ts';
import { m } from '../messages/en.ts';
import { EgressChanges } from './egress-changes.tsx';
import { IssuerChanges, PersonFacts, RawFacts } from './facts.tsx';
import { askedOf, type Known, knownHost } from './what.ts';

const words = m.approvals;

/**
 * What exactly would change: what is there now beside what would be, and whose host that is as far as the pack knows.
 * `stacked`: where it is narrow, one above the other.
 */
export function Change({ approval, stacked = false }: { approval: Approval; stacked?: boolean }) {
  const asked = askedOf(approval);
  const known = useKnownHost(approval.subject.id);
  if (asked.kind === 'setting') return null;
  if (asked.kind === 'egress') return <EgressChanges what={approval.what} />;
  if (asked.kind === 'other') return <RawFacts what={approval.what} />;
  if (asked.kind === 'person') return <PersonFacts asked={asked} />;
  if (asked.kind === 'issuer') return <IssuerChanges from={asked.from} to={asked.to} />;
  const to = asked.kind === 'move' ? asked.move.to : asked.to;
  return (
    <div
      className={`grid items-stretch gap-2 ${stacked ? '' : 'sm:grid-cols-[minmax(0,1fr)_32px_minmax(0,1fr)]'}`}
    >
      {asked.kind === 'move' ? (
        <Side name={words.now} upstream={asked.move.from} known={known(asked.move.from.host)} />
      ) : (
        <div className="flex flex-col justify-center rounded-md border border-dashed border-line-strong px-4 py-3 text-soft">
          {words.firstTime}
        </div>
      )}
      <span
        aria-hidden="true"
        className={`self-center text-center text-head text-soft ${stacked ? 'rotate-90' : 'max-sm:rotate-90'}`}
      >
        →
      </span>
      <Side
        name={words.after}
        upstream={to}
        // A vendor's own administration is elsewhere than its service.
        known={asked.kind === 'admin' ? null : known(to.host)}
        isNew
      />
    </div>
  );
}

function Side({
  name,
  upstream,
  known,
  isNew = false,
}: {
  name: string;
  upstream: Upstream;
  known: Known;
  isNew?: boolean;
}) {
  const isUrgent = isNew && known === 'unknown host';
  return (
    <div
      className={`flex min-w-0 flex-col gap-1 rounded-md border px-4 py-3 ${isUrgent ? 'border-alert bg-alert-wash' : isNew ? 'border-line-strong bg-panel' : 'border-line bg-sunken'}`}
    >
      <p className="text-small text-soft">{name}</p>
      <p className="font-mono break-all">{upstreamText(upstream)}</p>
      <p className={isUrgent ? 'font-strong text-alert' : 'text-soft'}>{sayKnown(known)}</p>
      {isNew && upstream.private ? <p className="font-strong">{words.inPrivate}</p> : null}
      {isNew && upstream.scheme === 'http' ? <p className="font-strong text-alert">{words.inClear}</p> : null}
    </div>
  );
}

function sayKnown(known: Known): string {
  if (known === null) return words.noPack;
  return known === 'unknown host' ? words.unknownHost : words.known(known.region);
}

function useKnownHost(connection: string): (host: string) => Known {
  const mayRead = useMay('connection.read');
  const packs = useQuery({ ...queries.packs(), enabled: useMay('vendor.read') });
  const connections = useQuery({ ...queries.connections(), enabled: mayRead });
  const found = connections.data?.find(({ id }) => id === connection);
  return (host) => (found === undefined ? null : knownHost(packs.data, found, host));
}
