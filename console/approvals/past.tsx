import type { Approval } from '../api/trust-types.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { sentenceOf } from './what.ts';

const words = m.approvals.past;

/** How the latest of them ended. */
export function Past({ approvals }: { approvals: readonly Approval[] }) {
  return (
    <Section title={m.approvals.over}>
      <PlainTable
        label={words.table}
        heads={[words.what, words.by, words.end, words.decided, words.why]}
        numeric={[words.at]}
      >
        {approvals.map((one) => (
          <tr key={one.id} className="h-9 border-b border-line align-top">
            <th scope="row" className="px-3 py-2 font-normal">
              {sentenceOf(one)}
            </th>
            <td className="px-3 py-2 whitespace-nowrap">{one.askedBy.name}</td>
            <td className="px-3 py-2 whitespace-nowrap">{words.states[one.state]}</td>
            <td className="px-3 py-2 whitespace-nowrap">{one.decidedBy ?? m.common.none}</td>
            <td className="px-3 py-2">{one.decisionReason ?? one.reason}</td>
            <td className="px-3 py-2 text-right">
              <Ago at={one.askedAt} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}
