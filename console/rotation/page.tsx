import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { Rotation, RotationDue } from '../api/rotation-types.ts';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Alarms } from './alarms.tsx';
import { DueTable } from './due.tsx';
import { UnderWay } from './under-way.tsx';

const words = m.rotation;

/** How old credentials are, which are being replaced, and what needs a person. */
export function RotationPage() {
  const due = useQuery(queries.rotationsDue());
  const rotations = useQuery(queries.rotations());
  const error = due.error ?? rotations.error;
  const rows = due.data?.items;
  const all = rotations.data?.items;
  return (
    <PageFrame tab={words.tab} title={titleOf(rows)} lead={words.lead}>
      {error ? (
        <Trouble error={error} onRetry={() => void Promise.all([due.refetch(), rotations.refetch()])} />
      ) : null}
      {(rows === undefined || all === undefined) && !error ? <Bones lines={6} /> : null}
      {rows?.length === 0 ? (
        <Empty
          title={words.none}
          example={<p>{words.example}</p>}
          act={<ButtonLink to="/connect">{words.connect}</ButtonLink>}
        >
          {words.empty}
        </Empty>
      ) : null}
      <Alarms />
      {all !== undefined && rows !== undefined && rows.length > 0 ? (
        <>
          <UnderWay rotations={all.filter(({ endedAt }) => endedAt === null)} />
          <DueTable rows={rows} />
          <Past rotations={all.filter(({ endedAt }) => endedAt !== null)} />
        </>
      ) : null}
    </PageFrame>
  );
}

function titleOf(rows: readonly RotationDue[] | undefined): string {
  if (rows === undefined) return words.tab;
  return rows.length === 0 ? words.titleNone : words.title(rows.filter(({ due }) => due).length, rows.length);
}

function Past({ rotations }: { rotations: readonly Rotation[] }) {
  if (rotations.length === 0) return null;
  return (
    <Section title={words.past.title}>
      <PlainTable
        label={words.past.table}
        heads={[words.past.connection, words.past.end, words.past.by, words.past.why]}
        numeric={[words.past.at]}
      >
        {rotations.map((one) => (
          <tr key={one.id} className="h-9 border-b border-line">
            <th scope="row" className="px-3 font-normal">
              {one.connection.name}
            </th>
            <td className="px-3">{words.steps[one.step]}</td>
            <td className="px-3">{one.startedBy}</td>
            <td className="px-3">{one.reason}</td>
            <td className="px-3 text-right">
              <Ago at={one.endedAt} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}
