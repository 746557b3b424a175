import { lazy, type ReactNode, Suspense, useState } from 'react';
import { m } from '../../messages/en.ts';
import { Button } from '../button.tsx';
import { count } from '../format.ts';
import type { Column } from './columns.ts';
import { csvOf, saveCsv } from './csv.ts';

const ColumnMenu = lazy(() => import('./column-menu.tsx').then((module) => ({ default: module.ColumnMenu })));

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
  const [asked, ask] = useState(false);
  const button = {
    weight: 'quiet',
    slim: true,
    'aria-label': m.table.columnsOf(props.csvName),
    children: m.table.columns,
  } as const;

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
        {asked ? (
          <Suspense fallback={<Button {...button} />}>
            <ColumnMenu
              columns={props.columns.filter((column) => !column.fixed)}
              hidden={props.hidden}
              onToggle={toggle}
            >
              <Button {...button} />
            </ColumnMenu>
          </Suspense>
        ) : (
          <Button {...button} aria-haspopup="menu" onClick={() => ask(true)} />
        )}
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
