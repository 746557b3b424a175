import type { BlastRadius } from '../api/incident-types.ts';
import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { whatIf as words } from '../messages/pages/what-if.ts';

const heads = words.groupHeads;

/** People by what is held of them: the bar is their share, the words are what a thief could quote. */
export function Groups({ people }: { people: BlastRadius['people'] }) {
  if (people.groups.length === 0) return <p className="text-soft">{words.nobody}</p>;
  const most = Math.max(1, ...people.groups.map((group) => group.people));
  return (
    <>
      <PlainTable
        label={words.groupsTable}
        heads={[heads.quotes, heads.other]}
        numeric={[heads.people, heads.phishability]}
      >
        {people.groups.map((group) => {
          const quoted = new Set(group.quotes.map((quote) => quote.class));
          const others = [...new Set(group.classes.map((one) => one.class))].filter(
            (one) => !quoted.has(one),
          );
          return (
            <tr
              key={group.classes.map((one) => `${one.class} ${one.treatment}`).join(', ')}
              className="border-b border-line align-top"
            >
              <td className="min-w-[14em] px-3 py-2">
                {group.quotes.length === 0 ? (
                  <span className="text-soft">{words.nothingQuotable}</span>
                ) : (
                  group.quotes
                    .map((quote) => `${classLabel(quote.class)}${quote.coarse ? ` (${words.coarse})` : ''}`)
                    .join(', ')
                )}
              </td>
              <td className="min-w-[10em] px-3 py-2 text-soft">{others.map(classLabel).join(', ')}</td>
              <td className="w-[150px] px-3 py-2 text-right tabular-nums">
                {count(group.people)}
                <span aria-hidden="true" className="mt-1 block h-1.5 bg-sunken">
                  <span
                    className="block h-full bg-[var(--t)]"
                    data-treatment={group.quotes.length === 0 ? 'pseudonymise' : 'pass'}
                    style={{ width: `${(100 * group.people) / most}%` }}
                  />
                </span>
              </td>
              <td
                className="px-3 py-2 text-right tabular-nums"
                title={words.parts(
                  group.phishability.reach,
                  group.phishability.name,
                  group.phishability.facts,
                )}
              >
                <span className={group.phishability.total >= 60 ? 'font-strong text-alert' : ''}>
                  {Math.round(group.phishability.total)}
                </span>
                <span className="block text-small text-soft">
                  {words.parts(group.phishability.reach, group.phishability.name, group.phishability.facts)}
                </span>
              </td>
            </tr>
          );
        })}
      </PlainTable>
      {people.moreGroups === 0 ? null : (
        <p className="text-small text-soft">{words.moreGroups(people.moreGroups)}</p>
      )}
    </>
  );
}
