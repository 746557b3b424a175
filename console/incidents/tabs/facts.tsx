import { useState } from 'react';
import type { Incident, IncidentClaim } from '../../api/room-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { ClaimText } from '../claim.tsx';
import { EntrySheet } from '../entry.tsx';
import { toIso, toLocal } from '../moment.ts';

const words = incidents.claim;
type Act = { act: 'enter' } | { act: 'correct' | 'withdraw'; claim: IncidentClaim };

/** What was said, all of it, those that contradict each other side by side. */
export function Claims({ incident }: { incident: Incident }) {
  const [sheet, setSheet] = useState<Act | null>(null);
  const close = (): void => setSheet(null);
  const abouts = Object.keys(incidents.about).filter((about) =>
    incident.claims.some((claim) => claim.about === about),
  );
  return (
    <Section
      title={incidents.one.tabNames.facts}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setSheet({ act: 'enter' })}>
            {words.enter}
          </Button>
        </Permitted>
      }
    >
      {abouts.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {abouts.map((about) => (
        <section
          key={about}
          aria-label={incidents.about[about]}
          className={`flex flex-col gap-2 ${incident.contradicted.includes(about) ? 'border-l-3 border-alert pl-3' : ''}`}
        >
          <h3 className="font-strong">
            {incidents.about[about]}
            {incident.contradicted.includes(about) ? (
              <span className="font-normal text-alert"> {incidents.now.contradicted}</span>
            ) : null}
          </h3>
          <ul className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
            {incident.claims
              .filter((claim) => claim.about === about)
              .map((claim) => (
                <li key={claim.n} className="flex flex-col gap-2 border-t border-line pt-2">
                  <span className="text-small text-soft">{words.line(claim.n)}</span>
                  <ClaimText claim={claim} />
                  {claim.replacedBy === null && claim.withdrawnBy === null ? (
                    <Permitted action="incident.work">
                      <div className="flex gap-2">
                        <Button slim onClick={() => setSheet({ act: 'correct', claim })}>
                          {words.correct}
                        </Button>
                        <Button slim weight="quiet" onClick={() => setSheet({ act: 'withdraw', claim })}>
                          {words.withdraw}
                        </Button>
                      </div>
                    </Permitted>
                  ) : null}
                </li>
              ))}
          </ul>
        </section>
      ))}
      {sheet === null ? null : sheet.act === 'withdraw' ? (
        <EntrySheet
          title={words.withdrawTitle}
          submit={words.withdraw}
          draftName={`incident.${incident.id}.withdraw.${sheet.claim.n}`}
          fields={[{ name: 'text', label: words.why, kind: 'long', required: true }]}
          call={({ text = '' }) => ({
            path: `/incidents/${incident.id}/claims/${sheet.claim.n}/withdrawal`,
            body: { text: text.trim() },
          })}
          onClose={close}
        />
      ) : (
        <ClaimSheet
          incident={incident}
          corrects={sheet.act === 'correct' ? sheet.claim : null}
          onClose={close}
        />
      )}
    </Section>
  );
}

function ClaimSheet({
  incident,
  corrects,
  onClose,
}: {
  incident: Incident;
  corrects: IncidentClaim | null;
  onClose: () => void;
}) {
  const [now] = useState(() => toLocal(new Date().toISOString()));
  return (
    <EntrySheet
      title={corrects === null ? words.enter : words.correctTitle}
      draftName={`incident.${incident.id}.claim.${corrects?.n ?? ''}`}
      initial={{
        about: corrects?.about ?? 'data',
        text: corrects?.text ?? '',
        source: corrects?.source ?? '',
        learnedAt: now,
        confidence: corrects?.confidence ?? 'unverified',
      }}
      fields={[
        // A claim is corrected by one about the same.
        ...(corrects === null
          ? [{ name: 'about', label: words.about, options: Object.entries(incidents.about) }]
          : []),
        { name: 'text', label: words.text, kind: 'long', required: true },
        { name: 'source', label: words.source, required: true },
        { name: 'learnedAt', label: words.learnedAt, kind: 'moment', required: true },
        { name: 'confidence', label: words.confidence, options: Object.entries(incidents.confidences) },
      ]}
      call={({ about, text = '', source = '', learnedAt = '', confidence }) => ({
        path: `/incidents/${incident.id}/claims`,
        body: {
          about,
          text: text.trim(),
          source: source.trim(),
          learnedAt: toIso(learnedAt),
          confidence,
          ...(corrects === null ? {} : { replaces: corrects.n }),
        },
      })}
      onClose={onClose}
    />
  );
}
