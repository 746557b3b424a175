import { foundClasses, freeTextClasses } from '@drawbridge/protocol/vocabulary';
import type { CrossingDetail, CrossingField, CrossingItem } from '../api/types.ts';
import { TextLink } from '../design/button.tsx';
import { classLabel, treatmentOrder, vendorGot } from '../design/classes.ts';
import { shortId } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Way } from '../design/way.tsx';
import { m } from '../messages/en.ts';

const words = m.crossings.one;

/** What the app sent on the left, what the vendor got on the right, the treatment as the way between. Never a value. */
export function CrossingFlow({ crossing }: { crossing: CrossingDetail }) {
  return (
    <Section title={words.flow}>
      {crossing.items.length === 0 ? (
        <p className="text-soft">{crossing.decision === 'refused' ? words.noItemsRefused : words.noItems}</p>
      ) : null}
      {crossing.items.map((item) => (
        <Item key={item.index} item={item} total={crossing.items.length} vendor={crossing.vendor} />
      ))}
    </Section>
  );
}

function Item({ item, total, vendor }: { item: CrossingItem; total: number; vendor: string }) {
  const fields = item.fields.toSorted(
    (a, b) => treatmentOrder(a.treatment) - treatmentOrder(b.treatment) || a.class.localeCompare(b.class),
  );
  return (
    <div className="flex flex-col">
      <p className="flex max-w-none flex-wrap items-baseline gap-x-4 border-b border-line-strong pb-1 text-small text-soft">
        <span className="font-strong text-ink">{words.item(item.index, total)}</span>
        {item.subject === null ? (
          <span>{words.nobody}</span>
        ) : (
          <span>
            <TextLink to="/crossings" search={{ vendor, subject: item.subject }}>
              <span className="font-mono">{shortId(item.subject)}</span>
            </TextLink>{' '}
            {item.kind === null ? '' : (words.kinds[item.kind] ?? item.kind)}
            {item.links > 0 ? `, ${words.links(item.links)}` : ''}
          </span>
        )}
        {item.reduced === true ? <span>{words.reduced}</span> : null}
      </p>
      {item.erased || item.missing ? (
        <p className="py-2 text-soft">{item.erased ? words.erased : words.missing}</p>
      ) : (
        <table className="w-full table-fixed border-collapse text-left">
          <thead>
            <tr className="text-small text-soft">
              <th scope="col" className="py-1 font-normal">
                {words.sent}
              </th>
              <th scope="col" className="w-14 font-normal sm:w-56">
                <span className="sr-only">{m.vendors.treatment}</span>
              </th>
              <th scope="col" className="w-[34%] py-1 pl-3 font-normal">
                {words.got}
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <FlowRow
                key={`${field.path} ${field.class} ${field.treatment} ${field.shape}`}
                field={field}
                text={roleOf(field, fields)}
              />
            ))}
          </tbody>
        </table>
      )}
      {item.review.length === 0 ? null : (
        <p className="py-2 text-small text-soft">
          {words.review(item.review.length)}. <TextLink to="/review">{words.openReview}</TextLink>
        </p>
      )}
    </div>
  );
}

const freeText: ReadonlySet<string> = new Set(freeTextClasses);
const found: ReadonlySet<string> = new Set(foundClasses);

/** A finding within a text; a text out of which something was taken; or neither. */
type Role = 'finding' | 'changed' | null;

/** A finding stands in the record with the path of the text that it was in. */
function roleOf(field: CrossingField, fields: readonly CrossingField[]): Role {
  const beside = fields.filter((other) => other.path === field.path && other.class !== field.class);
  if (freeText.has(field.class)) {
    const taken = beside.some((other) => found.has(other.class) && other.treatment !== 'pass');
    return field.treatment === 'pass' && taken ? 'changed' : null;
  }
  return found.has(field.class) && beside.some((other) => freeText.has(other.class)) ? 'finding' : null;
}

function outcomeOf({ treatment }: CrossingField, text: Role): string | undefined {
  if (text === 'changed') return words.textWithout;
  return text === 'finding' && treatment === 'drop' ? words.removed : words.outcome[treatment];
}

function FlowRow({ field, text }: { field: CrossingField; text: Role }) {
  const crossed = vendorGot(field.treatment);
  return (
    <tr className="border-b border-line align-top">
      <td className="py-1.5 pr-2">
        <span className="block truncate" title={field.class}>
          {classLabel(field.class)} <span className="text-small text-soft">{words.times(field.count)}</span>
        </span>
        <span className="block text-small break-words text-soft sm:truncate">
          {text === 'finding' ? `${words.inText} ` : ''}
          <span className="font-mono">{field.path.startsWith('#') ? words.unmapped : field.path}</span>,{' '}
          {words.shapes[field.shape] ?? field.shape}
        </span>
      </td>
      <td className="pt-2.5">
        <Way treatment={field.treatment} />
      </td>
      <td className={`py-1.5 pl-3 ${crossed ? '' : 'text-soft'}`}>
        <span className="block">{outcomeOf(field, text)}</span>
        <span className="block text-small text-soft">
          {crossed && field.count > 1 ? words.values(field.count) : ''}
        </span>
      </td>
    </tr>
  );
}
