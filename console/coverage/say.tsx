import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { write } from '../api/client.ts';
import { SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { coverage as words } from '../messages/pages/coverage.ts';
import { useDraft } from '../shell/draft.ts';

/** A sheet that asks for a reason and, where there are choices, for one of them. */
export function SaySheet({
  draftName,
  title,
  first,
  choices,
  label,
  act,
  send,
  children,
  onClose,
}: {
  draftName: string;
  title: string;
  first: string;
  choices: readonly (readonly [value: string, text: string])[];
  label: string;
  act: string;
  send: (choice: string, reason: string) => Promise<unknown>;
  children?: ReactNode;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(draftName, { choice: first, reason: '' });
  const say = useMutation({
    mutationFn: () => send(draft.choice, draft.reason.trim()),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    say.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children}
        {choices.length === 0 ? null : (
          <SelectField
            label={label}
            value={draft.choice}
            onChange={(event) => edit({ choice: event.target.value })}
          >
            {choices.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </SelectField>
        )}
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={say.error} disabled={say.isPending} onCancel={onClose}>
          {act}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** Whose credential a key in the vendor's reports is. */
export function LinkKeySheet({
  vendor,
  keyId,
  linked,
  connections,
  onClose,
}: {
  vendor: string;
  keyId: string;
  linked: string | null;
  connections: readonly { id: string; name: string }[];
  onClose: () => void;
}) {
  const choices = [['', words.keys.none] as const, ...connections.map(({ id, name }) => [id, name] as const)];
  return (
    <SaySheet
      draftName={`coverage.key.${vendor}.${keyId}`}
      title={words.keys.linkTitle}
      first={linked ?? ''}
      choices={choices}
      label={words.keys.connection}
      act={words.keys.linkDo}
      send={(choice, reason) =>
        write('POST', `/coverage/${encodeURIComponent(vendor)}/keys`, {
          reason,
          body: { key: keyId, connection: choice === '' ? null : choice },
        })
      }
      onClose={onClose}
    >
      <p className="font-mono text-small break-all">{keyId}</p>
    </SaySheet>
  );
}

/** Whether what the gateway sends is in a source of evidence. */
export function SaySourceSheet({
  source,
  sees,
  onClose,
}: {
  source: string;
  sees: boolean | null;
  onClose: () => void;
}) {
  const { sources } = words;
  return (
    <SaySheet
      draftName={`coverage.source.${source}`}
      title={sources.sayTitle}
      first={sees === null ? '' : String(sees)}
      choices={[
        ['', sources.seesUnknown],
        ['true', sources.sees],
        ['false', sources.seesNot],
      ]}
      label={sources.sayLabel(source)}
      act={sources.sayDo}
      send={(choice, reason) =>
        write('POST', '/coverage-sources', {
          reason,
          body: { source, seesGateway: choice === '' ? null : choice === 'true' },
        })
      }
      onClose={onClose}
    >
      <p className="text-soft">{sources.sayLead}</p>
    </SaySheet>
  );
}

/** Takes a report back. */
export function WithdrawSheet({ report, onClose }: { report: string; onClose: () => void }) {
  const { reports } = words;
  return (
    <SaySheet
      draftName={`coverage.withdraw.${report}`}
      title={reports.withdrawTitle}
      first=""
      choices={[]}
      label=""
      act={reports.withdrawDo}
      send={(_, reason) => write('POST', `/coverage-reports/${report}/withdraw`, { reason })}
      onClose={onClose}
    >
      <p className="text-soft">{reports.withdrawLead}</p>
    </SaySheet>
  );
}
