import { Popover } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

/** What stands behind a mark, open when it comes: its library is loaded when the first mark is asked. */
export function MarkPopover({
  trigger,
  label,
  children,
}: {
  trigger: ReactElement;
  label: string | undefined;
  children: ReactNode;
}) {
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          align="start"
          sideOffset={6}
          collisionPadding={16}
          className="z-20 max-w-[360px] rounded-md border border-line-strong bg-panel p-4 text-base shadow-lg"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
