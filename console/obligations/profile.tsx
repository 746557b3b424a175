import { useQuery } from '@tanstack/react-query';
import type { OrganisationProfile, Profile } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { Facts, Section } from '../design/page.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Open } from './page.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.profile;

/** Name, seats, authorities and holidays of the organisation. */
export function ProfilePart({ open }: { open: Open }) {
  const { data } = useQuery(queries.organisationProfile());
  if (data === undefined) return null;
  const { profile, changedBy } = data;
  const or = (text: string | undefined): string =>
    text === undefined || text === '' ? obligations.none : text;
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        <Permitted action="obligation.change">
          <Button slim onClick={() => open.set('profile')}>
            {obligations.change}
          </Button>
        </Permitted>
      }
    >
      <Facts
        facts={[
          [words.name, or(profile.name)],
          [words.country, or([profile.country, profile.zone].filter((one) => one !== undefined).join(', '))],
          [words.seats, or(profile.countries.join(', '))],
          [words.competent, or(competentText(profile).replaceAll('\n', ', '))],
          [words.holidays, or(profile.extra_holidays.join(', '))],
          ...(changedBy === null ? [] : [[obligations.changedBy, changedBy] as const]),
        ]}
      />
      {open.act === 'profile' ? <Change whole={data} onClose={() => open.set()} /> : null}
    </Section>
  );
}

const competentText = ({ competent }: Profile): string =>
  Object.entries(competent)
    .map(
      ([regime, { country, zone }]) =>
        `${regime}: ${[country, zone].filter((one) => one !== undefined).join(' ')}`,
    )
    .join('\n');

/** Lines as `GDPR: FR`, or `GDPR: PT Europe/Lisbon`. What does not read so goes as it is, for the server to name. */
export function competentOf(text: string): Profile['competent'] {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const [regime = '', rest = ''] = line.split(':');
      const [country = '', zone] = rest.trim().split(/\s+/);
      return [regime.trim(), { country, ...(zone === undefined ? {} : { zone }) }];
    }),
  );
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function Change({
  whole: { profile, revision, regimes },
  onClose,
}: {
  whole: OrganisationProfile;
  onClose: () => void;
}) {
  return (
    <SaveSheet
      title={words.sheet}
      name={`profile.${revision}`}
      initial={{
        name: profile.name ?? '',
        country: profile.country ?? '',
        zone: profile.zone ?? '',
        seats: profile.countries.join(', '),
        competent: competentText(profile),
        holidays: profile.extra_holidays.join('\n'),
      }}
      path="/organisation/profile"
      body={(draft) => ({
        profile: {
          ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
          ...(draft.country.trim() === '' ? {} : { country: draft.country.trim() }),
          ...(draft.zone.trim() === '' ? {} : { zone: draft.zone.trim() }),
          countries: draft.seats.split(/[\s,]+/).filter((seat) => seat !== ''),
          answers: profile.answers,
          competent: competentOf(draft.competent),
          extra_holidays: linesOf(draft.holidays),
        },
        revision,
      })}
      onClose={onClose}
    >
      {(draft, change, wrong) => (
        <>
          <TextField
            label={words.name}
            maxLength={200}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
          <TextField
            label={words.country}
            hint={words.countryHint}
            maxLength={2}
            value={draft.country}
            onChange={(event) => change({ country: event.target.value })}
            error={wrong('organisation.country') ?? wrong('profile.country')}
          />
          <TextField
            label={words.zone}
            hint={words.zoneHint}
            value={draft.zone}
            onChange={(event) => change({ zone: event.target.value })}
            error={wrong('organisation.zone')}
          />
          <TextField
            label={words.seats}
            hint={words.seatsHint}
            value={draft.seats}
            onChange={(event) => change({ seats: event.target.value })}
            error={wrong('profile.countries')}
          />
          <TextArea
            label={words.competent}
            hint={`${words.competentHint} ${words.regimes(regimes)}`}
            rows={3}
            value={draft.competent}
            onChange={(event) => change({ competent: event.target.value })}
            error={wrong('organisation.competent') ?? wrong('profile.competent')}
          />
          <TextArea
            label={words.holidays}
            hint={words.holidaysHint}
            rows={3}
            value={draft.holidays}
            onChange={(event) => change({ holidays: event.target.value })}
            error={wrong('profile.extra_holidays')}
          />
        </>
      )}
    </SaveSheet>
  );
}
