import { useState } from 'react';
import type { Example, PolicyChecked } from '../api/policy-types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { ExampleSheet } from './example-sheet.tsx';
import { wordsOf } from './example-words.ts';

const words = m.policies.examples;

/** The examples that are saved with a policy, and whether each of them holds with the text as it is typed. */
export function Examples({
  policy,
  examples,
  checked,
  onChange,
}: {
  policy: string;
  examples: readonly Example[];
  checked: PolicyChecked | undefined;
  onChange: (examples: Example[]) => void;
}) {
  const [adding, setAdding] = useState(false);
  const mine = checked?.results.filter((result) => result.policy === policy) ?? [];
  const others = checked?.results.filter((result) => result.policy !== policy) ?? [];
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={<Button onClick={() => setAdding(true)}>{words.add}</Button>}
    >
      {examples.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      {examples.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.says, words.must, words.holds]}
          numeric={[words.remove]}
        >
          {examples.map((example, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two examples can say the same; they never change places
            <tr key={`${index} ${example.says}`} className="border-b border-line align-top">
              <td className="px-3 py-2">
                <p>{example.says}</p>
                <p className="text-small text-soft">{wordsOf(example).join(' · ')}</p>
              </td>
              <td className="px-3 py-2 whitespace-nowrap">{words.musts[example.must]}</td>
              <td className="px-3 py-2">
                <Held result={mine.find((result) => result.example === index)} />
              </td>
              <td className="px-3 py-2 text-right">
                <Button
                  slim
                  weight="quiet"
                  aria-label={words.removeThis(example.says)}
                  onClick={() => onChange(examples.filter((_, at) => at !== index))}
                >
                  {words.remove}
                </Button>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {others.length === 0 ? null : (
        <Note urgent>
          <p className="font-strong">{words.others}</p>
          {others.map((result) => (
            <p key={`${result.policy} ${result.example}`}>
              “{result.says}” ({result.policy}): {words.notHeld(result.by.join(', '))}
            </p>
          ))}
        </Note>
      )}
      {adding ? (
        <ExampleSheet
          policy={policy}
          onClose={() => setAdding(false)}
          onAdd={(example) => onChange([...examples, example])}
        />
      ) : null}
    </Section>
  );
}

function Held({ result }: { result: PolicyChecked['results'][number] | undefined }) {
  if (result === undefined) return <span className="text-soft">{words.waits}</span>;
  if (result.holds) return <span>✓ {words.isHeld}</span>;
  return <span className="font-strong text-alert">✕ {words.notHeld(result.by.join(', '))}</span>;
}
