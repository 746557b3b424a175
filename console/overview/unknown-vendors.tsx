import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { NumberLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { unknownVendors as words } from '../messages/pages/unknown-vendors.ts';
import { Permitted } from '../shell/permitted.tsx';

/** Vendors that evidence shows and nobody entered; nothing where nothing waits. */
export function UnknownVendors() {
  return (
    <Permitted action="discovery.read">
      <Waiting />
    </Permitted>
  );
}

function Waiting() {
  const summary = useQuery(queries.discoverySummary()).data;
  if (summary === undefined || summary.open === 0) return null;
  return (
    <Section title={words.title}>
      <p>
        <NumberLink to="/discover" search={{ fresh: 'week' }}>
          {words.week(summary.week)}
        </NumberLink>
        {words.seen(summary.week)}
        <NumberLink to="/discover">{words.open(summary.open)}</NumberLink>
        {words.decide}
      </p>
    </Section>
  );
}
