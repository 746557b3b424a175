import type { ChainList, ChainListRow } from '../api/chain-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Exact } from '../design/time.tsx';
import { map } from '../messages/pages/map.ts';

const words = map.list;
const cell = 'border-b border-line px-3 py-2 align-top';
const DAY_MS = 86_400_000;

/** Until when one may object to who is new in this version; null: nobody said how long. */
const objectUntil = ({ asOf, objectionDays }: ChainList): string | null =>
  objectionDays === null ? null : new Date(Date.parse(asOf) + objectionDays * DAY_MS).toISOString();

/** What a version says that the one before did not. */
export function ListChanges({ list }: { list: ChainList }) {
  const { added, gone, changed } = list.diff;
  if (list.version === 1) return <p className="text-soft">{words.first}</p>;
  const until = objectUntil(list);
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-strong">{words.changes(added.length, gone.length, changed.length)}</h3>
      {added.length === 0 ? null : (
        <p>
          {until === null ? (
            words.objectUnknown
          ) : (
            <>
              {words.objectUntil} <Exact at={until} />
            </>
          )}
        </p>
      )}
      <ul className="border-t border-line">
        {added.map((row) => (
          <Change key={`+${row.name}`} mark="+" word={words.added} row={row} />
        ))}
        {gone.map((row) => (
          <Change key={`-${row.name}`} mark="−" word={words.gone} row={row} />
        ))}
        {changed.map(({ was, is, fields }) => (
          <li key={`~${is.name}`} className="border-b border-line py-2">
            <span aria-hidden="true">~ </span>
            <span className="font-strong">{is.name}</span>{' '}
            {fields.map((field) => (
              <span key={field} className="block pl-4 text-small">
                {words.fields[field as keyof ChainListRow] ?? field}: <del>{textOf(was, field)}</del>{' '}
                <ins className="no-underline">→ {textOf(is, field)}</ins>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}

const textOf = (row: ChainListRow, field: string): string =>
  Object.entries(row).find(([name]) => name === field)?.[1] || words.nothing;

function Change({ mark, word, row }: { mark: string; word: string; row: ChainListRow }) {
  return (
    <li className="border-b border-line py-2">
      <span aria-hidden="true">{mark} </span>
      <span className="font-strong">{row.name}</span> <span className="text-soft">{word}</span>
      <span className="block pl-4 text-small text-soft">
        {[row.purpose, row.location].filter((text) => text !== '').join(' · ')}
      </span>
    </li>
  );
}

/** A list's rows, those that match no vendor first. `onMatch`: lets somebody say whose a row is. */
export function ListRows({ list, onMatch }: { list: ChainList; onMatch?: (key: string) => void }) {
  const isAsked = ({ match }: ChainList['items'][number]): number => (match.by === 'nobody' ? 0 : 1);
  const rows = list.items.toSorted((a, b) => isAsked(a) - isAsked(b));
  return (
    <PlainTable
      label={words.rowsTable}
      heads={[words.fields.name, words.isVendor, words.fields.purpose, words.fields.location]}
      numeric={onMatch === undefined ? [] : [words.match]}
    >
      {rows.map((row) => (
        <tr key={row.key}>
          <td className={`${cell} font-strong`}>
            {row.name}
            {row.conditions === '' ? null : (
              <span className="block text-small font-normal text-soft">{row.conditions}</span>
            )}
          </td>
          <td className={cell}>
            {row.match.vendor === null ? (
              <span className={row.match.by === 'nobody' ? 'text-alert' : 'text-soft'}>
                {row.match.by === 'nobody' ? words.unmatched : words.notVendor}
              </span>
            ) : (
              <TextLink to="/vendors/$vendor" params={{ vendor: row.match.vendor }}>
                {list.names[row.match.vendor] ?? row.match.vendor}
              </TextLink>
            )}
            {row.match.by === 'nobody' && row.match.suggestions.length > 0 ? (
              <span className="block text-small text-soft">
                {words.perhaps(row.match.suggestions.map((id) => list.names[id] ?? id))}
              </span>
            ) : (
              <span className="block text-small text-soft">{words.matchedBy[row.match.by]}</span>
            )}
          </td>
          <td className={cell}>{row.purpose}</td>
          <td className={cell}>{row.location}</td>
          {onMatch === undefined ? null : (
            <td className={`${cell} text-right`}>
              <Button slim aria-label={words.matchOne(row.name)} onClick={() => onMatch(row.key)}>
                {words.match}
              </Button>
            </td>
          )}
        </tr>
      ))}
    </PlainTable>
  );
}
