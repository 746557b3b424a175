import { useQuery } from '@tanstack/react-query';
import type { ModeDifference } from '../api/mode-types.ts';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { TextLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { count, shortId } from '../design/format.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const words = m.modes;

/** What another mode would make of the latest crossings, and which they are. */
export function Difference({ connection, to }: { connection: Connection; to: Connection['mode'] }) {
  const difference = useQuery(queries.difference(connection.id, to));
  if (difference.data === undefined) {
    return difference.error ? (
      <Trouble error={difference.error} onRetry={() => void difference.refetch()} />
    ) : (
      <Bones lines={4} />
    );
  }
  return <Known connection={connection.id} difference={difference.data} />;
}

function Known({ connection, difference }: { connection: string; difference: ModeDifference }) {
  const { crossings, since, rows, refusedNow, refusedAfter, otherContracts, refusedUnread } = difference;
  if (crossings === 0) return <Note>{words.nothing}</Note>;
  const changed = rows.filter((row) => row.now !== row.after);
  const same = new Set(rows.filter((row) => row.now === row.after).map((row) => row.class));
  const refused = totalOf(refusedAfter);
  // A mode refuses all that a less strict one does.
  const freed = Math.max(0, totalOf(refusedNow) - refused);
  const sameRefused = JSON.stringify(refusedNow) === JSON.stringify(refusedAfter);
  return (
    <div className="flex flex-col gap-3">
      <p>
        {words.rests(crossings)} <Ago at={since} />:{' '}
        {refused === 0 ? words.refusedNone : <strong>{words.refusedAfter(refused)}</strong>}
        {freed === 0 ? null : (
          <>
            {' '}
            <strong>{words.freed(freed)}</strong>
          </>
        )}
        {changed.length === 0 && sameRefused ? ` ${words.same}` : ''}
      </p>
      {changed.length === 0 ? null : (
        <Rows connection={connection} since={since} rows={changed} title={title(difference)} />
      )}
      {refusedAfter.length === 0 ? null : <Refused rows={refusedAfter} title={words.why} />}
      {freed === 0 ? null : <Refused rows={refusedNow} title={words.whyNow} />}
      <p className="text-small text-soft">
        {[
          same.size === 0 ? '' : words.unchanged(same.size),
          otherContracts === 0 ? '' : words.otherContracts(otherContracts),
          refusedUnread === 0 ? '' : words.refusedUnread(refusedUnread),
        ].join(' ')}
      </p>
    </div>
  );
}

function title({ to }: ModeDifference): string {
  return words.differenceTitle(words.names[to] ?? to);
}

const head = 'py-1 pr-4 font-normal';

function Rows({
  connection,
  since,
  rows,
  title,
}: {
  connection: string;
  since: string | null;
  rows: ModeDifference['rows'];
  title: string;
}) {
  return (
    <ScrollRegion label={title}>
      <table aria-label={title} className="w-full min-w-[560px] border-collapse text-left">
        <thead>
          <tr className="border-b border-line-strong text-small text-soft">
            <th scope="col" className={head}>
              {words.class}
            </th>
            <th scope="col" className={head}>
              {words.now}
            </th>
            <th scope="col" className={head}>
              {words.after}
            </th>
            <th scope="col" className={`${head} text-right`}>
              {words.values}
            </th>
            <th scope="col" className="py-1 font-normal">
              {words.crossings}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.class} ${row.now} ${row.after}`} className="border-b border-line align-top">
              <td className="py-1.5 pr-4">{classLabel(row.class)}</td>
              <td className="py-1.5 pr-4">
                <Treatment treatment={row.now} />
              </td>
              <td className="py-1.5 pr-4">
                <Treatment treatment={row.after} />
              </td>
              <td className="py-1.5 pr-4 text-right">{count(row.values)}</td>
              <td className="py-1.5">
                <Behind row={row} name={classLabel(row.class)}>
                  <TextLink
                    to="/crossings"
                    search={{ connection, class: row.class, ...(since === null ? {} : { from: since }) }}
                  >
                    {words.allOfClass}
                  </TextLink>
                </Behind>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** A number that opens the crossings behind it. */
function Behind({
  row,
  name,
  children,
}: {
  row: { crossings: number; examples: string[] };
  name: string;
  children?: React.ReactNode;
}) {
  return (
    <details>
      <summary className="number-link cursor-pointer" aria-label={words.open(row.crossings, name)}>
        {count(row.crossings)}
      </summary>
      <p className="py-1 text-small text-soft">
        {words.examples(row.examples.length, row.crossings)}. {children}
      </p>
      <ul className="flex max-w-[360px] flex-wrap gap-x-4 text-small">
        {row.examples.map((id) => (
          <li key={id} className="py-1">
            <TextLink to="/crossings/$crossing" params={{ crossing: id }}>
              <span className="font-mono">{shortId(id)}</span>
            </TextLink>
          </li>
        ))}
      </ul>
    </details>
  );
}

const totalOf = (rows: ModeDifference['refusedNow']): number =>
  rows.reduce((sum, row) => sum + row.crossings, 0);

function Refused({ rows, title }: { rows: ModeDifference['refusedAfter']; title: string }) {
  return (
    <ul aria-label={title} className="border-t border-line">
      {rows.map((row) => (
        <li key={row.reason} className="grid gap-x-6 border-b border-line py-1.5 sm:grid-cols-[1fr_200px]">
          <span>{row.text}</span>
          <Behind row={row} name={row.text} />
        </li>
      ))}
    </ul>
  );
}
