import type { ReactNode } from 'react';
import type { VaultStatus } from '../api/trust-types.ts';
import { TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = m.vault;

/** Who could read what is sealed, and who could not: what the source of the key is worth. */
export function Readers({ status }: { status: VaultStatus }) {
  return (
    <div className="grid gap-x-12 gap-y-8 lg:grid-cols-2">
      <Section title={words.can}>
        <Lines
          lines={[
            ...status.keys.map(({ source, label }) => words.canBy[source](label)),
            words.canRoot,
            words.canGateway,
          ]}
        />
      </Section>
      <Section title={words.cannot}>
        <Lines
          lines={[
            words.cannotRoles,
            words.cannotDump,
            <span key="elsewhere">
              {words.cannotElsewhere}{' '}
              <Permitted action="approval.read">
                <TextLink to="/approvals">{words.cannotElsewhereLink}</TextLink>.
              </Permitted>
            </span>,
          ]}
        />
      </Section>
    </div>
  );
}

function Lines({ lines }: { lines: readonly ReactNode[] }) {
  return (
    <ul className="border-t border-line">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines stand in one order
        <li key={index} className="border-b border-line py-2 break-words">
          {line}
        </li>
      ))}
    </ul>
  );
}
