import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ChainReview } from '../api/chain-types.ts';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { map as words } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';

const decisions = ['accepted', 'objected'] as const;
const cell = 'border-b border-line px-3 py-2';

/** New sub-processors that wait for somebody; nothing where none does. */
export function Reviews() {
  const reviews = useQuery(queries.chainReviews());
  const [open, setOpen] = useState<ChainReview | null>(null);
  if (reviews.error) return <Trouble error={reviews.error} onRetry={() => void reviews.refetch()} />;
  if (reviews.data === undefined || reviews.data.length === 0) return null;
  return (
    <Section title={words.reviews(reviews.data.length)} lead={words.reviewsLead}>
      <PlainTable
        label={words.newOnes}
        heads={[words.newOne, words.of]}
        numeric={[words.opened, words.objectUntil, words.decide]}
      >
        {reviews.data.map((review) => (
          <tr key={review.id}>
            <td className={`${cell} font-strong`}>{review.name}</td>
            <td className={cell}>
              <TextLink to="/vendors/$vendor" params={{ vendor: review.vendor }}>
                {review.vendorName}
              </TextLink>
            </td>
            <td className={`${cell} text-right`}>
              <Ago at={review.openedAt} />
            </td>
            <td className={`${cell} text-right`}>
              {review.dueAt === null ? (
                <span className="text-soft">{words.objectUnknown}</span>
              ) : (
                <>
                  <Exact at={review.dueAt} />
                  {review.objectionFrom === null ? null : (
                    <p className="text-small text-soft">{words.objectionFrom[review.objectionFrom]}</p>
                  )}
                </>
              )}
            </td>
            <td className={`${cell} text-right`}>
              <Permitted action="chain.change">
                <Button slim aria-label={words.decideOne(review.name)} onClick={() => setOpen(review)}>
                  {words.decide}
                </Button>
              </Permitted>
            </td>
          </tr>
        ))}
      </PlainTable>
      {open === null ? null : <Decide review={open} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function Decide({ review, onClose }: { review: ChainReview; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<{ state: string; reason: string }>(`chain.${review.id}`, {
    state: 'accepted',
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write<ChainReview>('POST', `/chain/reviews/${encodeURIComponent(review.id)}/decision`, {
        body: { state: draft.state, reason: draft.reason.trim() },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Sheet open onClose={onClose} title={words.decideOne(review.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ChoiceField
          label={words.decision}
          name="decision"
          value={draft.state}
          choices={decisions.map((value) => ({ value, ...words.choices[value] }))}
          onChoose={(state) => change({ state })}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
