import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { ReactNode } from 'react';

/** One column, as a page describes it. */
export interface Column<Row> {
  id: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by; without it the column cannot be sorted. */
  sort?: (row: Row) => string | number;
  /** What goes into the CSV; without it the column is left out. */
  csv?: (row: Row) => string | number;
  /** Numbers stand to the right. */
  numeric?: boolean;
  /** CSS width of the column; one column should leave it out and take the rest. */
  width?: string;
  /** The same on a phone. */
  phoneWidth?: string;
  /** Shown on a phone as well. */
  phone?: boolean;
  /** Cannot be hidden. */
  fixed?: boolean;
}

export const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
});

export interface SortState {
  id: string;
  desc: boolean;
}

/** `people.desc` in the address. */
export function parseSort(text: string | undefined, columns: readonly { id: string }[]): SortState[] {
  const [id, direction] = (text ?? '').split('.');
  const known = columns.some((column) => column.id === id);
  return id !== undefined && known ? [{ id, desc: direction === 'desc' }] : [];
}

export function formatSort(sort: readonly SortState[]): string | undefined {
  const first = sort[0];
  return first === undefined ? undefined : `${first.id}.${first.desc ? 'desc' : 'asc'}`;
}

/** `bytes,duration` in the address: the columns not shown. */
export function parseHidden(text: string | undefined): ReadonlySet<string> {
  return new Set((text ?? '').split(',').filter(Boolean));
}
