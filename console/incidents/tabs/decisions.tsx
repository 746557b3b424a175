import { useState } from 'react';
import type { Incident } from '../../api/room-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Exact } from '../../design/time.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';

const words = incidents.decision;

/** What was decided, by whom, and why; the newest first. */
export function Decisions({ incident }: { incident: Incident }) {
  const [entering, setEntering] = useState(false);
  return (
    <Section
      title={incidents.one.tabNames.decisions}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setEntering(true)}>
            {words.add}
          </Button>
        </Permitted>
      }
    >
      {incident.decisions.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      <ul>
        {incident.decisions.toReversed().map((decision) => (
          <li key={decision.n} className="border-t border-line py-3">
            <p className="font-strong break-words">{decision.text}</p>
            <p className="break-words">{decision.source}</p>
            <p className="text-small text-soft">
              {decision.by}, <Exact at={decision.at} />
            </p>
          </li>
        ))}
      </ul>
      {entering ? (
        <EntrySheet
          title={words.add}
          draftName={`incident.${incident.id}.decision`}
          fields={[
            { name: 'text', label: words.text, kind: 'long', required: true },
            { name: 'why', label: words.why, kind: 'long', required: true },
          ]}
          call={({ text = '', why = '' }) => ({
            path: `/incidents/${incident.id}/decisions`,
            body: { text: text.trim(), why: why.trim() },
          })}
          onClose={() => setEntering(false)}
        />
      ) : null}
    </Section>
  );
}
