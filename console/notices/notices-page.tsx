import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { PageFrame } from '../design/page.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { notices as words } from '../messages/pages/notices.ts';
import { NoticesOfIncident } from './index.ts';
import { noticeQueries } from './queries.ts';

/** The notices of an incident as a page of its own, which the pages of single ones lead back to. */
export function NoticesPage() {
  const { incident } = useParams({ from: '/signed-in/incidents/$incident/notices' });
  const found = useQuery(noticeQueries.incident(incident));
  return (
    <PageFrame
      tab={words.section}
      title={found.data === undefined ? words.section : words.pageTitle(found.data.number, found.data.title)}
    >
      {found.error ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.data?.drill === true ? <Note>{words.drillMark}</Note> : null}
      <NoticesOfIncident incident={incident} />
    </PageFrame>
  );
}
