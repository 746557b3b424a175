import type { KeyInventory } from '../api/key-types.ts';
import { count } from '../design/format.ts';
import { m } from '../messages/en.ts';

const words = m.keysEverywhere;

/** Keys by age, as bars and as the numbers they stand for. */
export function Ages({ inventory }: { inventory: KeyInventory }) {
  const { ages, unknownAge } = inventory;
  const most = Math.max(1, ...ages.flatMap(({ held, virtual }) => [held, virtual]));
  return (
    <div className="max-w-[760px]">
      <table className="w-full text-left" aria-label={words.ages}>
        <thead>
          <tr className="text-small">
            <th scope="col" className="w-[150px] py-2 pr-3 font-strong">
              {words.age}
            </th>
            <th scope="col" className="py-2 pr-3 font-strong">
              {words.virtual}
            </th>
            <th scope="col" className="py-2 font-strong">
              {words.held}
            </th>
          </tr>
        </thead>
        <tbody>
          {ages.map(({ upToDays, held, virtual }, at) => (
            <tr key={upToDays ?? 'older'} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-3 font-normal whitespace-nowrap">
                {words.upTo(ages[at - 1]?.upToDays ?? 0, upToDays)}
              </th>
              <td className="py-1.5 pr-3">
                <Bar value={virtual} most={most} tone="bg-act" />
              </td>
              <td className="py-1.5">
                <Bar value={held} most={most} tone="bg-soft" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {unknownAge > 0 ? <p className="mt-2 text-soft">{words.unknownAge(unknownAge)}</p> : null}
    </div>
  );
}

function Bar({ value, most, tone }: { value: number; most: number; tone: string }) {
  return (
    <span className="flex items-center gap-2">
      <span className="w-8 shrink-0 text-right tabular-nums">{count(value)}</span>
      <span
        aria-hidden="true"
        className={`h-3 rounded-sm ${tone}`}
        style={{ width: `${(value / most) * 70}%` }}
      />
    </span>
  );
}
