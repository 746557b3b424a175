import type { UsePlace } from '../api/types.ts';
import { NumberLink, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.apps.places;

/** Where requests went: one row per connection and endpoint. Every number opens its crossings. */
export function Places({
  places,
  of,
}: {
  places: readonly UsePlace[];
  of: { app: string } | { key: string };
}) {
  if (places.length === 0) return <p className="text-soft">{words.none}</p>;
  return (
    <PlainTable
      label={words.table}
      heads={[words.vendor, words.connection, words.endpoint]}
      numeric={[words.crossings, words.refused, words.first, words.last]}
    >
      {places.map((place) => {
        const search = { ...of, connection: place.connection.id, endpoint: place.endpoint };
        return (
          <tr
            key={`${place.connection.id} ${place.endpoint} ${place.class}`}
            className="h-9 border-b border-line"
          >
            <td className="px-3 whitespace-nowrap">
              <TextLink to="/vendors/$vendor" params={{ vendor: place.vendor }}>
                {place.vendor}
              </TextLink>
            </td>
            <td className="px-3 whitespace-nowrap">
              <TextLink to="/connections/$connection" params={{ connection: place.connection.id }}>
                {place.connection.name}
              </TextLink>
            </td>
            <td className="px-3 whitespace-nowrap">{place.endpoint}</td>
            <td className="px-3 text-right">
              <NumberLink to="/crossings" search={search}>
                {count(place.crossings)}
              </NumberLink>
            </td>
            <td className="px-3 text-right">
              {place.refused === 0 ? (
                0
              ) : (
                <NumberLink to="/crossings" search={{ ...search, decision: 'refused' }}>
                  {count(place.refused)}
                </NumberLink>
              )}
            </td>
            <td className="px-3 text-right">
              <Ago at={place.firstAt} />
            </td>
            <td className="px-3 text-right">
              <Ago at={place.lastAt} />
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}
