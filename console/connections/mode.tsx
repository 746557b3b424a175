import { type ConnectionMode, connectionModes } from '@drawbridge/protocol/vocabulary';
import type { FormEvent } from 'react';
import { ApiError } from '../api/client.ts';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { isLostRace, useConnectionChange } from './change.ts';
import { Difference } from './difference.tsx';

const words = m.modes;
const nameOf = (mode: string): string => words.names[mode] ?? mode;

/** How far contract and policies hold; what another choice would change is shown before it is made. */
export function Mode({ connection }: { connection: Connection }) {
  const change = useConnectionChange(connection);
  const [draft, edit, forget] = useDraft(`mode.${connection.id}`, { to: connection.mode, reason: '' });
  const isOther = draft.to !== connection.mode;

  function choose(to: string): void {
    change.reset();
    const mode = connectionModes.find((one) => one === to);
    if (mode !== undefined) edit({ to: mode });
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    change.mutate(
      { patch: { mode: draft.to }, reason: draft.reason.trim(), basedOn: connection.etag },
      { onSuccess: forget },
    );
  }

  const wrongReason = change.error instanceof ApiError ? change.error.field('reason') : undefined;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <div className="max-w-[760px]">
        <ChoiceField
          label={words.choose}
          name={`mode-${connection.id}`}
          value={draft.to}
          choices={connectionModes.map((mode) => ({
            value: mode,
            label: nameOf(mode),
            hint: words.hints[mode],
          }))}
          onChoose={choose}
        />
      </div>
      {isOther ? (
        <Chosen connection={connection} to={draft.to}>
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrongReason} />
          {isLostRace(change.error) ? <Note urgent>{m.connection.meanwhile}</Note> : null}
          {change.error && !isLostRace(change.error) ? <Trouble error={change.error} /> : null}
          <div className="flex gap-2">
            <Button type="submit" weight="main" disabled={change.isPending}>
              {words.put(nameOf(draft.to))}
            </Button>
            <Button onClick={forget}>{m.common.cancel}</Button>
          </div>
        </Chosen>
      ) : connection.mode === 'enforce' ? null : (
        <div className="flex flex-col gap-2">
          <h3 className="font-strong">{words.reportTitle}</h3>
          <Difference connection={connection} to="enforce" />
        </div>
      )}
      {change.isSuccess && !isOther ? <Note>{words.saved}</Note> : null}
    </form>
  );
}

function Chosen({
  connection,
  to,
  children,
}: {
  connection: Connection;
  to: ConnectionMode;
  children: React.ReactNode;
}) {
  const title = words.differenceTitle(nameOf(to));
  return (
    <>
      <div className="flex flex-col gap-2">
        <h3 className="font-strong">{title}</h3>
        <Difference connection={connection} to={to} />
      </div>
      {children}
    </>
  );
}
