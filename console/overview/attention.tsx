import { useQuery } from '@tanstack/react-query';
import type { LogRow } from '../api/audit-types.ts';
import type { GatewayRow } from '../api/fleet-types.ts';
import type { BreakGlass } from '../api/mode-types.ts';
import { queries } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { useWrongLogs } from '../audit/checks.ts';
import { troublesOf } from '../audit/root-state.ts';
import { certificateWarning } from '../configuration/certificate.ts';
import { TextLink } from '../design/button.tsx';
import { ago } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import { Section } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { isOpen } from '../shell/break-glass.tsx';
import { isMissing } from '../shell/pulse.tsx';
import { useWaitingForMe } from '../shell/waiting.ts';

/** More records than this waiting means that what is shown is noticeably old. */
const journalBacklog = 1000;

interface Item {
  id: string;
  text: string;
  /** Where more is said. */
  to?: '/settings' | '/audit' | '/approvals';
}

function isBehind({ snapshotVersion, wantedVersion }: GatewayRow): boolean {
  return snapshotVersion !== null && wantedVersion !== null && snapshotVersion < wantedVersion;
}

function itemsOf(overview: Overview, logs: readonly LogRow[], now: number): Item[] {
  const gateways = overview.gateways.flatMap((gateway) => {
    const items: Item[] = [];
    if (isMissing(gateway, now)) {
      items.push({
        id: `missing ${gateway.id}`,
        text:
          gateway.lastSeenAt === null
            ? m.overview.gatewayNever(gateway.name)
            : m.overview.gatewayMissing(gateway.name, ago(Date.parse(gateway.lastSeenAt), now)),
      });
    } else if (gateway.refused !== null) {
      items.push({
        id: `refused ${gateway.id}`,
        text: m.configuration.gatewayRefuses(
          gateway.name,
          gateway.refused,
          gateway.snapshotVersion,
          ago(Date.parse(gateway.refused.since), now),
        ),
        to: '/settings',
      });
    } else if (isBehind(gateway)) {
      items.push({
        id: `behind ${gateway.id}`,
        text: m.overview.gatewayBehind(
          gateway.name,
          gateway.snapshotVersion ?? 0,
          gateway.wantedVersion ?? 0,
        ),
      });
    }
    const certificate = certificateWarning(gateway, now);
    if (certificate !== null)
      items.push({ id: `certificate ${gateway.id}`, text: certificate, to: '/settings' });
    if ((gateway.journal.behind ?? 0) > journalBacklog) {
      items.push({
        id: `journal ${gateway.id}`,
        text: m.overview.journalBehind(gateway.name, gateway.journal.behind ?? 0),
      });
    }
    return items;
  });
  const none = overview.gateways.length === 0 ? [{ id: 'no gateway', text: m.overview.noGateway }] : [];
  return [
    ...overview.warnings
      // The logs tell it themselves, where they can be read.
      .filter(({ code }) => code !== 'log_trouble' || logs.every(({ trouble }) => trouble === null))
      .filter(({ code }) => code !== 'root_log_trouble' || logs.every((log) => troublesOf(log).length === 0))
      .map(({ code, text }) => ({
        id: `${code} ${text}`,
        text,
        ...(code === 'log_contradiction' ? { to: '/audit' as const } : {}),
      })),
    ...gateways,
    ...none,
  ];
}

function glassItems(all: readonly BreakGlass[], now: number): Item[] {
  const words = m.modes.glass;
  return all
    .filter((one) => isOpen(one, now))
    .map((one) => ({
      id: one.id,
      text:
        one.state === 'asked'
          ? words.attentionAsked(one.connection.name, one.askedBy)
          : words.attention(one.connection.name, one.askedBy, ago(Date.parse(one.until), now)),
    }));
}

/** Logs with something wrong, as the control plane says or as this browser has found. */
function logItems(logs: readonly LogRow[], wrong: readonly string[]): Item[] {
  const to = '/audit' as const;
  return logs.flatMap((log) => {
    const { name, origin } = log;
    const called = m.logAttention.names[name] ?? name;
    return [
      ...troublesOf(log).map(({ id, text }) => ({
        id: `log ${id}`,
        text: m.logAttention.attention(called, text),
        to,
      })),
      ...(wrong.includes(origin)
        ? [{ id: `wrong ${origin}`, text: m.logAttention.attentionWrong(called), to }]
        : []),
    ];
  });
}

/** Only what a person has to do something about; nothing when there is nothing. */
export function Attention({ overview }: { overview: Overview }) {
  const now = useNow();
  const glass = useQuery(queries.breakGlass());
  const logs = useQuery(queries.logs()).data?.items ?? [];
  const wrong = useWrongLogs();
  const waiting = useWaitingForMe();
  const items = [
    ...(waiting === 0
      ? []
      : [{ id: 'approvals', text: m.overview.approvalsWait(waiting), to: '/approvals' as const }]),
    ...logItems(logs, wrong),
    ...glassItems(glass.data?.items ?? [], now),
    ...itemsOf(overview, logs, now),
  ];
  if (items.length === 0) return null;
  return (
    <Section title={m.overview.attention}>
      <ul className="flex flex-col gap-2">
        {items.map((item) => (
          <li key={item.id} className="max-w-[84ch] border-l-3 border-alert bg-alert-wash px-4 py-2">
            {item.text}
            {item.to === undefined ? null : (
              <>
                {' '}
                {item.to === '/audit' ? (
                  <TextLink to="/audit">{m.logAttention.open}</TextLink>
                ) : item.to === '/approvals' ? (
                  <TextLink to="/approvals">{m.rail.approvals}</TextLink>
                ) : (
                  <TextLink to="/settings" hash="gateways">
                    {m.configuration.gateways}
                  </TextLink>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
