import type { UseQueryResult } from '@tanstack/react-query';
import type { CoverageSummary } from '../api/coverage-types.ts';
import type { VendorRow } from '../api/types.ts';
import { NumberLink } from '../design/button.tsx';
import type { Column } from '../design/table/columns.ts';
import { coverage } from '../messages/pages/coverage.ts';

const words = coverage.column;

/**
 * How much of the traffic to each vendor we can account for; its number opens the vendor's coverage. Sorted by what is surely
 * seen: what nobody measured stands below the least that was measured.
 */
export function coverageColumn({
  data,
  isError,
}: Pick<UseQueryResult<CoverageSummary[]>, 'data' | 'isError'>): Column<VendorRow> {
  const byVendor = new Map(data?.map((one) => [one.vendor, one]));
  const lowest = (row: VendorRow): number => {
    const share = byVendor.get(row.vendor)?.share ?? 'unknown';
    return share === 'unknown' ? -1 : share.low;
  };
  return {
    id: 'coverage',
    head: words.head,
    numeric: true,
    width: '132px',
    sort: lowest,
    csv: (row) => (lowest(row) < 0 ? '?' : lowest(row)),
    cell: (row) => {
      if (data === undefined && !isError) return <span className="text-soft">{words.loading}</span>;
      const found = byVendor.get(row.vendor);
      return (
        <span title={found === undefined ? words.why : words.found(found.open, found.strong)}>
          <NumberLink to="/vendors/$vendor" params={{ vendor: row.vendor }} hash="coverage">
            {found === undefined || found.share === 'unknown'
              ? words.unknown
              : words.known(found.share.low, found.share.high)}
          </NumberLink>
        </span>
      );
    },
  };
}
