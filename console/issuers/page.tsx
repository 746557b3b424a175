import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Issuer } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { isForbidden, NotPermitted } from '../people/not-permitted.tsx';
import { Permitted } from '../shell/permitted.tsx';
import { AddIssuer, ChangeIssuer } from './form.tsx';
import { One } from './one.tsx';
import { RemoveIssuer } from './remove.tsx';

const words = m.issuers;

/** Who else vouches for people who sign in, what is believed of them, and whether they answer. */
export function IssuersPage() {
  const { act, of } = useSearch({ from: '/signed-in/issuers' });
  const navigate = useNavigate({ from: '/issuers' });
  const issuers = useQuery(queries.issuers());
  const mayChange = useMay('issuer.change');
  if (isForbidden(issuers.error)) return <NotPermitted tab={words.tab} title={m.problem.notPermitted} />;
  const items = issuers.data?.items;
  const set = (next: string | undefined, issuer?: string): void =>
    void navigate({
      search: (previous) => ({ ...previous, act: next, of: issuer }),
      replace: true,
      resetScroll: false,
    });
  const close = (): void => set(undefined);
  const chosen = items?.find(({ id }) => id === of);
  const add = (
    <Permitted action="issuer.change">
      <Button weight="main" onClick={() => set('add')}>
        {words.add}
      </Button>
    </Permitted>
  );
  return (
    <PageFrame
      tab={words.tab}
      title={titleOf(items)}
      lead={words.lead}
      acts={items === undefined || items.length === 0 ? null : add}
    >
      {issuers.error ? <Trouble error={issuers.error} onRetry={() => void issuers.refetch()} /> : null}
      {items === undefined && !issuers.error ? <Bones lines={6} /> : null}
      {items?.length === 0 ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
          act={add}
        >
          {words.emptyText}
        </Empty>
      ) : null}
      {items?.map((issuer) => (
        <One
          key={issuer.id}
          issuer={issuer}
          onChange={() => set('change', issuer.id)}
          onRemove={() => set('remove', issuer.id)}
        />
      ))}
      {mayChange ? null : <p className="text-soft">{words.ownersOnly}</p>}
      {act === 'add' && mayChange ? <AddIssuer onClose={close} /> : null}
      {act === 'change' && mayChange && chosen !== undefined ? (
        <ChangeIssuer key={chosen.id} issuer={chosen} onClose={close} />
      ) : null}
      {act === 'remove' && mayChange && chosen !== undefined ? (
        <RemoveIssuer key={chosen.id} issuer={chosen} onClose={close} />
      ) : null}
    </PageFrame>
  );
}

function titleOf(items: readonly Issuer[] | undefined): string {
  if (items === undefined) return words.tab;
  const proving = items.filter(({ mfa }) => mfa.acr.length + mfa.amr.length > 0);
  return items.length === 0 ? words.titleNone : words.title(items.length, proving.length);
}
