import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { PersonRow } from '../api/identity-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { PageFrame } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty, Note } from '../design/state.tsx';
import { DataTable } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { peopleColumns } from './columns.tsx';
import { Invite } from './invite.tsx';
import { isForbidden, NotPermitted } from './not-permitted.tsx';
import { calledBy, fitsSearch, personState } from './state.ts';
import { knownRoles, roleName } from './words.ts';

const words = m.people;
const roleChoices = knownRoles.map((role) => ({ value: role, label: roleName(role) }));
const stateChoices = Object.entries(words.states).map(([value, label]) => ({ value, label }));

type Patch = Partial<Record<'q' | 'role' | 'state' | 'act', string | undefined>>;

/** Who has access, with which roles and factors, and until when. */
export function PeoplePage() {
  const search = useSearch({ from: '/signed-in/people' });
  const navigate = useNavigate({ from: '/people' });
  const people = useQuery(queries.people());
  const mayInvite = useMay('person.invite');
  const forbidden = isForbidden(people.error);
  const { q, role, state } = search;
  const rows = useMemo(
    () => people.data && fitting(people.data, { q, role, state }),
    [people.data, q, role, state],
  );
  const set = (patch: Patch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });

  if (forbidden) return <NotPermitted tab={words.tab} title={words.notPermitted} />;
  const now = Date.now();
  const countOf = (wanted: string): number =>
    people.data?.filter((person) => personState(person, now) === wanted).length ?? 0;
  const noCodes = people.data?.filter(
    (person) => personState(person, now) === 'active' && person.factors.recoveryCodesLeft === 0,
  ).length;
  return (
    <PageFrame
      tab={words.tab}
      title={people.data === undefined ? words.tab : words.title(countOf('active'), countOf('invited'))}
      lead={words.lead}
      acts={
        <>
          <Permitted action="setting.read">
            <ButtonLink to="/issuers">{m.rail.issuers}</ButtonLink>
          </Permitted>
          <ButtonLink to="/roles">{words.roles}</ButtonLink>
          {mayInvite ? (
            <Button weight="main" onClick={() => set({ act: 'invite' })}>
              {words.invite}
            </Button>
          ) : null}
        </>
      }
    >
      {noCodes === undefined || noCodes === 0 ? null : <Note>{words.noCodes(noCodes)}</Note>}
      <DataTable
        label={words.table}
        csvName="people"
        columns={peopleColumns}
        rows={rows}
        rowId={(person) => person.id}
        error={people.error}
        onRetry={() => void people.refetch()}
        tools={
          <>
            <SearchFilter label={words.search} value={q} onChange={(text) => set({ q: text })} />
            <Filter
              label={words.filterRole}
              value={role}
              options={roleChoices}
              onChoose={(chosen) => set({ role: chosen })}
            />
            <Filter
              label={words.filterState}
              value={state}
              options={stateChoices}
              onChoose={(chosen) => set({ state: chosen })}
            />
          </>
        }
        empty={<Empty title={words.none} />}
      />
      {mayInvite ? null : <p className="text-soft">{`${words.notPermittedTo} ${m.problem.whoCan}`}</p>}
      {search.act === 'invite' && mayInvite ? <Invite onClose={() => set({ act: undefined })} /> : null}
    </PageFrame>
  );
}

/** Who was offboarded stands at the end, and in their own list. */
function fitting(people: readonly PersonRow[], wanted: Pick<Patch, 'q' | 'role' | 'state'>): PersonRow[] {
  const now = Date.now();
  const last = (person: PersonRow): number => (personState(person, now) === 'offboarded' ? 1 : 0);
  return people
    .filter(
      (person) =>
        (wanted.q === undefined || fitsSearch(person, wanted.q.trim())) &&
        (wanted.role === undefined || person.roles.includes(wanted.role)) &&
        (wanted.state === undefined || personState(person, now) === wanted.state),
    )
    .sort((a, b) => last(a) - last(b) || calledBy(a).localeCompare(calledBy(b), 'en'));
}
