import { type ReactNode, useEffect, useId, useRef } from 'react';
import { m } from '../messages/en.ts';
import { Button } from './button.tsx';

/**
 * A modal sheet on the browser's own `dialog`: it traps and restores focus, closes by Escape, and needs no
 * style element, which the console's content policy would refuse.
 */
export function Sheet({
  open,
  onClose,
  title,
  children,
  bare,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Without heading and close button: the content brings its own. */
  bare?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const element = dialog.current;
    if (element === null || !open) return;
    element.showModal();
    return () => element.close();
  }, [open]);

  if (!open) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is for pointers, on the backdrop
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby={bare ? undefined : heading}
      aria-label={bare ? title : undefined}
      onClose={() => {
        // The event comes late: by then the sheet may have been opened again.
        if (!dialog.current?.open) onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {bare ? (
        children
      ) : (
        <div className="flex flex-col gap-4 p-6">
          <div className="flex items-start justify-between gap-4">
            <h2 id={heading} className="text-head font-strong">
              {title}
            </h2>
            <Button weight="quiet" slim onClick={onClose}>
              {m.common.close}
            </Button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
