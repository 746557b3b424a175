import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Account, VendorPosture } from '../api/account-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Empty, Trouble } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { AttestSheet } from './attest.tsx';
import { ImportSheet } from './import.tsx';
import { LevelsBar, LevelsLegend } from './levels.tsx';
import { RuleSheet } from './rule.tsx';
import { Statements } from './statements.tsx';

const words = m.accounts;

const nameOf = (row: Account): string => row.email ?? row.name ?? row.id;

const columns: readonly Column<Account>[] = [
  {
    id: 'person',
    head: words.person,
    fixed: true,
    phone: true,
    sort: nameOf,
    csv: nameOf,
    cell: (row) => (
      <span className="block min-w-0">
        <span className="block truncate font-strong">{nameOf(row)}</span>
        <span className="block truncate text-small text-soft">
          {row.presence === 'left' ? <span className="text-alert">{words.leftMark} </span> : null}
          {row.kind === 'service' ? `${words.service} ` : null}
          {row.state === 'active' ? null : `${words[row.state]} `}
          {row.email === null ? null : row.name}
        </span>
      </span>
    ),
  },
  {
    id: 'role',
    head: words.role,
    width: '168px',
    sort: (row) => `${row.admin === true ? 0 : 1} ${row.role ?? ''}`,
    csv: (row) => row.role ?? '',
    cell: (row) =>
      row.admin === true ? (
        <>
          <span className="font-strong">{words.administrator}</span>
          {row.role === null ? null : <span className="block text-small text-soft">{row.role}</span>}
        </>
      ) : (
        (row.role ?? <span className="text-soft">{words.notSaid}</span>)
      ),
  },
  {
    id: 'level',
    head: words.guarded,
    phone: true,
    width: '260px',
    phoneWidth: '46%',
    sort: (row) => row.level,
    csv: (row) => row.level,
    cell: (row) => (
      <>
        <span className={row.level === 'none' ? 'text-alert' : ''}>{words.levels[row.level]}</span>
        <span className="block text-small text-soft">
          {words.evidence[row.evidence]}
          {row.evidence === 'inferred' ? ` ${row.via}` : ''}
          {row.stale ? `, ${words.stale}` : ''}
        </span>
      </>
    ),
  },
  {
    id: 'asOf',
    head: words.asOf,
    numeric: true,
    width: '108px',
    sort: (row) => row.asOf,
    csv: (row) => row.asOf,
    cell: (row) => (
      <span title={row.basis}>
        <Ago at={row.asOf} />
      </span>
    ),
  },
  {
    id: 'active',
    head: words.lastActive,
    numeric: true,
    width: '116px',
    sort: (row) => row.lastActiveAt ?? '',
    csv: (row) => row.lastActiveAt ?? '',
    cell: (row) =>
      row.lastActiveAt === null ? (
        <span className="text-soft">{words.notSaid}</span>
      ) : (
        <Ago at={row.lastActiveAt} />
      ),
  },
];

const nobody: Omit<VendorPosture, 'vendor'> = {
  accounts: 0,
  services: 0,
  levels: { enforced: 0, phishing_resistant: 0, enrolled: 0, sms_only: 0, none: 0, unknown: 0 },
  evidence: { observed: 0, inferred: 0, declared: 0, unknown: 0 },
  admins: 0,
  adminUnknown: 0,
  withoutSecondFactor: 0,
  left: 0,
  presenceUnknown: 0,
  rule: null,
  attestation: null,
  lastImport: null,
};

/** Our accounts at one vendor: who, with which rights, how guarded, and from what this is known. */
export function AccountsOfVendorPage() {
  const { vendor } = useParams({ from: '/signed-in/accounts/$vendor' });
  const search = useSearch({ from: '/signed-in/accounts/$vendor' });
  const navigate = useNavigate({ from: '/accounts/$vendor' });
  const vendors = useQuery(queries.accounts());
  const accounts = useQuery(queries.accountsOf(vendor));
  const known = vendors.data?.items.find((one) => one.vendor === vendor);
  const posture = known ?? { vendor, ...nobody };
  const show = (act: string | undefined) =>
    void navigate({ search: (previous) => ({ ...previous, act }), replace: true, resetScroll: false });
  const last = posture.lastImport;
  return (
    <PageFrame
      tab={words.tab}
      title={
        vendors.data === undefined
          ? words.tab
          : words.vendorTitle(vendor, posture.accounts, posture.left, posture.withoutSecondFactor)
      }
      lead={
        <>
          {last === null ? (
            words.noImport
          ) : (
            <>
              {words.lastImport} <Exact at={last.asOf} />.
            </>
          )}
          {words.services(posture.services)}
          {words.presenceUnknown(posture.presenceUnknown)}
        </>
      }
      acts={<Button onClick={() => show('import')}>{words.take}</Button>}
    >
      {vendors.error ? <Trouble error={vendors.error} onRetry={() => void vendors.refetch()} /> : null}
      {posture.accounts === 0 ? null : (
        <div className="flex max-w-[760px] flex-col gap-3">
          <LevelsBar levels={posture.levels} />
          <LevelsLegend />
        </div>
      )}
      <Statements posture={posture} onAct={show} />
      <Section title={words.people}>
        <DataTable
          label={words.people}
          csvName={`accounts-${vendor}`}
          columns={columns}
          rows={accounts.data?.items}
          rowId={(row) => row.id}
          error={accounts.error}
          onRetry={() => void accounts.refetch()}
          empty={
            <Empty
              title={words.emptyTitle}
              example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
              act={
                <Button weight="main" onClick={() => show('import')}>
                  {words.take}
                </Button>
              }
            >
              {words.empty}
            </Empty>
          }
        />
      </Section>
      <ImportSheet open={search.act === 'import'} onClose={() => show(undefined)} vendor={vendor} />
      <RuleSheet open={search.act === 'rule'} onClose={() => show(undefined)} vendor={vendor} />
      <AttestSheet open={search.act === 'attest'} onClose={() => show(undefined)} vendor={vendor} />
    </PageFrame>
  );
}
