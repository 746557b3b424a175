import { useQuery } from '@tanstack/react-query';
import type { OrganisationProfile, ProfileQuestion } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Open } from './page.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.questions;

/** What is asked, what hangs on it, and what another answer would change. */
export function Questions({ open }: { open: Open }) {
  const { data, error, refetch } = useQuery(queries.organisationProfile());
  const asked = data?.questions.find(({ id }) => open.act === 'answer' && id === open.of);
  return (
    <Section title={words.title} lead={words.lead}>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Bones lines={6} /> : null}
      {data === undefined ? null : (
        <PlainTable label={words.table} heads={[...words.heads, words.acts]}>
          {data.questions.map((question) => (
            <tr key={question.id} className="border-b border-line align-top">
              <td className="max-w-[48ch] px-3 py-2">{question.text}</td>
              <td className="px-3 py-2 whitespace-nowrap">
                {question.answer === null ? (
                  <span className="font-strong">{words.open}</span>
                ) : question.bySeat ? (
                  words.bySeat
                ) : (
                  words.choice(question.answer)
                )}
              </td>
              <td className="px-3 py-2 font-mono text-small">{question.decides.join(', ')}</td>
              <td className="px-3 py-1">
                <Permitted action="obligation.change">
                  <Button
                    slim
                    aria-label={words.answer(question.id)}
                    onClick={() => open.set('answer', question.id)}
                  >
                    {words.act}
                  </Button>
                </Permitted>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {data !== undefined && asked !== undefined ? (
        <Answer key={asked.id} whole={data} question={asked} onClose={() => open.set()} />
      ) : null}
    </Section>
  );
}

function Answer({
  whole: { profile, revision },
  question,
  onClose,
}: {
  whole: OrganisationProfile;
  question: ProfileQuestion;
  onClose: () => void;
}) {
  const { id, text, choices, bySeat } = question;
  return (
    <SaveSheet
      title={words.sheet}
      name={`answer.${id}`}
      initial={{ answer: profile.answers[id] ?? 'unknown' }}
      path="/organisation/profile"
      body={({ answer }) => ({
        profile: { ...profile, answers: answered(profile.answers, id, answer) },
        revision,
      })}
      onClose={onClose}
    >
      {({ answer }, change) => (
        <ChoiceField
          label={text}
          name="answer"
          value={answer}
          choices={[...choices, 'unknown'].map((value) => ({
            value,
            label: value !== 'unknown' ? words.choice(value) : bySeat ? words.bySeat : words.unknown,
            hint: consequence(question, value),
          }))}
          onChoose={(value) => change({ answer: value })}
        />
      )}
    </SaveSheet>
  );
}

/** What is not known is not answered: so a seat can answer it. */
function answered(answers: Record<string, string>, id: string, answer: string): Record<string, string> {
  const others = Object.fromEntries(Object.entries(answers).filter(([question]) => question !== id));
  return answer === 'unknown' ? others : { ...others, [id]: answer };
}

/** What an answer would change; nothing is said of the one that stands, and of "not known". */
function consequence({ wouldChange, answer, decides }: ProfileQuestion, value: string): string | null {
  if (value === answer || value === 'unknown') return null;
  const found = wouldChange.find((change) => change.answer === value);
  if (found === undefined) return decides.length === 0 ? words.nothing : words.settles(decides);
  return [
    ...(found.brings.length === 0 ? [] : [words.brings(found.brings)]),
    ...(found.takesOut.length === 0 ? [] : [words.takesOut(found.takesOut)]),
  ].join(' ');
}
