import { TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Note } from '../design/state.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import type { Evidence as EvidenceItem, MessageDetail } from './shapes.ts';

const words = desk.one;
const cell = 'border-b border-line px-3 py-2 align-top';

/** What speaks for and against it, and whose word each is. */
export function Evidence({ message }: { message: MessageDetail }) {
  const { evidence, review } = message;
  const heads = words.evidenceHeads;
  return (
    <Section title={words.evidence} lead={words.evidenceLead}>
      {review === null ? null : (
        <Note>
          {words.reviewWaits(review.domain, review.vendor)}{' '}
          <TextLink to="/messages/senders">{words.review}</TextLink>
        </Note>
      )}
      {evidence.length === 0 ? (
        <p className="text-soft">{words.evidenceNone}</p>
      ) : (
        <PlainTable label={words.evidenceTable} heads={[heads.weighs, heads.what, heads.source, heads.value]}>
          {evidence.map((one) => (
            <tr key={`${one.signal} ${one.source} ${one.text}`}>
              <td className={`${cell} whitespace-nowrap`}>
                <Weight item={one} />
              </td>
              <td className={`${cell} min-w-[220px]`}>{one.text}</td>
              <td className={`${cell} whitespace-nowrap`}>{words.sources[one.source]}</td>
              <td className={`${cell} max-w-[280px] min-w-[200px] font-mono text-small break-all`}>
                {one.value ?? ''}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}

function Weight({ item: { weighs, strength } }: { item: EvidenceItem }) {
  const isGrave = weighs === 'against' && strength === 'strong';
  return (
    <span className={isGrave ? 'font-strong text-alert' : ''}>
      <span aria-hidden="true">{words.weighSigns[weighs]}</span> {words.weighs[weighs]}
      {weighs === 'note' ? '' : ` ${words.strengths[strength]}`}
    </span>
  );
}

/** A page of this console, as records point to it; anything else is no link. */
export function RecordLink({ href }: { href: string | null }) {
  if (href === null || !/^\/(?![/\\])/.test(href)) return null;
  return (
    <>
      {' '}
      <a href={href} className="number-link">
        {words.record}
      </a>
    </>
  );
}
