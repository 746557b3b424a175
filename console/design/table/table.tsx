import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ColumnDef, type RowData, useTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { m } from '../../messages/en.ts';
import { count } from '../format.ts';
import { Trouble } from '../state.tsx';
import { type Column, features, formatSort, parseHidden, parseSort } from './columns.ts';
import { useRowKeys } from './keys.ts';
import { TableTools } from './tools.tsx';

const rowHeight = 36;

interface More {
  /** There are rows that have not been read yet. */
  hasMore: boolean;
  loading: boolean;
  /** Why the latest try to read more failed; null when it did not. Nothing is read again until somebody asks. */
  error: unknown;
  load: () => void;
}

/** What a list that is read page by page gives its table. */
export function moreOf(list: {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
}): More {
  return {
    hasMore: list.hasNextPage,
    loading: list.isFetchingNextPage,
    error: list.isFetchNextPageError ? list.error : null,
    load: () => void list.fetchNextPage(),
  };
}

interface TableProps<Row> {
  /** Names the table for screen readers, and its CSV file. */
  label: string;
  csvName: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  rowId: (row: Row) => string;
  error?: unknown;
  onRetry?: () => void;
  /** Shown instead of the table when there are no rows. */
  empty: ReactNode;
  more?: More;
  /** Filters and the like, left of the table's own tools. */
  tools?: ReactNode;
}

const skeletonRows = Array.from({ length: 8 }, (_, row) => `bone-${row}`);

/**
 * The one table: sorted and with chosen columns by the address (`sort`, `hide`), sticky head, rows virtualised
 * against the window, walked by j and k, saved as CSV.
 */
