import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Leak } from '../api/leak-types.ts';
import { queries } from '../api/queries.ts';
import { KeyAct } from '../apps/key-acts.tsx';
import { ButtonLink } from '../design/button.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { leaks } from '../messages/pages/leaks.ts';
import { StartSheet } from '../rotation/start-sheet.tsx';

const words = leaks;

/** What takes a leaked key out of force: of a credential its rotation, of a virtual key its successor or its end. */
export function RotateNow({ leak: id, onClose, act }: { leak: string; onClose: () => void; act?: string }) {
  const leak = useQuery(queries.leak(id));
  const { data } = leak;
  if (data === undefined || data === null) {
    return (
      <Sheet open onClose={onClose} title={words.rotate}>
        {leak.error ? (
          <Trouble error={leak.error} />
        ) : data === null ? (
          words.one.missing
        ) : (
          <Bones lines={3} />
        )}
      </Sheet>
    );
  }
  if (data.kind === 'credential') return <RotateCredential leak={data} onClose={onClose} />;
  return <RotateKey leak={data} act={act} onClose={onClose} />;
}

function RotateCredential({ leak, onClose }: { leak: Leak; onClose: () => void }) {
  const due = useQuery(queries.rotationsDue());
  const row = due.data?.items.find(({ connection }) => connection.id === leak.of?.connection);
  if (row !== undefined && row.rotation === null) return <StartSheet row={row} onClose={onClose} />;
  return (
    <Sheet open onClose={onClose} title={words.rotate}>
      {due.error ? <Trouble error={due.error} onRetry={() => void due.refetch()} /> : null}
      {due.data === undefined && !due.error ? <Bones lines={3} /> : null}
      {due.data === undefined ? null : (
        <div className="flex flex-col items-start gap-3">
          <Note>{row === undefined ? words.one.lead.credential.closed : words.one.underWay}</Note>
          <ButtonLink to="/rotation">{words.one.rotation}</ButtonLink>
        </div>
      )}
    </Sheet>
  );
}

/** First its successor, so that who uses it can go on; where there is one, its end. */
function RotateKey({ leak, act, onClose }: { leak: Leak; act: string | undefined; onClose: () => void }) {
  const keys = useQuery(queries.keys());
  const key = keys.data?.find(({ id }) => id === leak.of?.id);
  const navigate = useNavigate();
  if (key === undefined || key.revokedAt !== null) {
    return (
      <Sheet open onClose={onClose} title={words.rotate}>
        {keys.error ? <Trouble error={keys.error} onRetry={() => void keys.refetch()} /> : null}
        {keys.data === undefined && !keys.error ? <Bones lines={3} /> : null}
        {keys.data === undefined ? null : <Note>{words.one.lead.virtual_key.closed}</Note>}
      </Sheet>
    );
  }
  const chosen = act ?? (key.replacedBy === null ? 'roll' : 'revoke');
  return (
    <KeyAct
      act={chosen}
      virtualKey={key}
      onClose={() => {
        onClose();
        // A successor alone does not help: who has the leaked one can use it until it is revoked.
        if (chosen === 'roll') void navigate({ to: '/leaks/$leak', params: { leak: leak.id } });
      }}
    />
  );
}
