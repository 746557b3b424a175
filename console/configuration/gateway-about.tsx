import type { GatewayRow } from '../api/fleet-types.ts';
import { useNow } from '../design/now.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { certificateState } from './certificate.ts';

const words = m.configuration.about;
type About = NonNullable<GatewayRow['about']>;

/** What gateways say of themselves: workers, TLS, how durable a record is before its crossing goes out. */
export function GatewayAboutTable({ rows }: { rows: readonly GatewayRow[] }) {
  return (
    <PlainTable label={words.table} heads={words.heads}>
      {rows.map((row) => (
        <tr key={row.id} className="border-b border-line align-top">
          <th scope="row" className="px-3 py-2 font-normal">
            {row.name}
          </th>
          {row.about === null ? <Unsaid /> : <Said about={row.about} />}
        </tr>
      ))}
    </PlainTable>
  );
}

function Unsaid() {
  return words.heads.slice(1).map((head) => (
    <td key={head} className="px-3 py-2 text-soft">
      {m.common.unknown}
    </td>
  ));
}

function Said({ about: { workers, tls, durability, outboundProxy } }: { about: About }) {
  return (
    <>
      <td className={`px-3 py-2 ${workers.serving < workers.wanted ? 'text-alert' : ''}`}>
        {words.workers(workers.serving, workers.wanted)}
      </td>
      <td className="px-3 py-2">{tls === null ? words.plain : <Certificate tls={tls} />}</td>
      <td className="max-w-[36ch] px-3 py-2">{words.durability[durability]}</td>
      <td className="px-3 py-2">{outboundProxy ? words.proxy : words.noProxy}</td>
    </>
  );
}

function Certificate({ tls }: { tls: NonNullable<About['tls']> }) {
  const now = useNow();
  const state = certificateState(tls.expiresAt, now);
  return (
    <>
      <p className="break-words">{tls.subject}</p>
      <p className="break-words text-soft">{words.issuedBy(tls.issuer)}</p>
      <p className={state === 'good' ? 'text-soft' : 'text-alert'}>
        {state === 'over' ? words.ended : words.ends} <Ago at={tls.expiresAt} />
      </p>
      {tls.clientCertificates ? <p className="text-soft">{words.clientCertificates}</p> : null}
    </>
  );
}
