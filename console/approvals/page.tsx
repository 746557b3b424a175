import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Approval } from '../api/trust-types.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { isForbidden, NotPermitted } from '../people/not-permitted.tsx';
import { isFor, useApprovals } from '../shell/waiting.ts';
import { ApprovalSheet } from './acts.tsx';
import { One } from './one.tsx';
import { Past } from './past.tsx';
import { SecondPerson, SecondPersonEmpty, SettingSheet } from './setting.tsx';

const words = m.approvals;
const from = '/signed-in/approvals';

/** What waits for a second person: for oneself, for others, and what one asked for. */
export function ApprovalsPage() {
  const { act, of } = useSearch({ from });
  const navigate = useNavigate({ from: '/approvals' });
  const me = useQuery(queries.session()).data?.actor?.id;
  const mayDecide = useMay('approval.decide');
  const approvals = useApprovals();
  const settings = useQuery({ ...queries.settings(), enabled: useMay('setting.read') });
  const mayRead = useMay('approval.read');
  if (!mayRead || isForbidden(approvals.error))
    return <NotPermitted tab={words.tab} title={m.problem.notPermitted} />;
  const set = (next: string | undefined, approval?: string): void =>
    void navigate({
      search: (previous) => ({ ...previous, act: next, of: approval }),
      replace: true,
      resetScroll: false,
    });
  const items = approvals.data?.items;
  if (items === undefined)
    return (
      <PageFrame tab={words.tab} title={words.tab} lead={words.lead}>
        {approvals.error ? (
          <Trouble error={approvals.error} onRetry={() => void approvals.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  const open = items.filter(({ state }) => state === 'asked' || state === 'approved');
  const theirs = open.filter((one) => isFor(one, me));
  const mine = open.filter(({ askedBy }) => askedBy.id === me);
  const over = items.filter((one) => !open.includes(one));
  const chosen = items.find(({ id }) => id === of);
  const show = (list: readonly Approval[]) =>
    list.map((one) => (
      <One
        key={one.id}
        approval={one}
        chosen={one.id === of}
        isMine={one.askedBy.id === me}
        mayDecide={mayDecide}
        onAct={(next) => set(next, one.id)}
      />
    ));
  return (
    <PageFrame tab={words.tab} title={titleOf(theirs.length, mine.length, mayDecide)} lead={words.lead}>
      {theirs.length === 0 ? null : (
        <Section title={mayDecide ? words.forYou : words.forOthers}>{show(theirs)}</Section>
      )}
      {mine.length === 0 ? null : <Section title={words.yours}>{show(mine)}</Section>}
      {settings.data?.secondPerson === false && items.length === 0 ? (
        <SecondPersonEmpty onTurn={() => set('two')} />
      ) : (
        <>
          <SecondPerson settings={settings} onTurn={() => set('two')} />
          {over.length === 0 ? null : <Past approvals={over} />}
        </>
      )}
      {act === 'two' && settings.data !== undefined ? (
        <SettingSheet on={settings.data.secondPerson} onClose={() => set(undefined)} />
      ) : null}
      {chosen === undefined ? null : (
        <ApprovalSheet
          key={chosen.id}
          act={act}
          approval={chosen}
          isMine={chosen.askedBy.id === me}
          mayDecide={mayDecide}
          onClose={() => set(undefined)}
        />
      )}
    </PageFrame>
  );
}

function titleOf(theirs: number, mine: number, mayDecide: boolean): string {
  if (theirs > 0) return mayDecide ? words.titleForYou(theirs) : words.titleOthers(theirs);
  return mine > 0 ? words.titleYours(mine) : words.titleNone;
}
