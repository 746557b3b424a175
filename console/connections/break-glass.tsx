import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { BreakGlass as BreakGlassView } from '../api/mode-types.ts';
import { queries } from '../api/queries.ts';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { useNow } from '../design/now.ts';
import { Sheet } from '../design/sheet.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { isOpen } from '../shell/break-glass.tsx';
import { useDraft } from '../shell/draft.ts';

const words = m.modes.glass;
const ACT = 'break-glass';

/** Lifts contract and policies of a connection for a time: says what that means, asks why and for how long. */
export function BreakGlass({ connection }: { connection: Connection }) {
  const search = useSearch({ from: '/signed-in/connections/$connection' });
  const navigate = useNavigate({ from: '/connections/$connection' });
  const client = useQueryClient();
  const now = useNow();
  const all = useQuery(queries.breakGlassOf(connection.id)).data?.items ?? [];
  const [draft, edit, forget] = useDraft(`${ACT}.${connection.id}`, { reason: '', minutes: '60' });
  const isThere = all.some((one) => isOpen(one, now));
  const begin = useMutation({
    mutationFn: () =>
      write<BreakGlassView>('POST', `/connections/${encodeURIComponent(connection.id)}/break-glass`, {
        body: { minutes: Number(draft.minutes) },
        reason: draft.reason.trim(),
      }),
    onSuccess: () => client.invalidateQueries(),
  });

  function show(act: typeof ACT | undefined): void {
    begin.reset();
    void navigate({ search: (previous) => ({ ...previous, act }), replace: true, resetScroll: false });
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    begin.mutate(undefined, {
      onSuccess: () => {
        forget();
        show(undefined);
      },
    });
  }

  const severed = connection.state === 'severed';
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-[72ch] text-soft">{severed ? words.severed : isThere ? words.there : words.lead}</p>
      <Button weight="danger" disabled={severed || isThere} onClick={() => show(ACT)}>
        {words.begin}
      </Button>
      <Past all={all} now={now} />
      <Sheet
        open={search.act === ACT && !severed && !isThere}
        onClose={() => show(undefined)}
        title={words.beginTitle(connection.name)}
      >
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <p>{words.beginLead(connection.name)}</p>
          <SelectField
            label={words.minutes}
            value={draft.minutes}
            onChange={(event) => edit({ minutes: event.target.value })}
          >
            {words.lengths.map(([minutes, name]) => (
              <option key={minutes} value={minutes}>
                {name}
              </option>
            ))}
          </SelectField>
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
          <FormActs
            error={begin.error}
            weight="danger"
            disabled={begin.isPending}
            onCancel={() => show(undefined)}
          >
            {words.beginTitle(connection.name)}
          </FormActs>
        </form>
      </Sheet>
    </div>
  );
}

/** Those that are over: who did it, why, and how it ended. */
function Past({ all, now }: { all: readonly BreakGlassView[]; now: number }) {
  const over = all.filter((one) => !isOpen(one, now));
  if (over.length === 0) return null;
  return (
    <ul aria-label={words.past} className="w-full max-w-[84ch] border-t border-line">
      {over.map((one) => (
        <li key={one.id} className="border-b border-line py-2">
          <p>
            <Ago at={one.askedAt} />: {words.by(one.askedBy, one.approvedBy)}: {one.reason}
            {one.byOnePerson ? <span className="text-small text-soft"> ({words.alone})</span> : null}
          </p>
          <p className="text-small text-soft">
            {one.inForceAt === null ? `${words.neverInForce} ` : ''}
            {one.endedBy === null ? words.expired : words.endedBy(one.endedBy, one.endReason ?? '')}{' '}
            <Exact at={one.endedAt ?? one.until} />
          </p>
        </li>
      ))}
    </ul>
  );
}
