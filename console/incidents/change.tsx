import type { Incident } from '../api/room-types.ts';
import { incidents } from '../messages/pages/incidents.ts';
import { EntrySheet } from './entry.tsx';
import { toIso, toLocal } from './moment.ts';

const words = incidents.change;

/** Changes what stands of an incident; only what differs is sent. */
export function ChangeSheet({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const initial: Record<string, string> = {
    title: incident.title,
    state: incident.state,
    severity: incident.severity,
    restricted: incident.restricted ? 'yes' : '',
    from: toLocal(incident.occurredFrom),
    to: toLocal(incident.occurredTo),
  };
  const states = (['open', 'contained', 'closed'] as const).map(
    (state) => [state, incidents.states[state]] as const,
  );
  return (
    <EntrySheet
      title={incidents.one.changeTitle}
      submit={incidents.one.change}
      draftName={`incident.${incident.id}.change`}
      initial={initial}
      withReason
      fields={[
        { name: 'state', label: words.state, options: states },
        { name: 'severity', label: words.severity, options: Object.entries(incidents.severities) },
        { name: 'from', label: words.from, kind: 'moment', error: 'occurredFrom' },
        { name: 'to', label: words.to, kind: 'moment', error: 'occurredTo' },
        { name: 'title', label: words.title, required: true },
        { name: 'restricted', label: words.restricted, kind: 'check' },
      ]}
      call={(entered) => {
        const differs = (name: string): boolean => (entered[name] ?? '') !== initial[name];
        return {
          method: 'PATCH',
          path: `/incidents/${incident.id}`,
          body: {
            ...(differs('title') ? { title: entered.title?.trim() } : {}),
            ...(differs('state') ? { state: entered.state } : {}),
            ...(differs('severity') ? { severity: entered.severity } : {}),
            ...(differs('restricted') ? { restricted: entered.restricted === 'yes' } : {}),
            ...(differs('from') ? { occurredFrom: toIso(entered.from ?? '') ?? null } : {}),
            ...(differs('to') ? { occurredTo: toIso(entered.to ?? '') ?? null } : {}),
          },
        };
      }}
      onClose={onClose}
    />
  );
}
