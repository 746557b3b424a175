import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { PolicyDetail, Starter } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import type { Act } from './act.ts';

const words = m.policies;

/** Policies that are shipped and that nobody took over yet. */
export function Starters({ act }: { act: Act }) {
  const starters = useQuery(queries.starters());
  const left = starters.data?.items.filter(({ taken }) => !taken) ?? [];
  if (starters.error) return <Trouble error={starters.error} />;
  if (left.length === 0) return null;
  const chosen = left.find(({ name }) => name === act.of);
  return (
    <Section title={words.starters} lead={words.startersLead}>
      <ul className="border-t border-line">
        {left.map((starter) => (
          <li
            key={starter.name}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-2"
          >
            <span>{starter.title}</span>
            <Button
              slim
              aria-label={`${words.takeOver}: ${starter.title}`}
              onClick={() => act.set('take-over', starter.name)}
            >
              {words.takeOver}
            </Button>
          </li>
        ))}
      </ul>
      {act.act === 'take-over' && chosen !== undefined ? (
        <TakeOver starter={chosen} onClose={() => act.set(undefined, undefined)} />
      ) : null}
    </Section>
  );
}

function TakeOver({ starter, onClose }: { starter: Starter; onClose: () => void }) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [reason, setReason] = useState('');
  const { name, text, examples } = starter;
  const save = useMutation({
    mutationFn: (activate: boolean) =>
      write<PolicyDetail>('POST', '/policies', {
        body: { name, text, examples, activate },
        reason: reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onSettled: (_, problem) => attempt.answered(problem ?? undefined),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(true);
  }

  return (
    <Sheet open onClose={onClose} title={words.takeOverTitle(starter.title)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.takeOverLead}</p>
        <ScrollRegion label={words.asText}>
          <pre className="border border-line bg-sunken p-3 font-mono text-small">{text}</pre>
        </ScrollRegion>
        <ReasonField value={reason} onChange={setReason} />
        {save.error ? <Trouble error={save.error} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" weight="main" disabled={save.isPending}>
            {words.takeOverNow}
          </Button>
          <Button disabled={save.isPending || reason.trim().length < 3} onClick={() => save.mutate(false)}>
            {words.takeOverDraft}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
