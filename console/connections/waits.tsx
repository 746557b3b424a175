import type { Connection } from '../api/types.ts';
import { TextLink } from '../design/button.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useApprovals } from '../shell/waiting.ts';

const words = m.approvals;

/** That a change of this connection waits for a second person, or was approved and is not done yet. */
export function Waits({ connection }: { connection: Connection }) {
  const approvals = useApprovals();
  const open = approvals.data?.items.filter(
    ({ subject, state }) =>
      subject.kind === 'connection' &&
      subject.id === connection.id &&
      (state === 'asked' || state === 'approved'),
  );
  return open?.map((one) => (
    <Note key={one.id}>
      {one.state === 'asked'
        ? words.onConnection(one.askedBy.name)
        : words.onConnectionApproved(one.askedBy.name)}{' '}
      <TextLink to="/approvals" search={{ of: one.id }}>
        {words.see}
      </TextLink>
    </Note>
  ));
}
