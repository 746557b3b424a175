import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/may.ts';
import type { Policy } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { Exceptions } from './exceptions.tsx';
import { Requests } from './requests.tsx';
import { Starters } from './starters.tsx';

const words = m.policies;

const stateOf = (row: Policy): string =>
  row.active === null ? words.draft : words.inForce(row.active, row.version);
const aboutOf = (row: Policy): string =>
  [...(row.decides.crossings ? [words.crossings] : []), ...(row.decides.acts ? [words.acts] : [])].join(', ');

const columns: readonly Column<Policy>[] = [
  {
    id: 'title',
    head: words.policy,
    fixed: true,
    phone: true,
    sort: (row) => row.title,
    csv: (row) => row.title,
    cell: (row) => (
      <Link
        to="/policies/$policy"
        params={{ policy: row.name }}
        className="row-link no-underline"
        title={row.title}
      >
        {row.title}
      </Link>
    ),
  },
  {
    id: 'state',
    head: words.state,
    phone: true,
    width: '184px',
    phoneWidth: '104px',
    sort: stateOf,
    csv: stateOf,
    cell: (row) => <span className={row.active === null ? 'text-soft' : ''}>{stateOf(row)}</span>,
  },
  { id: 'about', head: words.about, width: '14%', sort: aboutOf, csv: aboutOf, cell: aboutOf },
  {
    id: 'name',
    head: words.name,
    width: '20%',
    sort: (row) => row.name,
    csv: (row) => row.name,
    cell: (row) => (
      <span className="font-mono text-small" title={row.name}>
        {row.name}
      </span>
    ),
  },
  { id: 'by', head: words.by, width: '14%', csv: (row) => row.author, cell: (row) => row.author },
  {
    id: 'when',
    head: words.when,
    numeric: true,
    width: '100px',
    sort: (row) => row.createdAt,
    csv: (row) => row.createdAt,
    cell: (row) => <Ago at={row.createdAt} />,
  },
];

/** All policies, who asks for an exception and who has one, and policies to begin with. */
export function PoliciesPage() {
  const search = useSearch({ from: '/signed-in/policies' });
  const navigate = useNavigate({ from: '/policies' });
  const policies = useQuery(queries.policies());
  const rows = policies.data?.items;
  const mayChange = useMay('policy.change');
  const act = {
    act: search.act,
    of: search.of,
    set: (next: string | undefined, of: string | undefined): void =>
      void navigate({
        search: (previous) => ({ ...previous, act: next, of }),
        replace: true,
        resetScroll: false,
      }),
  };
  return (
    <PageFrame
      tab={words.tab}
      title={rows === undefined ? words.tab : words.title(rows.filter((row) => row.active !== null).length)}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/policy-facts">{words.facts}</ButtonLink>
          {mayChange ? (
            <ButtonLink to="/new-policy" weight="main">
              {words.write}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Requests act={act} />
      <Section title={words.list}>
        <DataTable
          label={words.list}
          csvName="policies"
          columns={columns}
          rows={rows}
          rowId={(row) => row.name}
          error={policies.error}
          onRetry={() => void policies.refetch()}
          empty={<Empty title={words.none}>{words.noneLead}</Empty>}
        />
        {policies.data?.hash == null ? null : (
          <p className="text-small text-soft">
            {words.hash}: <span className="font-mono break-all">{policies.data.hash}</span>
          </p>
        )}
      </Section>
      <Exceptions act={act} />
      {mayChange ? <Starters act={act} /> : null}
    </PageFrame>
  );
}
