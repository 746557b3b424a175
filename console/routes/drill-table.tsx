import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { RecoveryDrill } from '../api/route-types.ts';
import { TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Exact } from '../design/time.tsx';
import { routes } from '../messages/pages/routes.ts';

const words = routes.drills;

/** Evidence that recovery works, or that it does not: each leads to its report. */
export function DrillTable({ drills }: { drills: readonly RecoveryDrill[] }) {
  return (
    <ScrollRegion label={words.list}>
      <table aria-label={words.list} className="w-full text-left">
        <thead className="text-small text-soft">
          <tr>
            {[words.vendor, words.whose, words.at, words.state, words.what].map((head) => (
              <th key={head} scope="col" className="py-1 pr-4 font-normal">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {drills.map((drill) => (
            <tr key={drill.id} className="border-t border-line">
              <td className="py-2 pr-4">
                <TextLink to="/recovery-drills/$drill" params={{ drill: drill.id }}>
                  {drill.vendor.name}
                </TextLink>
              </td>
              <td className="pr-4">{words.scope(drill.share, drill.app?.name ?? null)}</td>
              <td className="pr-4">
                <Exact at={drill.beganAt ?? drill.startsAt} />
              </td>
              <td className="pr-4">{words.states[drill.state] ?? drill.state}</td>
              <td className={drill.report?.verdict === 'breaks' ? 'text-alert' : ''}>
                {words.verdicts[drill.report?.verdict ?? 'none']}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** The same of one vendor, or of all; nothing where there is none. */
export function DrillsOf({ vendor }: { vendor?: string }) {
  const may = useMay('recovery.read');
  const found = useQuery({
    ...queries.recoveryDrills(vendor === undefined ? {} : { vendor }),
    enabled: may,
  });
  const drills = found.data?.items ?? [];
  if (drills.length === 0) return null;
  return (
    <Section title={words.title} lead={words.lead}>
      <DrillTable drills={drills} />
    </Section>
  );
}
