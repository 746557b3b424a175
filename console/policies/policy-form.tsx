import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Example, PolicyDetail } from '../api/policy-types.ts';
import { Button } from '../design/button.tsx';
import { ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { DryRun } from './dry-run.tsx';
import { PolicyEditor } from './editor.tsx';
import { Examples } from './examples.tsx';
import { useCheck } from './use-check.ts';

const words = m.policies.one;

interface Draft {
  text: string;
  examples: readonly Example[];
  reason: string;
}

/**
 * A policy as it is written: text with live errors, examples that are run as one types, a try on real crossings, and
 * saving. `basedOn`: the version that is changed; null: it is a new policy.
 */
export function PolicyForm({
  name,
  basedOn,
  draft,
  onChange,
  onSaved,
  above,
}: {
  name: string;
  basedOn: number | null;
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
  onSaved: (saved: PolicyDetail) => void;
  /** Fields that stand above the text. */
  above?: ReactNode;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const mayChange = useMay('policy.change');
  const { checked, error, checking } = useCheck(name, draft.text, draft.examples);
  const save = useMutation({
    mutationFn: (activate: boolean) => {
      const content = { text: draft.text, examples: draft.examples, activate };
      const call = { reason: draft.reason.trim(), idempotencyKey: attempt.key() };
      return basedOn === null
        ? write<PolicyDetail>('POST', '/policies', { ...call, body: { ...content, name } })
        : write<PolicyDetail>('PUT', `/policies/${encodeURIComponent(name)}`, {
            ...call,
            body: { ...content, basedOn },
          });
    },
    onSettled: (_, problem) => attempt.answered(problem ?? undefined),
    onSuccess: async (saved) => {
      onSaved(saved);
      await client.invalidateQueries();
    },
  });
  const isReady = !checking && checked !== undefined && checked.problems.length === 0;
  const laidOut =
    isReady && checked.formatted !== null && checked.formatted !== draft.text ? checked.formatted : null;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(true);
  }

  return (
    // Only what saves is a form: examples are entered by one of their own.
    <div className="flex flex-col gap-8">
      {above}
      <div className="flex flex-col gap-3">
        <PolicyEditor
          text={draft.text}
          onChange={(text) => onChange({ text })}
          problems={checked?.problems ?? []}
          checking={checking}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="flex flex-wrap items-center gap-4">
          <Button
            slim
            disabled={laidOut === null}
            onClick={() => laidOut !== null && onChange({ text: laidOut })}
          >
            {words.layOut}
          </Button>
          <p className="text-small text-soft">{words.schema}</p>
        </div>
      </div>
      <Examples
        policy={name}
        examples={draft.examples}
        checked={checked}
        onChange={(examples) => onChange({ examples })}
      />
      <DryRun name={name} text={draft.text} ready={isReady} />
      {mayChange ? (
        <Section title={m.common.save}>
          <form onSubmit={onSubmit} className="flex flex-col gap-3">
            <ReasonField value={draft.reason} onChange={(reason) => onChange({ reason })} />
            {save.error ? <Trouble error={save.error} /> : null}
            <div className="flex flex-wrap gap-2">
              <Button type="submit" weight="main" disabled={!isReady || save.isPending}>
                {words.saveActive}
              </Button>
              <Button
                disabled={!isReady || save.isPending || draft.reason.trim().length < 3}
                onClick={() => save.mutate(false)}
              >
                {words.save}
              </Button>
            </div>
          </form>
        </Section>
      ) : null}
    </div>
  );
}
