import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { write } from '../api/client.ts';
import type { RecoveryDrill } from '../api/route-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { routes } from '../messages/pages/routes.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = routes.drills;

/** Whole seconds until then; the page moves with them. */
function useSecondsLeft(until: string): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));
  const [seconds, set] = useState(left);
  useEffect(() => {
    const timer = setInterval(
      () => set(Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000))),
      1000,
    );
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}

/** A drill that runs, how long it still does, and the button that ends it. */
export function Running({ drill }: { drill: RecoveryDrill }) {
  const seconds = useSecondsLeft(drill.until ?? drill.startsAt);
  return (
    <Note urgent>
      <div className="flex flex-wrap items-center gap-4">
        <p role="timer" className="mr-auto font-strong tabular-nums">
          <TextLink to="/recovery-drills/$drill" params={{ drill: drill.id }}>
            {words.running(drill.vendor.name, words.left(seconds))}
          </TextLink>
        </p>
        <StopDrill drill={drill} />
      </div>
    </Note>
  );
}

export function StopDrill({ drill }: { drill: RecoveryDrill }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const label = drill.state === 'planned' ? words.cancel : words.stop;
  const stop = useMutation({
    mutationFn: () =>
      write<RecoveryDrill>('POST', `/recovery-drills/${drill.id}/stop`, { body: {}, reason: reason.trim() }),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    stop.mutate();
  }

  return (
    <Permitted action="recovery.stop">
      <Button weight="main" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Sheet open={open} onClose={() => setOpen(false)} title={words.stopTitle(drill.vendor.name)}>
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <ReasonField value={reason} onChange={setReason} />
          <FormActs error={stop.error} disabled={stop.isPending} onCancel={() => setOpen(false)}>
            {label}
          </FormActs>
        </form>
      </Sheet>
    </Permitted>
  );
}
