import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { DeploymentSettings } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = m.approvals;

/** Whether two people decide where credentials go, and how to change it. */
export function SecondPerson({
  settings,
  onTurn,
}: {
  settings: UseQueryResult<DeploymentSettings>;
  onTurn: () => void;
}) {
  const on = settings.data?.secondPerson;
  return (
    <Section title={words.setting.title}>
      {settings.error ? <Trouble error={settings.error} onRetry={() => void settings.refetch()} /> : null}
      {on === undefined && !settings.error ? <Bones lines={2} /> : null}
      {on === undefined ? null : (
        <>
          <p className="max-w-[72ch]">{on ? words.setting.on : words.setting.off}</p>
          <Permitted action="setting.change">
            <div>
              <Button slim onClick={onTurn}>
                {on ? words.setting.turnOff : words.setting.turnOn}
              </Button>
            </div>
          </Permitted>
        </>
      )}
    </Section>
  );
}

/** Nothing ever waited, as nothing has to. */
export function SecondPersonEmpty({ onTurn }: { onTurn: () => void }) {
  return (
    <Empty
      title={words.empty}
      example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
      act={
        <Permitted action="setting.change" told>
          <Button weight="main" onClick={onTurn}>
            {words.setting.turnOn}
          </Button>
        </Permitted>
      }
    >
      {words.emptyText}
    </Empty>
  );
}

/** Says what turning it on or off does, and does it; turning it off waits for a second person. */
export function SettingSheet({ on, onClose }: { on: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft('second-person', { reason: '' });
  const turn = useMutation({
    mutationFn: () =>
      write<DeploymentSettings>('PATCH', '/settings', {
        body: { secondPerson: !on },
        reason: draft.reason.trim(),
      }),
    onError: () => client.invalidateQueries(),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    turn.mutate();
  }

  const { setting } = words;
  return (
    <Sheet open onClose={onClose} title={on ? setting.offTitle : setting.onTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{on ? setting.offLead : setting.onLead}</p>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={turn.error}
          weight={on ? 'danger' : 'main'}
          disabled={turn.isPending}
          onCancel={onClose}
        >
          {on ? setting.turnOff : setting.turnOn}
        </FormActs>
      </form>
    </Sheet>
  );
}
