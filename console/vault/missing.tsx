import type { VaultStatus } from '../api/trust-types.ts';
import { CodeBlock } from '../design/copy.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { m } from '../messages/en.ts';

const words = m.vault;

/** What Drawbridge says when it can't reach its key, what to do, and how to be ready for it. */
export function Missing({ status: { source, trouble } }: { status: VaultStatus }) {
  return (
    <Section title={words.missing} lead={words.missingLead}>
      {source === 'file' ? (
        <>
          <p className="max-w-[72ch]">{words.copy}</p>
          <CodeBlock label={words.copyLabel} code="npm run drawbridge -- backup-keys /another/disk/keys" />
        </>
      ) : (
        <p className="max-w-[72ch]">{words.copyOther}</p>
      )}
      <PlainTable label={words.missingTable} heads={[words.code, words.means]}>
        {words.codes.map(([code, means]) => (
          <tr
            key={code}
            aria-current={code === trouble?.code ? 'true' : undefined}
            className="h-9 border-b border-line aria-[current=true]:bg-alert-wash"
          >
            <th scope="row" className="px-3 py-1.5 font-mono text-small font-normal whitespace-nowrap">
              {code}
            </th>
            <td className="px-3 py-1.5">{means}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}
