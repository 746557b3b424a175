import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { EvidenceFile, EvidenceRun, EvidenceTrace } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { bytes, count } from '../design/format.ts';
import { Facts } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { discover } from '../messages/pages/discover.ts';
import { useVendorNames } from './names.ts';
import { type OwnLines, readOwnCopy } from './own-copy.ts';

const words = discover.file;
const { kindNames, grades } = discover.queue;
const cell = 'border-b border-line px-3 py-2 align-top';

/** One file of a run: what was read of it, what was not and why, the names it shows, and on which lines. */
export function FileSheet({
  run,
  name,
  file,
  line,
  onClose,
}: {
  run: EvidenceRun;
  name: string;
  /** Null: the run has no such file, or it is still asked for. */
  file: EvidenceFile | null;
  line: number | null;
  onClose: () => void;
}) {
  const traces = useInfiniteQuery(queries.evidenceTraces({ run: run.id, file: name }));
  const rows = traces.data?.pages.flatMap((page) => page.items);
  return (
    <Sheet open onClose={onClose} title={line === null ? name : `${name}:${line}`}>
      {line === null ? null : <OwnCopy file={file} line={line} />}
      {file === null ? null : (
        <>
          {file.refused === null ? null : (
            <Note urgent>
              {words.skipped} {file.refusedWhy ?? file.refused}
            </Note>
          )}
          <Facts
            facts={[
              [words.format, file.formatName ?? `? ${words.formatUnknown}`],
              [words.size, words.sizeIs(bytes(file.bytes), file.lines)],
              [
                words.hash,
                <code key="hash" className="font-mono text-small break-all">
                  {file.sha256}
                </code>,
              ],
            ]}
          />
          <Unread file={file} />
        </>
      )}
      <section className="flex flex-col gap-2" aria-label={words.names}>
        <h3 className="font-strong">{words.names}</h3>
        {traces.error ? <Trouble error={traces.error} onRetry={() => void traces.refetch()} /> : null}
        {rows === undefined && !traces.error ? <Bones lines={4} /> : null}
        {rows !== undefined && file !== null && !traces.hasNextPage && rows.length < file.sightings ? (
          <p className="text-soft">{words.later(file.sightings - rows.length)}</p>
        ) : null}
        {rows?.length === 0 && file?.sightings === 0 ? <p className="text-soft">{words.none}</p> : null}
        {rows === undefined || rows.length === 0 ? null : (
          <PlainTable
            label={words.table}
            heads={[words.name, words.lines, words.grade, words.vendor]}
            numeric={[words.count]}
          >
            {rows.map((row) => (
              <Trace key={row.id} row={row} line={line} />
            ))}
          </PlainTable>
        )}
        {traces.hasNextPage ? (
          <div>
            <Button slim disabled={traces.isFetchingNextPage} onClick={() => void traces.fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        ) : null}
      </section>
    </Sheet>
  );
}

function Trace({ row, line }: { row: EvidenceTrace; line: number | null }) {
  const nameOf = useVendorNames();
  const isHere = line !== null && row.lines.includes(line);
  return (
    <tr
      className={isHere ? 'bg-act-wash' : row.gone ? 'text-soft' : ''}
      aria-current={isHere ? 'true' : undefined}
    >
      <td className={`${cell} font-mono text-small break-all`}>
        {row.value}
        <span className="block font-sans text-soft">{kindNames[row.kind]}</span>
      </td>
      <td className={`${cell} font-mono text-small`}>
        <span className="flex flex-wrap gap-x-3">
          {row.lines.map((number) => (
            <TextLink
              key={number}
              to="/discover/runs/$run"
              params={{ run: row.runId }}
              search={{ file: row.file, line: String(number) }}
            >
              {count(number)}
            </TextLink>
          ))}
        </span>
      </td>
      <td className={cell}>{row.gone ? discover.evidence.gone : grades[row.grade]}</td>
      <td className={cell}>
        {row.vendor === null ? (
          <span className="text-soft">{words.nobody}</span>
        ) : (
          <TextLink to="/vendors/$vendor" params={{ vendor: row.vendor }}>
            {nameOf(row.vendor)}
          </TextLink>
        )}
      </td>
      <td className={`${cell} text-right`}>{count(row.count)}</td>
    </tr>
  );
}

function Unread({ file: { unread, unreadCount } }: { file: EvidenceFile }) {
  if (unreadCount === 0) return null;
  return (
    <section className="flex flex-col gap-2" aria-label={words.unread(unreadCount)}>
      <h3 className="font-strong">{words.unread(unreadCount)}</h3>
      <PlainTable label={words.unreadTable} heads={[words.line, words.field, words.why]}>
        {unread.map(({ line, field, why }) => (
          <tr key={`${line} ${field} ${why}`}>
            <td className={`${cell} font-mono text-small`}>{count(line)}</td>
            <td className={cell}>{field ?? <span className="text-soft">{words.wholeLine}</span>}</td>
            <td className={cell}>{why}</td>
          </tr>
        ))}
      </PlainTable>
      {unread.length < unreadCount ? (
        <p className="text-soft">{words.notTold(unreadCount - unread.length)}</p>
      ) : null}
    </section>
  );
}

/** The line itself is not kept: it is shown from the copy that somebody has, which does not leave their machine. */
function OwnCopy({ file, line }: { file: EvidenceFile | null; line: number }) {
  const [shown, setShown] = useState<OwnLines | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);
  function look(chosen: File): void {
    stopping.current?.abort();
    const stop = new AbortController();
    stopping.current = stop;
    setShown(null);
    setError(null);
    readOwnCopy(chosen, line, file?.sha256 ?? null, stop.signal).then(setShown, (failure: unknown) => {
      if (!stop.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)));
    });
  }
  return (
    <div className="flex flex-col gap-2">
      <TextField
        label={words.own(line)}
        hint={words.ownHint}
        type="file"
        error={error === null ? undefined : words.ownFailed}
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen !== undefined) look(chosen);
        }}
      />
      <div role="status" className="flex flex-col gap-2">
        {shown === null ? null : (
          <>
            <p className={shown.isSame === false ? 'text-alert' : 'text-soft'}>
              {shown.isSame === null ? words.notCompared : shown.isSame ? words.same : words.notSame}
            </p>
            {shown.lines.some(({ number }) => number === line) ? (
              <ScrollRegion label={words.ownTitle(line)}>
                <pre className="bg-sunken p-3 font-mono text-small">
                  {shown.lines.map(({ number, text }) => (
                    <span
                      key={number}
                      className={`block ${number === line ? 'bg-act-wash font-strong' : 'text-soft'}`}
                    >
                      {String(number).padStart(6)} {text}
                    </span>
                  ))}
                </pre>
              </ScrollRegion>
            ) : (
              <p>{words.noLine(line)}</p>
            )}
          </>
        )}
      </div>
    </div>
  );
}
