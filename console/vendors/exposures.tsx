import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { Exposure, TreatmentName } from '../api/types.ts';
import { NumberLink, TextLink } from '../design/button.tsx';
import { classLabel, classNames } from '../design/classes.ts';
import { Filter } from '../design/filter.tsx';
import { count, shortId } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const words = m.vendors.exposures;

function columnsFor(vendor: string): readonly Column<Exposure>[] {
  return [
    {
      id: 'subject',
      head: words.subject,
      fixed: true,
      phone: true,
      csv: (row) => row.subject,
      cell: (row) => <NumberLinkToSubject vendor={vendor} subject={row.subject} />,
    },
    {
      id: 'kind',
      head: words.kind,
      width: '104px',
      csv: (row) => row.kind ?? '',
      cell: (row) => (row.kind === null ? m.common.unknown : (words.kinds[row.kind] ?? row.kind)),
    },
    {
      id: 'class',
      head: words.class,
      phone: true,
      width: '17%',
      csv: (row) => row.class,
      cell: (row) => classLabel(row.class),
    },
    {
      id: 'treatment',
      head: words.form,
      width: '148px',
      csv: (row) => row.treatment,
      cell: (row) => <Treatment treatment={row.treatment} />,
    },
    { id: 'app', head: words.app, width: '11%', csv: (row) => row.app.name, cell: (row) => row.app.name },
    {
      id: 'crossings',
      head: words.crossings,
      numeric: true,
      phone: true,
      width: '96px',
      phoneWidth: '88px',
      csv: (row) => row.crossings,
      cell: (row) => (
        <NumberLink to="/crossings" search={{ vendor, class: row.class, subject: row.subject }}>
          {count(row.crossings)}
        </NumberLink>
      ),
    },
    {
      id: 'first',
      head: words.first,
      numeric: true,
      width: '104px',
      csv: (row) => row.firstSeenAt,
      cell: (row) => <Ago at={row.firstSeenAt} />,
    },
    {
      id: 'last',
      head: words.last,
      numeric: true,
      width: '104px',
      csv: (row) => row.lastSeenAt,
      cell: (row) => <Ago at={row.lastSeenAt} />,
    },
  ];
}

function NumberLinkToSubject({ vendor, subject }: { vendor: string; subject: string }) {
  return (
    <TextLink to="/crossings" search={{ vendor, subject }}>
      <span className="font-mono text-small" title={subject}>
        {shortId(subject)}
      </span>
    </TextLink>
  );
}

/** The rows behind a number of people: who, known only by pseudonym. */
export function ExposuresPage() {
  const { vendor: id } = useParams({ from: '/signed-in/vendors/$vendor/exposures' });
  const search = useSearch({ from: '/signed-in/vendors/$vendor/exposures' });
  const navigate = useNavigate({ from: '/vendors/$vendor/exposures' });
  const vendor = useQuery(queries.vendor(id));
  const exposures = useInfiniteQuery(
    queries.exposures(id, { class: search.class, treatment: search.treatment }),
  );
  const rows = useMemo(() => exposures.data?.pages.flatMap((page) => page.items), [exposures.data]);
  const columns = useMemo(() => columnsFor(id), [id]);
  const name = vendor.data?.name ?? id;

  return (
    <PageFrame
      tab={words.tab}
      title={words.title(
        name,
        search.class === undefined ? null : classLabel(search.class),
        search.treatment ?? null,
      )}
      lead={
        <>
          {words.lead}{' '}
          <TextLink to="/vendors/$vendor" params={{ vendor: id }}>
            {words.back(name)}
          </TextLink>
        </>
      }
    >
      <DataTable
        label={words.tab}
        csvName={`${id}-exposures`}
        columns={columns}
        rows={rows}
        rowId={(row) => `${row.subject} ${row.app.id} ${row.connection.id} ${row.class} ${row.treatment}`}
        error={exposures.error}
        onRetry={() => void exposures.refetch()}
        more={{
          hasMore: exposures.hasNextPage,
          loading: exposures.isFetchingNextPage,
          load: () => void exposures.fetchNextPage(),
        }}
        empty={<Empty title={words.empty}>{words.emptyLead}</Empty>}
        tools={
          <>
            <Filter
              label={words.class}
              value={search.class}
              options={classNames.map((value) => ({ value, label: classLabel(value) }))}
              onChoose={(value) =>
                void navigate({ search: (previous) => ({ ...previous, class: value }), replace: true })
              }
            />
            <Filter
              label={words.form}
              value={search.treatment}
              options={formChoices}
              onChoose={(value) =>
                void navigate({ search: (previous) => ({ ...previous, treatment: value }), replace: true })
              }
            />
          </>
        }
      />
    </PageFrame>
  );
}

const forms: readonly TreatmentName[] = ['pass', 'generalise', 'pseudonymise', 'tokenise', 'drop', 'refuse'];
const formChoices = forms.map((value) => ({ value, label: m.treatment[value].got }));
