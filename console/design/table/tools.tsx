import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { m } from '../../messages/en.ts';
import { Button } from '../button.tsx';
import { count } from '../format.ts';
import type { Column } from './columns.ts';
import { csvOf, saveCsv } from './csv.ts';

interface ToolsProps<Row> {
  columns: readonly Column<Row>[];
  shown: readonly Column<Row>[];
  hidden: ReadonlySet<string>;
  onHide: (hide: string | undefined) => void;
  csvName: string;
  rows: readonly Row[];
  /** How many rows there are, in words. */
  status: string;
  children?: ReactNode;
}

/** Above a table: its filters; below them how many rows there are, columns and CSV. */
export function TableTools<Row>(props: ToolsProps<Row>) {
  function toggle(id: string): void {
    const next = new Set(props.hidden);
    if (!next.delete(id)) next.add(id);
    props.onHide(next.size === 0 ? undefined : [...next].join(','));
  }

  return (
    <div className="flex flex-col gap-2">
      {props.children ? (
        <div className="flex min-w-0 items-end gap-2 max-sm:-mx-4 max-sm:overflow-x-auto max-sm:px-4 max-sm:pb-1 sm:flex-wrap">
          {props.children}
        </div>
      ) : null}
      <div className="flex items-center gap-1 text-small">
        <p className="mr-auto text-soft" role="status">
          {props.status}
        </p>
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger asChild>
            <Button weight="quiet" slim aria-label={m.table.columnsOf(props.csvName)}>
              {m.table.columns}
            </Button>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              align="end"
              sideOffset={4}
              className="z-20 rounded-md border border-line-strong bg-panel py-1 shadow-lg"
            >
              {props.columns
                .filter((column) => !column.fixed)
                .map((column) => (
                  <DropdownMenu.CheckboxItem
                    key={column.id}
                    checked={!props.hidden.has(column.id)}
                    onCheckedChange={() => toggle(column.id)}
                    onSelect={(event) => event.preventDefault()}
                    className="flex items-center gap-2 px-3 py-1 outline-none data-highlighted:bg-act-wash"
                  >
                    <span aria-hidden="true" className="w-3">
                      {props.hidden.has(column.id) ? '' : '✓'}
                    </span>
                    {column.head}
                  </DropdownMenu.CheckboxItem>
                ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
        <Button
          weight="quiet"
          slim
          disabled={props.rows.length === 0}
          onClick={() => saveCsv(props.csvName, csvOf(props.shown, props.rows))}
        >
          {m.table.csv(count(props.rows.length))}
        </Button>
      </div>
    </div>
  );
}
