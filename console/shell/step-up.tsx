import { lazy, Suspense, useEffect, useState } from 'react';
import { whenFactorNeeded } from '../api/step-up.ts';

const Dialog = lazy(() =>
  import('../factors/step-up-dialog.tsx').then((module) => ({ default: module.StepUpDialog })),
);

/** Stands ready to ask for a factor when a write needs one; the write waits for the answer, and is sent again then. */
export function StepUp() {
  const [answer, setAnswer] = useState<((confirmed: boolean) => void) | null>(null);
  useEffect(
    () =>
      whenFactorNeeded(
        () =>
          new Promise((resolve) => {
            setAnswer(() => (confirmed: boolean) => {
              setAnswer(null);
              resolve(confirmed);
            });
          }),
      ),
    [],
  );
  if (answer === null) return null;
  return (
    <Suspense fallback={null}>
      <Dialog onAnswer={answer} />
    </Suspense>
  );
}
