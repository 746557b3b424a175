import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { BlastRadius } from '../api/incident-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { ByPlace } from '../design/by-place.tsx';
import { TextField } from '../design/field.tsx';
import { count } from '../design/format.ts';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { whatIf as words } from '../messages/pages/what-if.ts';
import { Permitted } from '../shell/permitted.tsx';
import { Accounts, Around, Credentials, Dependents, NotAffected, Unknown } from './around.tsx';
import { DataHeld } from './data.tsx';
import { Groups } from './groups.tsx';

const DAY_MS = 24 * 3_600_000;
const USUAL_DAYS = 30;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const isDay = (text: string | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? '');

/** What a breach at one vendor, or at a vendor behind a vendor, touches. */
export function BlastPage() {
  const { party } = useParams({ from: '/signed-in/what-if/$party' });
  const search = useSearch({ from: '/signed-in/what-if/$party' });
  const [today] = useState(() => Date.now());
  const from = isDay(search.from) ? search.from : dayOf(today - USUAL_DAYS * DAY_MS);
  const to = isDay(search.to) ? search.to : dayOf(today);
  const blast = useQuery(queries.blastRadius(party, from, to));
  // What is shown until the answer is there may be another time's, never another vendor's.
  if (blast.data === undefined || (blast.isPlaceholderData && blast.data.party.id !== party)) {
    return (
      <PageFrame tab={words.blastTab(party)} title={words.blastTab(party)}>
        {blast.error === null ? (
          <Bones lines={10} />
        ) : (
          <Trouble error={blast.error} onRetry={() => void blast.refetch()} />
        )}
      </PageFrame>
    );
  }
  return <Whole key={party} blast={blast.data} from={from} to={to} />;
}

function Whole({ blast, from, to }: { blast: BlastRadius; from: string; to: string }) {
  const { party, people, accounts } = blast;
  // Accounts add up over vendors; people don't, as one may have several.
  const ours = accounts.reduce((sum, one) => sum + one.accounts, 0);
  return (
    <PageFrame
      tab={words.blastTab(party.name)}
      title={words.blastTitle(party.name, people.people, ours)}
      lead={
        <>
          {blast.whose.text}{' '}
          {blast.asOf === null ? (
            words.noJournal
          ) : (
            <>
              {words.asOf} <Exact at={blast.asOf} />.
            </>
          )}
        </>
      }
      acts={
        <>
          <Permitted action="incident.work">
            <ButtonLink to="/incidents" search={{ act: 'open', party: party.id, from, to }}>
              {words.openIncident}
            </ButtonLink>
          </Permitted>
          {party.connected ? (
            <ButtonLink to="/vendors/$vendor" params={{ vendor: party.id }}>
              {party.name}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Window from={from} to={to} />
      <Unknown unknown={blast.unknown} />
      <Facts
        facts={[
          [words.facts.held, `${count(people.people)}: ${words.heldMeans}`],
          [words.facts.window, count(people.peopleInWindow)],
          [words.facts.declared, count(people.peopleAsDeclared)],
          [words.facts.organisations, count(people.organisations)],
          [words.facts.credentials, count(blast.credentials.length)],
          [words.facts.apps, blast.dependents.map(({ app }) => app.name).join(', ') || m.common.none],
        ]}
      />
      <Section title={words.people} lead={words.peopleLead}>
        <Groups people={people} />
      </Section>
      {people.people === 0 ? null : (
        <Section title={words.places} lead={people.places === null ? words.noPlaces : words.placesLead}>
          {people.places === null ? null : (
            <ByPlace label={words.placesTable} places={people.places} words={words.place} />
          )}
        </Section>
      )}
      <Section title={words.data} lead={words.dataLead}>
        <DataHeld blast={blast} />
      </Section>
      <Accounts accounts={accounts} />
      <Credentials credentials={blast.credentials} />
      <Dependents blast={blast} />
      <Around blast={blast} />
      <NotAffected blast={blast} />
    </PageFrame>
  );
}

function Window({ from, to }: { from: string; to: string }) {
  const navigate = useNavigate({ from: '/what-if/$party' });
  const [given, setGiven] = useState({ from, to });
  const isBackwards = isDay(given.from) && isDay(given.to) && given.from > given.to;
  const show = (event: FormEvent): void => {
    event.preventDefault();
    if (isBackwards || !isDay(given.from) || !isDay(given.to)) return;
    void navigate({ search: (previous) => ({ ...previous, ...given }), replace: true, resetScroll: false });
  };
  return (
    <form onSubmit={show} aria-label={words.window} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-end gap-3">
        {(['from', 'to'] as const).map((end) => (
          <TextField
            key={end}
            type="date"
            label={words[end]}
            required
            value={given[end]}
            error={end === 'from' && isBackwards ? words.backwards : undefined}
            onChange={(event) => setGiven({ ...given, [end]: event.target.value })}
          />
        ))}
        <Button type="submit">{words.ask}</Button>
      </div>
      <p className="text-small text-soft">{words.windowHint}</p>
    </form>
  );
}
