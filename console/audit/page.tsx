import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { GatewayLogs } from './gateway-logs.tsx';
import { Logs } from './logs.tsx';
import { troublesOf } from './root-state.ts';
import { Timeline } from './timeline.tsx';

const words = m.audit;

/** Who changed what, and logs that prove it. */
export function AuditPage() {
  const logs = useQuery(queries.logs());
  // The one that changes are put into; epochs before it come after it.
  const control = logs.data?.items.find((log) => log.isCurrent && log.root === null);
  const root = logs.data?.items.find((log) => log.root !== null);
  const isContradicted = logs.data?.gateways.some(({ contradictions }) => contradictions.open > 0) ?? false;
  const title = isContradicted
    ? words.titleTrouble
    : control === undefined
      ? words.tab
      : control.trouble !== null
        ? words.titleTrouble
        : root !== undefined && troublesOf(root).length > 0
          ? words.titleRootTrouble
          : control.size + control.waiting === 0
            ? words.titleEmpty
            : words.title(control.size + control.waiting);
  return (
    <PageFrame tab={words.tab} title={title} lead={words.lead}>
      <Logs />
      <GatewayLogs />
      <Timeline />
    </PageFrame>
  );
}
