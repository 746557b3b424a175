import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { GatewayLogs } from './gateway-logs.tsx';
import { Logs } from './logs.tsx';
import { Timeline } from './timeline.tsx';

const words = m.audit;

/** Who changed what, and logs that prove it. */
export function AuditPage() {
  const logs = useQuery(queries.logs());
  const control = logs.data?.items.find(
    (log) => /^control(-\d+)?$/.test(log.name) && log.isCurrent !== false,
  );
  const isContradicted = logs.data?.gateways.some(({ contradictions }) => contradictions.open > 0) ?? false;
  const title = isContradicted
    ? words.titleTrouble
    : control === undefined
      ? words.tab
      : control.trouble !== null
        ? words.titleTrouble
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
