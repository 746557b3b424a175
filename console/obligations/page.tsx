import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { obligations as words } from '../messages/pages/obligations.ts';
import { isForbidden, NotPermitted } from '../people/not-permitted.tsx';
import { Permitted } from '../shell/permitted.tsx';
import { Calendars } from './calendar.tsx';
import { OwnClocks } from './own-rules.tsx';
import { ProfilePart } from './profile.tsx';
import { Questions } from './questions.tsx';
import { RemindersPart } from './reminders.tsx';
import { Reviews } from './reviews.tsx';

/** Which sheet is open, kept in the address: `act`, and what it is of. */
export interface Open {
  act: string | undefined;
  of: string | undefined;
  set(act?: string, of?: string): void;
}

/** Who we are for the law, what counsel reviewed, and who is reminded of what is due. */
export function DeadlinesPage() {
  const { act, of } = useSearch({ from: '/signed-in/settings/deadlines' });
  const navigate = useNavigate({ from: '/settings/deadlines' });
  const profile = useQuery(queries.organisationProfile());
  const reviews = useQuery(queries.ruleReviews());
  if (isForbidden(profile.error)) return <NotPermitted tab={words.tab} title={m.problem.notPermitted} />;
  const open: Open = {
    act,
    of,
    set: (next, what) =>
      void navigate({
        search: (previous) => ({ ...previous, act: next, of: what }),
        replace: true,
        resetScroll: false,
      }),
  };
  const deciding = profile.data?.questions.filter(
    ({ answer, decides }) => answer === null && decides.length > 0,
  );
  const rules = reviews.data?.rules;
  return (
    <PageFrame
      tab={words.tab}
      title={
        deciding === undefined || rules === undefined
          ? words.tab
          : words.title(deciding.length, rules.filter(({ review }) => review === null).length, rules.length)
      }
      lead={words.lead}
    >
      <Questions open={open} />
      <ProfilePart open={open} />
      <OwnClocks open={open} />
      <RemindersPart open={open} />
      <Permitted action="incident.read">
        <Calendars />
      </Permitted>
      <Reviews open={open} />
    </PageFrame>
  );
}
