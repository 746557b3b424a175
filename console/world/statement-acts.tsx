import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ResidencyStatement } from '../api/residency-types.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { residency } from '../messages/pages/residency.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import { DeclareSheet } from './declare.tsx';
import { placeName } from './names.ts';

const words = residency.statement;
const cell = 'border-b border-line px-3 py-2 align-top';

/** What can be done to a statement; named in the address. */
export type StatementAct = 'restate' | 'unstate' | 'versions';

/** The sheet of a statement that the address names: another version of it, its withdrawal, or its versions. */
export function StatementSheets({
  act,
  statement,
  onClose,
}: {
  act: string | undefined;
  statement: ResidencyStatement;
  onClose: () => void;
}) {
  const path = `/residency/statements/${encodeURIComponent(statement.id)}`;
  switch (act) {
    case 'restate':
      return <DeclareSheet vendor={statement.vendor} statement={statement} onClose={onClose} />;
    case 'unstate':
      return (
        <ReasonSheet
          title={words.withdrawTitle}
          submit={words.withdraw}
          act={(reason) => write('POST', `${path}/withdraw`, { reason, body: {} })}
          onClose={onClose}
        >
          <p>{words.withdrawLead(m.world.kinds[statement.kind], placeName(statement.place))}</p>
        </ReasonSheet>
      );
    case 'versions':
      return <Versions statement={statement.id} onClose={onClose} />;
    default:
      return null;
  }
}

function Versions({ statement, onClose }: { statement: string; onClose: () => void }) {
  const versions = useQuery(queries.residencyVersions(statement));
  return (
    <Sheet open onClose={onClose} title={words.versionsTitle}>
      {versions.data === undefined ? (
        versions.error === null ? (
          <Bones lines={4} />
        ) : (
          <Trouble error={versions.error} onRetry={() => void versions.refetch()} />
        )
      ) : (
        <PlainTable label={words.versionsTable} heads={[words.version, words.said, words.source, words.by]}>
          {versions.data.items.map((one) => (
            <Version key={one.version} version={one} />
          ))}
        </PlainTable>
      )}
    </Sheet>
  );
}

function Version({ version: one }: { version: ResidencyStatement }) {
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal tabular-nums`}>
        {one.version}
      </th>
      <td className={`${cell} min-w-32`}>
        {one.withdrawn ? (
          words.withdrawn
        ) : (
          <>
            ○ {m.world.kinds[one.kind]}
            <span className="block">{placeName(one.place)}</span>
          </>
        )}
      </td>
      <td className={`${cell} break-words`}>
        {one.source}
        <span className="block text-small whitespace-nowrap text-soft">{words.asOf(one.asOf)}</span>
      </td>
      <td className={`${cell} break-words`}>
        {one.statedBy}: {one.reason}
        <span className="block text-small whitespace-nowrap text-soft">
          <Exact at={one.statedAt} />
        </span>
      </td>
    </tr>
  );
}
