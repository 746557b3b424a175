import { useState } from 'react';
import type { RotationDue } from '../api/rotation-types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { AdminSheet } from './admin-sheet.tsx';
import { StartSheet } from './start-sheet.tsx';

const words = m.rotation.due;
const WIDTH = 160;

/** Every credential with its age, as a bar against the time it may have, due longest first. */
export function DueTable({ rows }: { rows: readonly RotationDue[] }) {
  const [sheet, setSheet] = useState<{ act: 'start' | 'admin'; connection: string } | null>(null);
  const chosen = rows.find(({ connection }) => connection.id === sheet?.connection);
  // One scale for all bars: a bar twice as long is twice as old.
  const longest = Math.max(...rows.map(({ ageDays, everyDays }) => Math.max(ageDays, everyDays)));
  return (
    <Section title={words.title} lead={words.lead}>
      <PlainTable
        label={words.table}
        heads={[words.connection, words.age, words.how, words.why]}
        numeric={[words.when, words.act]}
      >
        {rows.map((row) => (
          <tr key={row.connection.id} className="h-9 border-b border-line">
            <th scope="row" className="px-3 font-normal">
              {row.connection.name}
            </th>
            <td className="px-3 whitespace-nowrap">
              <AgeBar row={row} longest={longest} /> {words.days(row.ageDays, row.everyDays)}
            </td>
            <td className="px-3">{row.admin?.entered == null ? words.guided : words.api}</td>
            <td className="px-3">
              {row.why === null ? (
                <span className="text-soft">{words.notDue}</span>
              ) : (
                <span className="text-alert" title={row.why.reason}>
                  {words.kinds[row.why.kind]}
                </span>
              )}
            </td>
            <td className="px-3 text-right">
              <Ago at={row.dueAt} />
            </td>
            <td className="px-3 text-right whitespace-nowrap">
              {row.admin === null ? null : (
                <Button
                  slim
                  weight="quiet"
                  aria-label={words.adminNamed(row.connection.name)}
                  onClick={() => setSheet({ act: 'admin', connection: row.connection.id })}
                >
                  {words.admin}
                </Button>
              )}{' '}
              {row.rotation === null ? (
                <Button
                  slim
                  aria-label={words.startNamed(row.connection.name)}
                  onClick={() => setSheet({ act: 'start', connection: row.connection.id })}
                >
                  {words.start}
                </Button>
              ) : (
                words.underWay
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {sheet?.act === 'start' && chosen !== undefined ? (
        <StartSheet row={chosen} onClose={() => setSheet(null)} />
      ) : null}
      {sheet?.act === 'admin' && chosen?.admin != null ? (
        <AdminSheet row={chosen} admin={chosen.admin} onClose={() => setSheet(null)} />
      ) : null}
    </Section>
  );
}

function AgeBar({ row, longest }: { row: RotationDue; longest: number }) {
  const at = (days: number): number => Math.round((Math.min(days, longest) / Math.max(longest, 1)) * WIDTH);
  return (
    <svg
      role="img"
      aria-label={words.bar(row.ageDays, row.everyDays)}
      width={WIDTH + 2}
      height={16}
      className="mr-2 inline-block align-middle"
    >
      <rect x={0} y={4} width={WIDTH} height={8} fill="currentColor" className="text-line" />
      <rect
        x={0}
        y={4}
        width={Math.max(at(row.ageDays), 1)}
        height={8}
        fill="currentColor"
        className={row.due ? 'text-alert' : 'text-soft'}
      />
      <rect x={at(row.everyDays)} y={0} width={2} height={16} fill="currentColor" className="text-ink" />
    </svg>
  );
}
