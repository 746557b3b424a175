import { useQuery } from '@tanstack/react-query';
import type { GatewayRow } from '../api/fleet-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { ago, count } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { certificateWarning } from './certificate.ts';
import { GatewayAboutTable } from './gateway-about.tsx';

const words = m.configuration;

/** Which configuration each gateway runs on and which it would not take, and what it says of itself. */
export function Gateways() {
  const gateways = useQuery(queries.gateways());
  const now = useNow();
  const rows = gateways.data?.items;
  return (
    <Section
      id="gateways"
      title={words.gateways}
      lead={words.gatewaysLead}
      acts={<ButtonLink to="/settings/configuration">{words.history}</ButtonLink>}
    >
      {gateways.error ? <Trouble error={gateways.error} onRetry={() => void gateways.refetch()} /> : null}
      {rows === undefined && !gateways.error ? <Bones lines={2} /> : null}
      {rows?.flatMap((row) =>
        row.refused === null
          ? []
          : [
              <Note key={row.id} urgent>
                {words.gatewayRefuses(
                  row.name,
                  row.refused,
                  row.snapshotVersion,
                  ago(Date.parse(row.refused.since), now),
                )}
              </Note>,
            ],
      )}
      {rows?.flatMap((row) => {
        const warning = certificateWarning(row, now);
        return warning === null
          ? []
          : [
              <Note key={`certificate ${row.id}`} urgent>
                {warning}
              </Note>,
            ];
      })}
      {rows?.length === 0 ? <p className="text-soft">{words.noGateway}</p> : null}
      {rows !== undefined && rows.length > 0 ? (
        <>
          <GatewayTable rows={rows} />
          <GatewayAboutTable rows={rows} />
        </>
      ) : null}
    </Section>
  );
}

function GatewayTable({ rows }: { rows: readonly GatewayRow[] }) {
  return (
    <PlainTable
      label={words.gatewayTable}
      heads={[words.gateway]}
      numeric={[words.lastSeen, words.runsOn, words.wanted, words.refusal, words.waiting]}
    >
      {rows.map((row) => (
        <tr key={row.id} className="h-9 border-b border-line">
          <th scope="row" className="px-3 font-normal">
            {row.name}
          </th>
          <td className="px-3 text-right">
            <Ago at={row.lastSeenAt} />
          </td>
          <td className="px-3 text-right">{row.snapshotVersion ?? m.common.unknown}</td>
          <td className="px-3 text-right">{row.wantedVersion ?? m.common.unknown}</td>
          <td className={`px-3 text-right ${row.refused === null ? 'text-soft' : 'text-alert'}`}>
            {row.refused === null ? m.common.none : words.refusedVersion(row.refused.version)}
          </td>
          <td className="px-3 text-right">
            {row.journal.behind === null ? m.common.unknown : count(row.journal.behind)}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
