import { DropdownMenu } from 'radix-ui';
import type { ReactElement } from 'react';

/** Which columns are shown, as a menu that is open when it comes: its library is loaded when it is first asked for. */
export function ColumnMenu({
  columns,
  hidden,
  onToggle,
  children,
}: {
  columns: readonly { id: string; head: string }[];
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
  /** The button that opens it. */
  children: ReactElement;
}) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-20 rounded-md border border-line-strong bg-panel py-1 shadow-lg"
        >
          {columns.map((column) => (
            <DropdownMenu.CheckboxItem
              key={column.id}
              checked={!hidden.has(column.id)}
              onCheckedChange={() => onToggle(column.id)}
              onSelect={(event) => event.preventDefault()}
              className="flex items-center gap-2 px-3 py-1 outline-none data-highlighted:bg-act-wash"
            >
              <span aria-hidden="true" className="w-3">
                {hidden.has(column.id) ? '' : '✓'}
              </span>
              {column.head}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
