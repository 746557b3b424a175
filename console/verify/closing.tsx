import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField, SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { useDraft } from '../shell/draft.ts';
import { messageQueries } from './queries.ts';
import { type Closed, type Closing, closings } from './shapes.ts';

const words = desk.closing;
/** As many as one call takes. */
const AT_ONCE = 200;

interface How {
  as: Closing;
  reply: string | null;
  reason: string;
}

interface Outcome extends Closed {
  ids: readonly string[];
  as: Closing;
}

/** Closes many messages in as few calls as it takes, and takes the latest closing back. */
export function useClosing() {
  const client = useQueryClient();
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [undone, setUndone] = useState(0);
  const [error, setError] = useState<Error | null>(null);

  async function run(all: number, work: (done: (more: number) => void) => Promise<void>): Promise<boolean> {
    setError(null);
    setUndone(0);
    setProgress({ done: 0, all });
    try {
      await work((more) =>
        setProgress((before) => (before === null ? null : { all, done: before.done + more })),
      );
      return true;
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      return false;
    } finally {
      setProgress(null);
      await Promise.all(
        ['/messages', '/message-counts', '/campaigns'].map((path) =>
          client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(path) }),
        ),
      );
    }
  }

  /** True: all calls went through; what was left as it is stands in the outcome. */
  function close(messages: readonly string[], { as, reply, reason }: How): Promise<boolean> {
    const made: Outcome = { closed: 0, replied: 0, skipped: [], ids: [], as };
    return run(messages.length, async (done) => {
      for (let start = 0; start < messages.length; start += AT_ONCE) {
        const some = messages.slice(start, start + AT_ONCE);
        const answer = await write<Closed>('POST', '/messages/closing', {
          body: { messages: some, as, reply },
          reason,
          idempotencyKey: crypto.randomUUID(),
        });
        const left = new Set(answer.skipped.map(({ id }) => id));
        made.closed += answer.closed;
        made.replied += answer.replied;
        made.skipped.push(...answer.skipped);
        made.ids = [...made.ids, ...some.filter((id) => !left.has(id))];
        setOutcome({ ...made });
        done(some.length);
      }
    });
  }

  async function undo(): Promise<void> {
    if (outcome === null || outcome.ids.length === 0 || progress !== null) return;
    let open = 0;
    await run(outcome.ids.length, async (done) => {
      for (const id of outcome.ids) {
        await write('POST', `/messages/${encodeURIComponent(id)}/reopening`, {
          body: {},
          reason: words.undoReason,
          idempotencyKey: crypto.randomUUID(),
        });
        open += 1;
        done(1);
        setOutcome({ ...outcome, ids: outcome.ids.slice(open) });
      }
      setOutcome(null);
    });
    setUndone(open);
  }

  return { close, undo, progress, outcome, undone, error };
}

/** What came of the latest closing; it stays until the next. */
export function ClosingOutcome({ closing }: { closing: ReturnType<typeof useClosing> }) {
  const { progress, outcome, undone, error, undo } = closing;
  return (
    <div className="flex flex-col gap-2">
      <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {progress === null ? null : <span>{words.progress(progress.done, progress.all)}</span>}
        {outcome === null || progress !== null ? null : (
          <>
            <span>{words.done(outcome.closed, verify.closedAs[outcome.as])}</span>
            {outcome.replied > 0 ? (
              <span className="text-soft">{words.replySent(outcome.replied)}</span>
            ) : null}
            {outcome.ids.length === 0 ? null : (
              <Button slim aria-keyshortcuts="z" onClick={() => void undo()}>
                {words.undo} <kbd className="font-mono text-small">z</kbd>
              </Button>
            )}
          </>
        )}
        {undone > 0 && progress === null ? <span>{words.undone(undone)}</span> : null}
      </div>
      {outcome === null || outcome.skipped.length === 0 ? null : (
        <div>
          <p>{words.skipped(outcome.skipped.length)}</p>
          <ul className="list-disc pl-6 text-soft">
            {[...new Set(outcome.skipped.map(({ why }) => why))].map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        </div>
      )}
      {error === null ? null : <Trouble error={error} />}
    </div>
  );
}

/** As what they are closed, what who handed them in reads of it, and why. */
export function CloseSheet({
  messages,
  closing,
  onClose,
  onDone,
}: {
  messages: readonly string[];
  closing: ReturnType<typeof useClosing>;
  onClose: () => void;
  /** All were sent. */
  onDone: () => void;
}) {
  // What is closed now is what was chosen when this opened, whatever comes in meanwhile.
  const [ids] = useState(messages);
  const [draft, change, forget] = useDraft<{ as: Closing; reply: string; reason: string }>('verify.close', {
    as: 'impersonation',
    reply: '',
    reason: '',
  });
  const replies = useQuery(messageQueries.replies());
  const reply = replies.data?.items.find(({ id }) => id === draft.reply);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (closing.progress !== null) return;
    void closing
      .close(ids, { as: draft.as, reply: reply?.id ?? null, reason: draft.reason.trim() })
      .then((isDone) => {
        if (!isDone) return;
        forget();
        onDone();
      });
  };
  return (
    <Sheet open onClose={onClose} title={words.title(ids.length)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ChoiceField
          label={words.as}
          name="as"
          value={draft.as}
          columns={2}
          choices={closings.map((value) => ({ value, ...words.choices[value] }))}
          onChoose={(as) => change({ as: closings.find((one) => one === as) ?? 'unclear' })}
        />
        {replies.error ? <Trouble error={replies.error} onRetry={() => void replies.refetch()} /> : null}
        <SelectField
          label={words.reply}
          value={draft.reply}
          onChange={(event) => change({ reply: event.target.value })}
          hint={
            reply === undefined ? undefined : (
              <>
                {words.replyShown} <q className="whitespace-pre-line">{reply.text}</q>
              </>
            )
          }
        >
          <option value="">{words.replyNone}</option>
          {(replies.data?.items ?? []).map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </SelectField>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        {closing.progress === null ? null : (
          <p role="status">{words.progress(closing.progress.done, closing.progress.all)}</p>
        )}
        <FormActs error={closing.error} disabled={closing.progress !== null} onCancel={onClose}>
          {words.act(ids.length)}
        </FormActs>
      </form>
    </Sheet>
  );
}
