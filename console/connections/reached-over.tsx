import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { certificateWarning, reachedOver } from '../configuration/certificate.ts';
import { TextLink } from '../design/button.tsx';
import { useNow } from '../design/now.ts';
import { m } from '../messages/en.ts';

/** How apps reach the gateway, in one line; each gateway by its name where there are several. */
export function ReachedOver() {
  const gateways = useQuery(queries.gateways());
  const now = useNow();
  const rows = gateways.data?.items ?? [];
  const lines = rows.map((row) => (rows.length === 1 ? '' : `${row.name}: `) + reachedOver(row, now));
  const urgent = rows.some((row) => certificateWarning(row, now) !== null);
  if (gateways.data === undefined) return m.common[gateways.error ? 'unknown' : 'loading'];
  return (
    <>
      <span className={urgent ? 'text-alert' : ''}>
        {lines.length === 0 ? m.configuration.about.noGateway : lines.join('; ')}
      </span>
      {'. '}
      <TextLink to="/settings" hash="gateways">
        {m.configuration.gateways}
      </TextLink>
    </>
  );
}
