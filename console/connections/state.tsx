import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { changeError, useConnectionChange } from './change.ts';

const words = m.connection;

/** Severing and opening again: says what will happen and to how many, and asks why. */
export function State({ connection }: { connection: Connection }) {
  const severed = connection.state === 'severed';
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const change = useConnectionChange(connection);
  const keys = useQuery(queries.keys());
  const touched = (keys.data ?? []).filter(
    (key) => key.revokedAt === null && key.connections.includes(connection.id),
  );
  const apps = new Set(touched.map((key) => key.app.id)).size;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    change.mutate(
      { patch: { state: severed ? 'open' : 'severed' }, reason: reason.trim() },
      {
        onSuccess: () => {
          setOpen(false);
          setReason('');
        },
      },
    );
  }

  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[72ch] text-soft">{severed ? words.reopenLead : words.severLead}</p>
      <Button weight={severed ? 'plain' : 'danger'} onClick={() => setOpen(true)}>
        {severed ? words.reopen : words.sever}
      </Button>
      <Sheet
        open={open}
        onClose={() => setOpen(false)}
        title={severed ? words.reopenTitle(connection.name) : words.severTitle(connection.name)}
      >
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <p>{severed ? words.reopenLead : words.severLead}</p>
          {severed ? null : <p className="font-strong">{words.severKeys(touched.length, apps)}</p>}
          <TextField
            label={m.common.reason}
            hint={m.common.reasonHint}
            required
            minLength={3}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          {change.error ? <Trouble error={changeError(change.error)} /> : null}
          <div className="flex gap-2">
            <Button type="submit" weight={severed ? 'main' : 'danger'} disabled={change.isPending}>
              {severed ? words.reopenTitle(connection.name) : words.severTitle(connection.name)}
            </Button>
            <Button onClick={() => setOpen(false)}>{m.common.cancel}</Button>
          </div>
        </form>
      </Sheet>
    </div>
  );
}
