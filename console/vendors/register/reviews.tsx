import { write } from '../../api/client.ts';
import type { RegisterEntry } from '../../api/register-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { PlainTable } from '../../design/plain-table.tsx';
import { register as words } from '../../messages/pages/register.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useActs } from './acts.ts';
import { Files } from './files.tsx';
import { QuestionSheet } from './form.tsx';

/** When a vendor was looked at, by whom, and what came of it. */
export function Reviews({ entry }: { entry: RegisterEntry }) {
  const { act, show, close } = useActs();
  return (
    <Section
      title={words.reviews}
      lead={entry.nextReview === null ? undefined : words.reviewNext(entry.nextReview)}
      acts={
        <Permitted action="register.change">
          <Button slim onClick={() => show('review')}>
            {words.review}
          </Button>
        </Permitted>
      }
    >
      {entry.reviews.length === 0 ? (
        <p className="text-soft">? {words.noReviews}</p>
      ) : (
        <PlainTable
          label={words.reviewsTable}
          heads={[words.reviewedOn, words.outcome, words.reviewer, words.note, words.files]}
        >
          {entry.reviews.map((one) => (
            <tr key={one.id} className="border-b border-line align-top">
              <td className="px-3 py-2 whitespace-nowrap">{one.reviewedOn}</td>
              <td className={`px-3 py-2 ${one.outcome === 'failed' ? 'text-alert' : ''}`}>
                {words.outcomes[one.outcome]}
              </td>
              <td className="px-3 py-2">{one.reviewer}</td>
              <td className="max-w-[48ch] px-3 py-2 break-words">{one.note}</td>
              <td className="px-3 py-2">
                <Files files={one.files} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {act === 'review' ? (
        <QuestionSheet
          title={words.review}
          draftName={`review.${entry.id}`}
          questions={[
            { name: 'reviewedOn', label: words.reviewedOn, kind: 'date', required: true },
            { name: 'outcome', label: words.outcome, options: Object.entries(words.outcomes) },
            { name: 'reviewer', label: words.reviewer, required: true },
            { name: 'note', label: words.note, kind: 'long', required: true },
            { name: 'file', label: words.file, hint: words.fileHint, kind: 'file', error: 'files' },
          ]}
          initial={{ outcome: 'passed' }}
          send={({ reviewedOn, outcome, reviewer, note }, files, reason) =>
            write('POST', `/register/${encodeURIComponent(entry.id)}/reviews`, {
              body: { reviewedOn, outcome, reviewer, note, files },
              reason,
            })
          }
          onClose={close}
        />
      ) : null}
    </Section>
  );
}
