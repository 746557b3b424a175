import { Link } from '@tanstack/react-router';
import type { TreatmentName, VendorRow } from '../api/types.ts';
import { classGroup, classNames, strongest, vendorGot } from '../design/classes.ts';
import { TreatmentLegend } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { Marks } from './marks.tsx';

const groups = [...new Set(classNames.map(classGroup))];

/** Vendor × group of field classes: every kind of data that a vendor got, as one square in its most revealing form. */
export function VendorMatrix({ vendors }: { vendors: readonly VendorRow[] }) {
  const rows = vendors.map((vendor) => ({
    vendor,
    classes: strongest(vendor.classes.filter((item) => vendorGot(item.treatment))),
  }));
  const shown = groups.filter((group) =>
    rows.some((row) => row.classes.some((item) => classGroup(item.class) === group)),
  );
  const treatments = [
    ...new Set(rows.flatMap((row) => row.classes.map((item) => item.treatment))),
  ] as TreatmentName[];

  return (
    <div className="flex flex-col gap-4">
      <table className="w-full border-collapse text-left max-sm:hidden">
        <thead>
          <tr>
            <th scope="col" className="w-40 py-1 text-small font-strong">
              {m.vendors.vendor}
            </th>
            {shown.map((group) => (
              <th key={group} scope="col" className="px-2 py-1 text-small font-normal text-soft">
                {m.overview.groups[group] ?? group}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ vendor, classes }) => (
            <tr key={vendor.vendor} className="border-t border-line">
              <th scope="row" className="py-2 font-strong">
                <Link to="/vendors/$vendor" params={{ vendor: vendor.vendor }} className="number-link">
                  {vendor.name}
                </Link>
              </th>
              {shown.map((group) => {
                const items = classes.filter((item) => classGroup(item.class) === group);
                return (
                  <td key={group} className="px-2 py-2">
                    {items.length === 0 ? (
                      <span className="text-soft" title={m.overview.nothingThere}>
                        ·
                      </span>
                    ) : (
                      <Marks items={items} />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="flex flex-col sm:hidden">
        {rows.map(({ vendor, classes }) => (
          <li
            key={vendor.vendor}
            className="flex items-baseline justify-between gap-4 border-t border-line py-2"
          >
            <Link
              to="/vendors/$vendor"
              params={{ vendor: vendor.vendor }}
              className="number-link shrink-0 font-strong"
            >
              {vendor.name}
            </Link>
            <Marks items={classes} />
          </li>
        ))}
      </ul>
      <TreatmentLegend treatments={treatments} />
    </div>
  );
}
