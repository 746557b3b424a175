import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { PersonRow, SessionRow } from '../api/identity-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { SessionList } from '../profile/session-list.tsx';
import { TokenList } from '../profile/token-list.tsx';
import { ChangeAccess, EndSessions, NewLink, Offboard, ResetFactors } from './acts.tsx';
import { isForbidden, NotPermitted } from './not-permitted.tsx';
import { calledBy, personState } from './state.ts';
import { roleName } from './words.ts';

const words = m.people;
const from = '/signed-in/people/$person';

/** One person: what they may do, how they sign in, where they are signed in, and what can be done about it. */
export function PersonPage() {
  const { person: id } = useParams({ from });
  const person = useQuery(queries.person(id));
  if (isForbidden(person.error)) return <NotPermitted tab={words.tab} title={words.notPermitted} />;
  if (person.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {person.error ? (
          <Trouble error={person.error} onRetry={() => void person.refetch()} />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  return <Known key={id} person={person.data} />;
}

function titleOf(person: PersonRow): string {
  const state = personState(person, Date.now());
  if (state === 'invited') return words.one.invitedTitle(calledBy(person));
  if (state === 'active') return words.one.title(calledBy(person), person.roles.map(roleName));
  return words.one.goneTitle(calledBy(person));
}

function Known({ person }: { person: PersonRow }) {
  const { act } = useSearch({ from });
  const navigate = useNavigate({ from: '/people/$person' });
  const mayChange = useMay('person.change');
  const mayInvite = useMay('person.invite');
  const set = (next: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: next }), replace: true, resetScroll: false });
  const given = { person, onClose: () => set(undefined) };
  const isGone = person.state === 'offboarded';
  const acts = !mayChange || person.isYou || isGone;
  return (
    <PageFrame
      tab={calledBy(person)}
      title={titleOf(person)}
      lead={
        <>
          {person.email === null ? '' : `${person.email}. `}
          <TextLink to="/people">{words.one.back}</TextLink>
        </>
      }
      acts={
        acts ? null : (
          <>
            {mayInvite && person.state === 'invited' ? (
              <Button onClick={() => set('link')}>{words.one.newLink}</Button>
            ) : null}
            <Button onClick={() => set('access')}>{words.one.change}</Button>
            {person.state === 'active' ? (
              <Button onClick={() => set('reset')}>{words.one.reset}</Button>
            ) : null}
            <Button weight="danger" onClick={() => set('offboard')}>
              {words.one.offboard}
            </Button>
          </>
        )
      }
    >
      {person.isYou ? (
        <p>
          {words.one.isYou} <TextLink to="/profile">{m.rail.profile}</TextLink>
        </p>
      ) : null}
      <Section title={words.one.permits}>
        <ul className="flex flex-col gap-1 border-t border-line">
          {person.roles.map((role) => (
            <li key={role} className="border-b border-line py-2">
              <span className="font-strong">{roleName(role)}.</span> {words.roleTexts[role]}
            </li>
          ))}
        </ul>
        <div>
          <TextLink to="/roles">{words.roles}</TextLink>
        </div>
      </Section>
      <About person={person} />
      {isGone ? null : (
        <Section
          title={words.one.sessions}
          lead={words.one.sessionsLead}
          acts={
            mayChange && person.sessions > 0 ? (
              <Button slim onClick={() => set('sessions')}>
                {words.one.endAll}
              </Button>
            ) : null
          }
        >
          <Sessions person={person.id} />
        </Section>
      )}
      {isGone ? null : <Tokens person={person.id} />}
      <div>
        <ButtonLink to="/audit" search={{ actor: person.id }}>
          {words.one.changesLink}
        </ButtonLink>
      </div>
      {mayChange && act === 'access' ? <ChangeAccess {...given} /> : null}
      {mayInvite && act === 'link' ? <NewLink {...given} /> : null}
      {mayChange && act === 'reset' ? <ResetFactors {...given} /> : null}
      {mayChange && act === 'offboard' ? <Offboard {...given} /> : null}
      {mayChange && act === 'sessions' ? <EndSessions {...given} /> : null}
    </PageFrame>
  );
}

function About({ person }: { person: PersonRow }) {
  const { passkeys, totp, recoveryCodesLeft } = person.factors;
  return (
    <Section title={words.one.about}>
      <Facts
        facts={[
          [words.state, words.states[personState(person, Date.now())]],
          [words.one.since, <Ago key="since" at={person.createdAt} />],
          [words.lastSeen, <Ago key="seen" at={person.lastSeenAt} />],
          [
            words.ends,
            person.accessEnds === null ? words.noEnd : <Exact key="ends" at={person.accessEnds} />,
          ],
          [words.one.passkeys, String(passkeys)],
          [words.one.app, totp ? words.one.set : words.one.notSet],
          [words.one.codes, String(recoveryCodesLeft)],
        ]}
      />
    </Section>
  );
}

function Tokens({ person }: { person: string }) {
  const tokens = useQuery(queries.tokensOf(person));
  const items = tokens.data?.items;
  return (
    <Section title={m.tokens.title}>
      {tokens.error ? <Trouble error={tokens.error} onRetry={() => void tokens.refetch()} /> : null}
      {items === undefined && !tokens.error ? <Bones lines={1} /> : null}
      {items?.length === 0 ? <p className="text-soft">{m.tokens.noneTheirs}</p> : null}
      {items === undefined || items.length === 0 ? null : <TokenList tokens={items} />}
    </Section>
  );
}

function Sessions({ person }: { person: string }) {
  const sessions = useQuery(queries.sessionsOf(person));
  if (sessions.data === undefined) {
    return sessions.error ? (
      <Trouble error={sessions.error} onRetry={() => void sessions.refetch()} />
    ) : (
      <Bones lines={2} />
    );
  }
  const rows: SessionRow[] = sessions.data.items;
  return rows.length === 0 ? (
    <p className="text-soft">{words.one.noSessions}</p>
  ) : (
    <SessionList label={words.one.sessions} sessions={rows} />
  );
}
