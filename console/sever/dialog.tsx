import { lazy, Suspense, useState } from 'react';
import type { SeverKind } from '../api/sever-types.ts';
import { Button } from '../design/button.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { Permitted } from '../shell/permitted.tsx';

const SeverSheet = lazy(() => import('./sheet.tsx').then((one) => ({ default: one.SeverSheet })));

/** What may be cut off from where somebody stands. `classes`: kinds of data that can be cut off alone. */
export interface Severable {
  kind: SeverKind;
  id: string;
  name: string;
  fieldClass?: string;
  classes?: readonly string[];
}

/** The button that cuts something off, and what it asks first. With the incident of a drill it only rehearses. */
export function SeverDialog({
  target,
  incident,
  open: given,
  onShow,
}: {
  target: Severable;
  incident?: { id: string; drill: boolean } | null;
  /** Both, where the page's address says whether it is open. */
  open?: boolean;
  onShow?: (isOpen: boolean) => void;
}) {
  const [own, setOwn] = useState(false);
  const open = given ?? own;
  const setOpen = onShow ?? setOwn;
  return (
    <Permitted action="severance.run">
      <Button weight="danger" aria-label={words.actOn(target.name)} onClick={() => setOpen(true)}>
        {words.act}
      </Button>
      {open ? (
        <Suspense>
          <SeverSheet target={target} incident={incident ?? null} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </Permitted>
  );
}
