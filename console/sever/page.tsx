import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { Severance } from '../api/sever-types.ts';
import { PageFrame } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { ReopenButton, SeveranceParts } from './parts.tsx';
import { titleOf } from './title.ts';

/** What is cut off, where that is in force, and what people still have to do elsewhere. It is live. */
export function SeverancePage() {
  const { severance: id } = useParams({ from: '/signed-in/severances/$severance' });
  const found = useQuery(queries.severance(id));
  if (found.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {found.error === null ? (
          <Bones lines={10} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )}
      </PageFrame>
    );
  }
  return <Whole key={id} severance={found.data} />;
}

function Whole({ severance }: { severance: Severance }) {
  return (
    <PageFrame
      tab={severance.target.name}
      title={titleOf(severance)}
      lead={severance.reason}
      acts={<ReopenButton severance={severance} />}
    >
      <SeveranceParts severance={severance} />
    </PageFrame>
  );
}