export function DataTable<Row extends RowData>(props: TableProps<Row>) {
  const { columns, rows, more, label } = props;
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const body = useRef<HTMLTableSectionElement>(null);
  const [offset, setOffset] = useState(0);

  function setInAddress(patch: Record<string, string | undefined>): void {
    void navigate({
      to: '.',
      search: (previous) => ({ ...previous, ...patch }),
      replace: true,
      resetScroll: false,
    });
  }

  const sorting = useMemo(() => parseSort(search.sort, columns), [search.sort, columns]);
  const hidden = useMemo(() => parseHidden(search.hide), [search.hide]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map((column) => [column.id, !hidden.has(column.id)])),
    [columns, hidden],
  );
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.id,
          accessorFn: column.sort ?? (() => ''),
          enableSorting: column.sort !== undefined,
          sortFn: bySortKey,
        }),
      ),
    [columns],
  );
  const data = useMemo(() => [...(rows ?? [])], [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: props.rowId,
    state: { sorting, columnVisibility },
    onSortingChange: (update) => {
      const next = typeof update === 'function' ? update(sorting) : update;
      setInAddress({ sort: formatSort(next) });
    },
  });

  const shown = columns.filter((column) => !hidden.has(column.id));
  const modelRows = table.getRowModel().rows;
  const virtualizer = useWindowVirtualizer({
    count: modelRows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: offset,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const keys = useRowKeys(body, modelRows.length, (index) => virtualizer.scrollToIndex(index));

  // Where the rows begin on the page moves when anything above them does.
  useLayoutEffect(() => {
    const top = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    setOffset((previous) => (Math.abs(previous - top) > 1 ? top : previous));
  });

  const lastIndex = last?.index ?? 0;
  useEffect(() => {
    if (more?.hasMore && !more.loading && more.error === null && lastIndex >= modelRows.length - 40)
      more.load();
  }, [more, lastIndex, modelRows.length]);

  if (props.error !== undefined && props.error !== null && rows === undefined) {
    return <Trouble error={props.error} {...(props.onRetry ? { onRetry: props.onRetry } : {})} />;
  }
  if (rows !== undefined && rows.length === 0) {
    return (
      <div className="flex flex-col gap-4">
        {props.tools ? <div className="flex flex-wrap items-end gap-2">{props.tools}</div> : null}
        {props.empty}
      </div>
    );
  }

  return (
    <div className="flex flex-col gap-1">
      <TableTools
        columns={columns}
        hidden={hidden}
        onHide={(hide) => setInAddress({ hide })}
        csvName={props.csvName}
        shown={shown}
        rows={modelRows.map((row) => row.original)}
        status={
          rows === undefined
            ? m.common.loading
            : more?.hasMore
              ? m.table.someRows(count(modelRows.length))
              : m.table.allRows(modelRows.length)
        }
      >
        {props.tools}
      </TableTools>
      <table
        className="w-full table-fixed border-collapse text-left"
        aria-label={label}
        aria-rowcount={more?.hasMore ? -1 : modelRows.length + 1}
        aria-busy={rows === undefined}
      >
        <thead>
          <tr>
            {shown.map((column) => (
              <HeadCell
                key={column.id}
                column={column}
                direction={
                  sorting[0]?.id === column.id ? (sorting[0].desc ? 'descending' : 'ascending') : 'none'
                }
                onSort={() => table.getColumn(column.id)?.toggleSorting()}
              />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onFocus={keys.onFocus}>
          {rows === undefined
            ? skeletonRows.map((bone) => (
                <tr key={bone} className="h-9 border-b border-line">
                  {shown.map((column) => (
                    <td key={column.id} className={cellLook(column)}>
                      <div className="skeleton h-3 w-3/4" />
                    </td>
                  ))}
                </tr>
              ))
            : null}
          <Gap height={first === undefined ? 0 : first.start - offset} />
          {items.map((item) => {
            const row = modelRows[item.index];
            if (row === undefined) return null;
            return (
              <tr
                key={row.id}
                data-row={item.index}
                aria-rowindex={item.index + 2}
                className="relative h-9 border-b border-line hover:bg-sunken"
              >
                {shown.map((column) => (
                  <BodyCell key={column.id} column={column} row={row.original} />
                ))}
              </tr>
            );
          })}
          <Gap height={last === undefined ? 0 : virtualizer.getTotalSize() - (last.end - offset)} />
        </tbody>
      </table>
      {more && more.error !== null ? <Trouble error={more.error} onRetry={more.load} /> : null}
    </div>
  );
}

function bySortKey(
  a: { getValue: (id: string) => unknown },
  b: { getValue: (id: string) => unknown },
  id: string,
): number {
  const [left, right] = [a.getValue(id), b.getValue(id)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en');
}

function cellLook<Row>(column: Column<Row>): string {
  return `truncate px-3 py-1 max-sm:px-1.5 ${column.numeric ? 'text-right' : ''} ${column.phone ? '' : 'max-sm:hidden'}`;
}

/** What is cut off at the column's edge can be read by pointing at it. */
function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const content = column.cell(row);
  return (
    <td className={cellLook(column)} title={typeof content === 'string' ? content : undefined}>
      {content}
    </td>
  );
}

/** Holds the place of rows that are not drawn. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus
    <tr aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}

function HeadCell<Row>({
  column,
  direction,
  onSort,
}: {
  column: Column<Row>;
  direction: 'ascending' | 'descending' | 'none';
  onSort: () => void;
}) {
  const arrow = direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : '';
  return (
    <th
      scope="col"
      aria-sort={column.sort ? direction : undefined}
      style={
        { '--width': column.width ?? 'auto', '--phone-width': column.phoneWidth ?? 'auto' } as CSSProperties
      }
      className={`sticky top-0 z-10 h-9 w-(--phone-width) sm:w-(--width) border-b border-line-strong truncate bg-page px-3 max-sm:px-1.5 text-small font-strong max-lg:top-12 ${column.numeric ? 'text-right' : ''} ${column.phone ? '' : 'max-sm:hidden'}`}
    >
      {column.sort ? (
        <button type="button" onClick={onSort} className="-mx-1 rounded-sm px-1 hover:bg-sunken">
          {column.head} <span aria-hidden="true">{arrow}</span>
        </button>
      ) : (
        column.head
      )}
    </th>
  );
}
