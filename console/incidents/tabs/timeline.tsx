import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import type { Incident, IncidentLine } from '../../api/room-types.ts';
import { Button, TextButton, TextLink } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Bones, Trouble } from '../../design/state.tsx';
import { Exact } from '../../design/time.tsx';
import { audit } from '../../messages/pages/audit.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';
import { toIso } from '../moment.ts';

const words = incidents.timeline;

/** All that happened, the newest first, each line with where it comes from. */
export function Timeline({ incident }: { incident: Incident }) {
  const [writing, setWriting] = useState(false);
  const lines = useInfiniteQuery(queries.incidentLines(incident.id));
  const rows = lines.data?.pages.flatMap(({ items }) => items);
  return (
    <Section
      title={incidents.one.tabNames.timeline}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setWriting(true)}>
            {words.add}
          </Button>
        </Permitted>
      }
    >
      {rows === undefined ? (
        lines.error === null ? (
          <Bones lines={6} />
        ) : (
          <Trouble error={lines.error} onRetry={() => void lines.refetch()} />
        )
      ) : (
        <ol aria-label={words.table}>
          {rows.map((line) => (
            <li
              key={`${line.origin} ${line.kind} ${line.n ?? line.opens}`}
              className="grid gap-x-6 border-t border-line py-2 sm:grid-cols-[190px_minmax(0,1fr)]"
            >
              <span className="text-small text-soft">
                <Exact at={line.at} />
              </span>
              <Words line={line} />
            </li>
          ))}
        </ol>
      )}
      {lines.hasNextPage ? (
        <TextButton disabled={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>
          {incidents.more}
        </TextButton>
      ) : null}
      {writing ? (
        <EntrySheet
          title={words.add}
          draftName={`incident.${incident.id}.note`}
          fields={[
            { name: 'text', label: words.text, kind: 'long', required: true },
            { name: 'happenedAt', label: words.happenedAt, kind: 'moment' },
          ]}
          call={({ text = '', happenedAt = '' }) => {
            const at = toIso(happenedAt);
            return {
              path: `/incidents/${incident.id}/notes`,
              body: { text: text.trim(), ...(at === undefined ? {} : { happenedAt: at }) },
            };
          }}
          onClose={() => setWriting(false)}
        />
      ) : null}
    </Section>
  );
}

function Words({ line }: { line: IncidentLine }) {
  const kind = words.kinds[line.kind] ?? line.kind;
  if (line.origin === 'change_log') {
    return (
      <div className="min-w-0">
        <p className="break-words">
          {audit.acts[line.about ?? ''] ?? line.about}: {line.text}
        </p>
        <p className="text-small text-soft">
          ● {words.origins.change_log}, {line.by}.{' '}
          <TextLink to="/audit/changes/$change" params={{ change: line.opens ?? '' }}>
            {words.opensChange}
          </TextLink>
        </p>
      </div>
    );
  }
  if (line.origin === 'ledger') {
    return (
      <div className="min-w-0">
        <p className="break-words">{words.crossing(line.by, line.text, line.about === 'refused')}</p>
        <p className="text-small text-soft">
          ● {words.origins.ledger}.{' '}
          <TextLink to="/crossings/$crossing" params={{ crossing: line.opens ?? '' }}>
            {words.opensCrossing}
          </TextLink>
        </p>
      </div>
    );
  }
  if (line.origin === 'messages') {
    return (
      <div className="min-w-0">
        <p className="break-words">
          {line.text} ({line.about})
        </p>
        <p className="text-small text-soft">
          ● {words.origins.messages}.{' '}
          <TextLink to="/messages/$message" params={{ message: line.opens ?? '' }}>
            {words.opensMessage}
          </TextLink>
        </p>
      </div>
    );
  }
  return (
    <div className="min-w-0">
      <p className="break-words">
        <span className="font-strong">{kind}</span> {line.text}
        {line.kind === 'decision' && line.source !== null ? ` (${line.source})` : ''}
      </p>
      <p className="text-small text-soft">
        ○ {words.origins.room}, {line.by}
        {line.happenedAt === null ? null : (
          <>
            , <Exact at={line.happenedAt} />
          </>
        )}
      </p>
    </div>
  );
}
