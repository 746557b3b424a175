import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { BreakGlass } from '../api/mode-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { ago } from '../design/format.ts';
import { useNow } from '../design/now.ts';
import { Sheet } from '../design/sheet.tsx';
import { Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from './draft.ts';

const words = m.modes.glass;

/** Whether it is asked for or in force at a time: it ends by the clock, whatever was last read. */
export function isOpen({ state, until }: BreakGlass, now: number): boolean {
  return (state === 'asked' || state === 'in_force') && now < Date.parse(until);
}

/** Above every page while contract and policies are lifted somewhere: who did it, why, until when, and how to end it. */
export function BreakGlassBanner() {
  const now = useNow();
  const all = useQuery(queries.breakGlass());
  const open = (all.data?.items ?? []).filter((one) => isOpen(one, now));
  if (open.length === 0) return null;
  return (
    <section aria-label={words.banner} className="border-b border-alert bg-alert-wash">
      <ul className="flex flex-col">
        {open.map((one) => (
          <One key={one.id} one={one} now={now} />
        ))}
      </ul>
    </section>
  );
}

function One({ one, now }: { one: BreakGlass; now: number }) {
  const [act, setAct] = useState<'end' | 'approve' | null>(null);
  const isAsked = one.state === 'asked';
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-2 sm:px-8">
      <div>
        <p>
          <strong className="font-strong">
            {isAsked ? words.asked : words.inForce}{' '}
            <TextLink to="/connections/$connection" params={{ connection: one.connection.id }}>
              {one.connection.name}
            </TextLink>
            .
          </strong>{' '}
          {words.ends(ago(Date.parse(one.until), now))} <Exact at={one.until} />.
        </p>
        <p>
          {words.by(one.askedBy, one.approvedBy)}: {one.reason}
          {one.byOnePerson ? <span className="text-small text-soft"> ({words.alone})</span> : null}
        </p>
      </div>
      <div className="flex gap-2">
        {isAsked ? (
          <Button slim onClick={() => setAct('approve')}>
            {words.approve}
          </Button>
        ) : null}
        <Button slim onClick={() => setAct('end')}>
          {words.end}
        </Button>
      </div>
      {act === null ? null : <Act one={one} act={act} onClose={() => setAct(null)} />}
    </li>
  );
}

function Act({ one, act, onClose }: { one: BreakGlass; act: 'end' | 'approve'; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`${act}.${one.id}`, { reason: '' });
  const change = useMutation({
    mutationFn: () =>
      write<BreakGlass>('POST', `/break-glass/${encodeURIComponent(one.id)}/${act}`, {
        body: {},
        reason: draft.reason.trim(),
      }),
    onSuccess: () => {
      forget();
      onClose();
      return client.invalidateQueries();
    },
  });
  const title = act === 'end' ? words.endTitle(one.connection.name) : words.approveTitle(one.connection.name);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    change.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{act === 'end' ? words.endLead : words.beginLead(one.connection.name)}</p>
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={change.error} disabled={change.isPending} onCancel={onClose}>
          {title}
        </FormActs>
      </form>
    </Sheet>
  );
}
