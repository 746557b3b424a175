import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { Exposure, TreatmentName } from '../api/types.ts';
import { ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { classLabel, classNames, isTreatment, vendorGot } from '../design/classes.ts';
import { Filter } from '../design/filter.tsx';
import { count, shortId } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import type { Kept } from '../shell/search.ts';

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
      head: words.treatment,
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
        <NumberLink
          to="/crossings"
          search={{
            vendor,
            app: row.app.id,
            connection: row.connection.id,
            class: row.class,
            treatment: row.treatment,
            subject: row.subject,
          }}
        >
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
  const { class: fieldClass, treatment, held, about } = search;
  const exposures = useInfiniteQuery(queries.exposures(id, { class: fieldClass, treatment, held, about }));
  const rows = useMemo(() => exposures.data?.pages.flatMap((page) => page.items), [exposures.data]);
  const columns = useMemo(() => columnsFor(id), [id]);
  const name = vendor.data?.name ?? id;

  function choose(
    patch: Partial<Record<'class' | 'treatment' | 'held' | 'about', string | undefined>>,
  ): void {
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true });
  }

  return (
    <PageFrame
      tab={words.tab}
      title={titleOf(name, search)}
      lead={
        <>
          {words.lead} {rows !== undefined && !exposures.hasNextPage ? countedIn(rows) : null}{' '}
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
        more={moreOf(exposures)}
        empty={
          <Empty
            title={words.empty}
            example={
              <p className="border-l-3 border-line pl-4">
                <span className="font-mono text-small">pFq2…x9dg</span>, {words.exampleRow}
              </p>
            }
            act={
              <ButtonLink to="/vendors/$vendor" params={{ vendor: id }}>
                {words.back(name)}
              </ButtonLink>
            }
          >
            {words.emptyLead}
          </Empty>
        }
        tools={
          <>
            <Filter
              label={words.held}
              value={held === 'true' ? held : undefined}
              options={[{ value: 'true', label: words.heldOnly }]}
              onChoose={(value) => choose({ held: value })}
            />
            <Filter
              label={words.about}
              value={about}
              options={aboutChoices}
              onChoose={(value) => choose({ about: value })}
            />
            <Filter
              label={words.class}
              value={search.class}
              options={classNames.map((value) => ({ value, label: classLabel(value) }))}
              onChoose={(value) => choose({ class: value })}
            />
            <Filter
              label={words.treatment}
              value={search.treatment}
              options={treatmentChoices}
              onChoose={(value) => choose({ treatment: value })}
            />
          </>
        }
      />
    </PageFrame>
  );
}

const treatments: readonly TreatmentName[] = [
  'pass',
  'generalise',
  'pseudonymise',
  'tokenise',
  'drop',
  'refuse',
];
const treatmentChoices = treatments.map((value) => ({ value, label: m.treatment[value].got }));
const aboutChoices = Object.entries(words.abouts).map(([value, label]) => ({ value, label }));

function titleOf(vendor: string, filters: Kept<'class' | 'treatment' | 'held'>): string {
  const { title } = words;
  const got = isTreatment(filters.treatment) ? vendorGot(filters.treatment) : null;
  const holds = got ?? (filters.held === 'true' ? true : null);
  if (filters.class === undefined) return holds === true ? title.held(vendor) : title.all(vendor);
  const label = inSentence(classLabel(filters.class));
  if (holds === null) return title.allOf(vendor, label);
  return holds ? title.heldOf(vendor, label) : title.keptOf(vendor, label);
}

/** "E-mail address" in the middle of a sentence; "IP address" keeps its capitals. */
function inSentence(label: string): string {
  return /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);
}

/** How many the rows are about: the number that was clicked to come here. */
function countedIn(rows: readonly Exposure[]): string {
  const of = (about: Exposure['about']): number =>
    new Set(rows.filter((row) => row.about === about).map((row) => row.person)).size;
  return words.counted(of('person'), of('organisation'));
}
