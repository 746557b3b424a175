import { useQuery } from '@tanstack/react-query';
import type { ReviewedRule, RuleReviews } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField, TextField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Open } from './page.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.reviews;

/** Every rule, where it was read, and who of counsel reviewed it. */
export function Reviews({ open }: { open: Open }) {
  const { data, error, refetch } = useQuery(queries.ruleReviews());
  const rule = data?.rules.find((one) => open.act === 'review' && one.rule === open.of);
  return (
    <Section title={words.title} lead={words.lead}>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Bones lines={6} /> : null}
      {data === undefined ? null : (
        <PlainTable label={words.table} heads={[...words.heads, words.acts]}>
          {data.rules.map((one) => (
            <Row key={one.rule} rule={one} onReview={() => open.set('review', one.rule)} />
          ))}
        </PlainTable>
      )}
      {data !== undefined && rule !== undefined ? (
        <Review key={rule.rule} whole={data} rule={rule} onClose={() => open.set()} />
      ) : null}
    </Section>
  );
}

function Row({
  rule: { rule, regime, article, title, status, source, review },
  onReview,
}: {
  rule: ReviewedRule;
  onReview: () => void;
}) {
  const law = [regime, article, words.status[status]].filter((part) => part !== '').join(', ');
  return (
    <tr className="border-b border-line align-top">
      <td className="px-3 py-2">
        {title}
        <br />
        <span className="text-small text-soft">{law}</span>
      </td>
      <td className="px-3 py-2 text-small">
        {source.url === undefined ? (
          source.citation
        ) : (
          <a href={source.url} rel="noreferrer" target="_blank" className="number-link">
            {source.citation}
          </a>
        )}
        <br />
        <span className="text-soft">{words.readOn(words.grade[source.grade], source.as_of)}</span>
      </td>
      <td className="px-3 py-2">
        {review === null ? (
          <span className="font-strong">{obligations.unreviewed}</span>
        ) : (
          words.by(review.by, review.on)
        )}
      </td>
      <td className="px-3 py-1">
        <Permitted action="obligation.change">
          <Button slim aria-label={words.actNamed(rule)} onClick={onReview}>
            {words.act}
          </Button>
        </Permitted>
      </td>
    </tr>
  );
}

function Review({
  whole: { reviews, rules, revision },
  rule: { rule, regime, review },
  onClose,
}: {
  whole: RuleReviews;
  rule: ReviewedRule;
  onClose: () => void;
}) {
  const ofRegime = rules.filter((one) => one.regime === regime).map((one) => one.rule);
  return (
    <SaveSheet
      title={words.sheet(rule)}
      name={`review.${rule}`}
      initial={{
        by: review?.by ?? '',
        on: review?.on ?? new Date().toISOString().slice(0, 10),
        scope: 'one',
      }}
      path="/organisation/reviews"
      body={({ by, on, scope }) => {
        const reviewed = scope === 'all' ? ofRegime : [rule];
        const others = Object.entries(reviews).filter(([one]) => !reviewed.includes(one));
        const mine = scope === 'none' ? [] : reviewed.map((one) => [one, { by: by.trim(), on }]);
        return { reviews: Object.fromEntries([...others, ...mine]), revision };
      }}
      onClose={onClose}
    >
      {({ by, on, scope }, change, wrong) => (
        <>
          <ChoiceField
            label={words.scope}
            name="scope"
            value={scope}
            choices={[
              { value: 'one', label: words.scopeOne(rule) },
              { value: 'all', label: words.scopeAll(regime, ofRegime.length) },
              ...(review === null ? [] : [{ value: 'none', label: words.takeBack }]),
            ]}
            onChoose={(value) => change({ scope: value })}
          />
          {scope === 'none' ? null : (
            <>
              <TextField
                label={words.who}
                hint={words.whoHint}
                required
                maxLength={200}
                value={by}
                onChange={(event) => change({ by: event.target.value })}
                error={wrong('reviews')}
              />
              <TextField
                label={words.on}
                type="date"
                required
                value={on}
                onChange={(event) => change({ on: event.target.value })}
              />
            </>
          )}
        </>
      )}
    </SaveSheet>
  );
}
