import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Workload } from '../api/trust-types.ts';
import type { App } from '../api/types.ts';
import { ConnectionChoice } from '../apps/connection-choice.tsx';
import { ChoiceField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { githubIssuer, type WorkloadKind } from './snippet.ts';

const words = m.workloads.form;
const kinds = ['github', 'kubernetes', 'other'] as const;

/** A key set as it was pasted; undefined for none. Throws SyntaxError. */
function keySetOf(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text);
}

/** Asks whose tokens are meant and what they are good for. */
export function NewWorkload({
  app,
  onClose,
  onMade,
}: {
  app: App;
  onClose: () => void;
  onMade: (made: Workload) => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const mayPrivate = useMay('workload.change');
  const [lacks, setLacks] = useState({ connections: false, jwks: false });
  const [draft, change, forget] = useDraft(`workload.${app.id}`, {
    kind: 'github' as WorkloadKind,
    name: '',
    issuer: '',
    subject: '',
    audience: location.origin,
    connections: [] as string[],
    minutes: '15',
    jwks: '',
    private: false,
    reason: '',
  });
  const isGithub = draft.kind === 'github';
  const make = useMutation({
    mutationFn: (jwks: unknown) =>
      write<Workload>('POST', `/apps/${encodeURIComponent(app.id)}/workloads`, {
        body: {
          name: draft.name.trim(),
          issuer: isGithub ? githubIssuer : draft.issuer.trim(),
          subject: draft.subject.trim(),
          audience: draft.audience.trim(),
          connections: draft.connections,
          minutes: Number(draft.minutes),
          ...(isGithub || jwks === undefined ? {} : { jwks }),
          ...(isGithub || !draft.private ? {} : { private: true }),
        },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: attempt.answered,
    onSuccess: async (made) => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
      onMade(made);
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const connections = draft.connections.length === 0;
    try {
      const jwks = keySetOf(draft.jwks);
      setLacks({ connections, jwks: false });
      if (!connections) make.mutate(jwks);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      setLacks({ connections, jwks: true });
    }
  }

  const wrong = (field: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(field) : undefined;

  return (
    <Sheet open onClose={onClose} title={words.title(app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ChoiceField
          label={words.where}
          name="kind"
          value={draft.kind}
          choices={kinds.map((value) => ({
            value,
            label: words.kinds[value],
            hint: words.kindHints[value],
          }))}
          onChoose={(kind) => change({ kind: kinds.find((one) => one === kind) ?? 'other' })}
        />
        <TextField
          label={words.name}
          hint={words.nameHint}
          required
          maxLength={100}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={wrong('name')}
        />
        {isGithub ? null : (
          <TextField
            label={words.issuer}
            hint={words.issuerHint}
            required
            maxLength={300}
            value={draft.issuer}
            onChange={(event) => change({ issuer: event.target.value })}
            error={wrong('issuer')}
          />
        )}
        <TextField
          label={words.subject}
          hint={words.subjectHints[draft.kind]}
          required
          maxLength={300}
          spellCheck={false}
          value={draft.subject}
          onChange={(event) => change({ subject: event.target.value })}
          error={wrong('subject')}
        />
        <TextField
          label={words.audience}
          hint={words.audienceHint}
          required
          maxLength={300}
          value={draft.audience}
          onChange={(event) => change({ audience: event.target.value })}
          error={wrong('audience')}
        />
        <ConnectionChoice
          chosen={draft.connections}
          onChoose={(connections) => change({ connections })}
          error={wrong('connections') ?? (lacks.connections ? m.apps.mayUseMissing : undefined)}
        />
        <TextField
          label={words.minutes}
          hint={words.minutesHint}
          type="number"
          min={1}
          max={60}
          required
          value={draft.minutes}
          onChange={(event) => change({ minutes: event.target.value })}
          error={wrong('minutes')}
        />
        {isGithub ? null : (
          <TextArea
            label={words.jwks}
            hint={words.jwksHint[draft.kind]}
            rows={3}
            spellCheck={false}
            value={draft.jwks}
            onChange={(event) => change({ jwks: event.target.value })}
            error={wrong('jwks') ?? (lacks.jwks ? words.jwksWrong : undefined)}
          />
        )}
        {isGithub || !mayPrivate ? null : (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={draft.private}
              onChange={(event) => change({ private: event.target.checked })}
            />
            {words.private}
          </label>
        )}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={make.error} disabled={make.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
