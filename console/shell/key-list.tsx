import { m } from '../messages/en.ts';
import { places } from './places.ts';

/** All keys, as a table. */
export function KeyList() {
  const rows: readonly (readonly [string, string])[] = [
    ...m.keys.everywhere,
    ...places.map((place) => [`g ${place.key}`, m.keys.goTo(place.name)] as const),
    ...m.keys.inTables,
  ];
  return (
    <table className="w-full">
      <thead className="sr-only">
        <tr>
          <th scope="col">{m.keys.key}</th>
          <th scope="col">{m.keys.does}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([keys, does]) => (
          <tr key={keys} className="border-b border-line">
            <td className="w-24 py-1 font-mono">{keys}</td>
            <td className="py-1">{does}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
