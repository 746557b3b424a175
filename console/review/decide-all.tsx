import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Covered, ReviewRow } from '../api/types.ts';
import { ClassAndTreatment } from '../contract/class-treatment.tsx';
import { mutable, treatmentOf } from '../contract/rules.ts';
import { vendorGot } from '../design/classes.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Seen } from './seen.tsx';

const words = m.review;

const isProperty = (kind: ReviewRow['kind']): boolean => kind === 'property' || kind === 'parameter';

/** One decision about one or several names, which says before what it covers and what the vendor will get. */
export function DecideAll({
  rows,
  onClose,
}: {
  rows: readonly ReviewRow[];
  onClose: (done: boolean) => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const ids = rows.map((row) => row.id);
  const hidden = rows.some((row) => row.name === null);
  const first = rows[0];
  const [draft, change, forget] = useDraft(`decide-all.${[...ids].sort().join(' ')}`, {
    decision: hidden ? 'keep' : 'allow',
    class: first?.suggestion ?? 'event.property',
    treatment: 'pass',
    everywhere: false,
    reason: rows.length === 1 && first?.name != null ? words.reasonAllow(first.name) : '',
  });
  const allows = draft.decision === 'allow' && !hidden;
  const fieldClass = draft.class as FieldClass;
  const treatment = treatmentOf(draft.treatment, { do: 'drop' });
  const coverage = useQuery({
    queryKey: ['/review/coverage', ids, draft.everywhere],
    queryFn: () =>
      write<{ items: Covered[] }>('POST', '/review/coverage', {
        body: { ids, everywhere: draft.everywhere },
      }),
    enabled: allows,
    meta: { topics: ['connections', 'review'] },
  });
  const decide = useMutation({
    mutationFn: () =>
      write<{ decided: number; connections: number }>('POST', '/review/decisions', {
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
        body: {
          ids,
          everywhere: draft.everywhere,
          decision: allows ? 'allow' : 'keep',
          ...(allows && rows.some((row) => isProperty(row.kind))
            ? { class: fieldClass, treatment: mutable(treatment) }
            : {}),
        },
      }),
    onError: attempt.answered,
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose(true);
      // Of names that were decided there is nothing to cover any more.
      client.removeQueries({ queryKey: ['/review/coverage'] });
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    decide.mutate();
  }

  return (
    <Sheet
      open
      onClose={() => onClose(false)}
      title={words.bulkTitle(rows.length, first?.name ?? words.hidden)}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {rows.length === 1 && first !== undefined ? <Seen row={first} /> : null}
        {hidden ? (
          <Note>{words.bulkHidden}</Note>
        ) : (
          <ChoiceField
            label={words.decision}
            name="decision"
            value={draft.decision}
            choices={[
              { value: 'allow', ...words.allow },
              { value: 'keep', ...words.keep },
            ]}
            onChoose={(decision) => change({ decision })}
          />
        )}
        {allows && rows.some((row) => isProperty(row.kind)) ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <ClassAndTreatment
              labels={words}
              chosen={{ class: fieldClass, treatment: draft.treatment }}
              onChoose={change}
            />
          </div>
        ) : null}
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-1"
            checked={draft.everywhere}
            onChange={(event) => change({ everywhere: event.target.checked })}
          />
          {words.everywhere}
        </label>
        <section aria-label={words.covers} className="flex flex-col gap-2">
          <h3 className="font-strong">{words.covers}</h3>
          {allows ? null : <p>{words.keeps}</p>}
          {allows && coverage.error ? <Trouble error={coverage.error} /> : null}
          {allows && coverage.isPending ? <Bones lines={2} /> : null}
          {allows
            ? coverage.data?.items.map((item) => (
                <Coverage key={item.connection.id} covered={item} treatment={treatment.do} />
              ))
            : null}
        </section>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={decide.error}
          disabled={decide.isPending || (allows && coverage.data === undefined)}
          onCancel={() => onClose(false)}
        >
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** What one connection's contract will say, and where in requests it holds. */
function Coverage({ covered, treatment }: { covered: Covered; treatment: Parameters<typeof vendorGot>[0] }) {
  const properties = covered.names.filter((name) => isProperty(name.kind));
  const others = covered.names.filter((name) => !isProperty(name.kind));
  const listed = properties.map((name) => name.name).join(', ');
  return (
    <div className="border-l-3 border-line pl-3">
      {properties.length === 0 ? null : (
        <p>
          {vendorGot(treatment)
            ? words.vendorGets(covered.connection.name, m.treatment[treatment].got, listed)
            : words.vendorGetsNot(covered.connection.name, listed)}
        </p>
      )}
      {properties.map((name) =>
        name.paths.length === 0 ? null : (
          <p key={name.name} className="break-words text-small text-soft">
            {words.coversPaths(name.paths.join(', '))}
          </p>
        ),
      )}
      {others.length === 0 ? null : <p>{words.coversNames(others.map((name) => name.name).join(', '))}</p>}
    </div>
  );
}
