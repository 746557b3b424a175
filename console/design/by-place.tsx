import { m } from '../messages/en.ts';
import { count } from './format.ts';
import { PlainTable } from './plain-table.tsx';

/** People who are somewhere and read something; null: nobody says. */
export interface Placed {
  country: string | null;
  language: string | null;
  people: number;
}

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });
const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

export const languageName = (code: string): string => languages.of(code) ?? code;
const countryName = (code: string): string => regions.of(code) ?? code;

const MOST = 20;

/** How many people are where and read what: the most first, and the rest as one number. */
export function ByPlace({
  label,
  places,
  words,
}: {
  label: string;
  places: readonly Placed[];
  words: {
    country: string;
    language: string;
    people: string;
    rest: (groups: number, people: number) => string;
  };
}) {
  const most = Math.max(1, ...places.map(({ people }) => people));
  const rest = places.slice(MOST);
  return (
    <>
      <PlainTable label={label} heads={[words.country, words.language]} numeric={[words.people]}>
        {places.slice(0, MOST).map(({ country, language, people }) => (
          <tr key={`${country} ${language}`} className="border-b border-line">
            <td className="px-3 py-2">
              {country === null ? (
                <span className="text-soft">{m.common.unknown}</span>
              ) : (
                countryName(country)
              )}
            </td>
            <td className="px-3 py-2">
              {language === null ? (
                <span className="text-soft">{m.common.unknown}</span>
              ) : (
                languageName(language)
              )}
            </td>
            <td className="w-[150px] px-3 py-2 text-right tabular-nums">
              {count(people)}
              <span aria-hidden="true" className="mt-1 block h-1.5 bg-sunken">
                <span className="block h-full bg-soft" style={{ width: `${(100 * people) / most}%` }} />
              </span>
            </td>
          </tr>
        ))}
      </PlainTable>
      {rest.length === 0 ? null : (
        <p className="text-small text-soft">
          {words.rest(
            rest.length,
            rest.reduce((sum, { people }) => sum + people, 0),
          )}
        </p>
      )}
    </>
  );
}
