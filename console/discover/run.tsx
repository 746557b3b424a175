import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { EvidenceFile } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink, TextLink } from '../design/button.tsx';
import { bytes, count } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { discover } from '../messages/pages/discover.ts';
import { FileSheet } from './file-sheet.tsx';

const words = discover.run;

const columns: readonly Column<EvidenceFile>[] = [
  {
    id: 'file',
    head: words.file,
    fixed: true,
    phone: true,
    sort: ({ name }) => name,
    csv: ({ name }) => name,
    cell: ({ name }) => (
      <Link
        to="."
        search={(previous: Record<string, unknown>) => ({ ...previous, file: name, line: undefined })}
        resetScroll={false}
        className="row-link font-mono text-small no-underline"
        title={name}
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'format',
    head: words.format,
    width: '20%',
    sort: ({ formatName }) => formatName ?? '',
    csv: ({ format }) => format ?? '',
    cell: ({ formatName }) => formatName ?? <span className="text-soft">{words.noFormat}</span>,
  },
  {
    id: 'read',
    head: words.state,
    phone: true,
    width: '180px',
    phoneWidth: '38%',
    sort: (file) => stateRank(file),
    csv: (file) => stateOf(file),
    cell: (file) => <span className={file.refused === null ? '' : 'text-alert'}>{stateOf(file)}</span>,
  },
  {
    id: 'size',
    head: words.size,
    numeric: true,
    width: '92px',
    sort: (file) => file.bytes,
    csv: (file) => file.bytes,
    cell: (file) => bytes(file.bytes),
  },
  {
    id: 'lines',
    head: words.lines,
    numeric: true,
    width: '100px',
    sort: ({ lines }) => lines,
    csv: ({ lines }) => lines,
    cell: ({ lines }) => count(lines),
  },
  {
    id: 'names',
    head: words.names,
    numeric: true,
    phone: true,
    width: '84px',
    phoneWidth: '64px',
    sort: ({ sightings }) => sightings,
    csv: ({ sightings }) => sightings,
    cell: ({ sightings }) => count(sightings),
  },
];

const stateRank = ({ refused, unreadCount }: EvidenceFile): number =>
  refused !== null ? 0 : unreadCount > 0 ? 1 : 2;
const stateOf = ({ refused, unreadCount }: EvidenceFile): string =>
  refused !== null ? words.skipped : unreadCount > 0 ? words.partly(unreadCount) : words.whole;

/** One run over evidence: each file with what was read of it, what was not, and the names it shows. */
export function RunPage() {
  const { run: id } = useParams({ from: '/signed-in/discover/runs/$run' });
  const { file: name, line } = useSearch({ from: '/signed-in/discover/runs/$run' });
  const navigate = useNavigate({ from: '/discover/runs/$run' });
  const run = useQuery(queries.evidenceRun(id));
  const files = useQuery(queries.evidenceFiles(id));
  const is = run.data;
  if (is === undefined || is === null) {
    return (
      <PageFrame tab={words.tab} title={is === null ? words.missing : words.tab}>
        {run.error ? <Trouble error={run.error} onRetry={() => void run.refetch()} /> : null}
        {is === null ? <TextLink to="/discover">{words.back}</TextLink> : null}
        {is === undefined && !run.error ? <Bones lines={8} /> : null}
      </PageFrame>
    );
  }
  const close = (): void =>
    void navigate({
      search: (previous) => ({ ...previous, file: undefined, line: undefined }),
      replace: true,
      resetScroll: false,
    });
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(is.source, is.number, is.files, is.refused)}
      lead={
        <>
          {words.lead(is.sightings, is.fresh, is.gone, is.changed)} {words.by(is.by)}{' '}
          <Ago at={is.startedAt} />
          {is.state === 'running'
            ? `, ${words.running}`
            : is.whole === true
              ? `; ${words.isWhole}`
              : `; ${words.isPart}`}
          .
        </>
      }
      acts={<ButtonLink to="/discover">{words.back}</ButtonLink>}
    >
      <DataTable
        label={words.table}
        csvName={`run-${is.number}-files`}
        columns={columns}
        rows={files.data}
        rowId={(file) => file.name}
        error={files.error}
        onRetry={() => void files.refetch()}
        empty={<Empty title={words.none}>{words.noneLead}</Empty>}
      />
      {name === undefined ? null : (
        <FileSheet
          key={`${name} ${line ?? ''}`}
          run={is}
          name={name}
          file={files.data?.find((one) => one.name === name) ?? null}
          line={line === undefined || !/^\d{1,10}$/.test(line) ? null : Number(line)}
          onClose={close}
        />
      )}
    </PageFrame>
  );
}
