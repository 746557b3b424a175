import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { m } from '../messages/en.ts';

/** The mark of what somebody stated. It opens whose word it is, and of when. */
export function Declared({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`${m.provenance.declared}: ${label}`}
        className="inline-flex items-center gap-1 rounded-sm text-soft underline decoration-dotted decoration-line-strong underline-offset-4 hover:decoration-current"
      >
        <span aria-hidden="true">○</span> {m.provenance.declared}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={`${m.provenance.declared}: ${label}`}
          align="start"
          sideOffset={6}
          collisionPadding={16}
          className="z-20 max-w-[360px] rounded-md border border-line-strong bg-panel p-4 text-base shadow-lg"
        >
          <p className="font-strong">{m.provenance.declaredTitle}</p>
          <p className="mt-1 text-soft">{m.provenance.declaredMeans}</p>
          <div className="mt-3 flex flex-col gap-1 break-words">{children}</div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The mark of where a statement comes from. It opens its evidence. */
export function Observed({ children }: { children: ReactNode }) {
  return (
    <Popover.Root>
      <Popover.Trigger className="inline-flex items-center gap-1 rounded-sm underline decoration-dotted decoration-line-strong underline-offset-4 hover:decoration-current">
        <span aria-hidden="true">●</span> {m.provenance.observed}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={16}
          className="z-20 max-w-[360px] rounded-md border border-line-strong bg-panel p-4 text-base shadow-lg"
        >
          <p className="font-strong">{m.provenance.observedTitle}</p>
          <p className="mt-1 text-soft">{m.provenance.observedMeans}</p>
          <div className="mt-3">{children}</div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
