import { useState } from 'react';
import type { Incident, IncidentQuestion } from '../../api/room-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Ago, Exact } from '../../design/time.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';
import { toIso, toLocal } from '../moment.ts';

const words = incidents.question;

/** What the vendor was asked; silence is told as what it is. */
export function Questions({ incident }: { incident: Incident }) {
  const [sheet, setSheet] = useState<IncidentQuestion | 'ask' | null>(null);
  const [now] = useState(() => toLocal(new Date().toISOString()));
  return (
    <Section
      title={incidents.one.tabNames.questions}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setSheet('ask')}>
            {words.add}
          </Button>
        </Permitted>
      }
    >
      {incident.questions.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      <ul className="flex flex-col">
        {incident.questions.map((question) => (
          <li key={question.n} className="flex flex-col gap-2 border-t border-line py-3">
            <p className="font-strong break-words">{question.text}</p>
            {question.silentSince !== null ? (
              <p className="text-alert">
                {words.silent} <Ago at={question.silentSince} />
              </p>
            ) : question.answers.length === 0 && question.dueAt !== null ? (
              <p className="text-soft">
                {words.expected} <Ago at={question.dueAt} />
              </p>
            ) : null}
            {question.answers.map((answer) => (
              <div key={answer.n} className="border-l-3 border-line pl-3">
                <p className="break-words">{answer.text}</p>
                <p className="text-small text-soft">
                  {answer.source}
                  {answer.happenedAt === null ? null : (
                    <>
                      , <Exact at={answer.happenedAt} />
                    </>
                  )}
                </p>
              </div>
            ))}
            <Permitted action="incident.work">
              <div>
                <Button slim onClick={() => setSheet(question)}>
                  {words.answer}
                </Button>
              </div>
            </Permitted>
          </li>
        ))}
      </ul>
      {sheet === null ? null : sheet === 'ask' ? (
        <EntrySheet
          title={words.add}
          draftName={`incident.${incident.id}.question`}
          fields={[
            { name: 'text', label: words.text, kind: 'long', required: true },
            { name: 'dueAt', label: words.due, kind: 'moment', required: true },
          ]}
          call={({ text = '', dueAt = '' }) => ({
            path: `/incidents/${incident.id}/questions`,
            body: { text: text.trim(), dueAt: toIso(dueAt) },
          })}
          onClose={() => setSheet(null)}
        />
      ) : (
        <EntrySheet
          title={words.answer}
          draftName={`incident.${incident.id}.answer.${sheet.n}`}
          initial={{ answeredAt: now }}
          fields={[
            { name: 'text', label: words.answerText, kind: 'long', required: true },
            { name: 'source', label: words.source, required: true },
            { name: 'answeredAt', label: words.answeredAt, kind: 'moment', required: true },
          ]}
          call={({ text = '', source = '', answeredAt = '' }) => ({
            path: `/incidents/${incident.id}/questions/${sheet.n}/answers`,
            body: { text: text.trim(), source: source.trim(), answeredAt: toIso(answeredAt) },
          })}
          onClose={() => setSheet(null)}
        />
      )}
    </Section>
  );
}
