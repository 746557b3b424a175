import type { ReactNode } from 'react';
import type { SeverLine, SeverLists } from '../api/sever-types.ts';
import { Section } from '../design/page.tsx';
import { Ago } from '../design/time.tsx';
import { sever as words } from '../messages/pages/sever.ts';

const order = ['cutNow', 'revokeThere', 'notOurs', 'unknown'] as const;
export type ListName = (typeof order)[number];

const marks: Readonly<Record<SeverLine['layer'], string>> = {
  observed: '●',
  declared: '○',
  inferred: '◐',
  unknown: '?',
};

/** What is cut, what people end elsewhere, what is not ours, and what is unknown. `act`: what can be done about a line. */
export function Lists({
  lists,
  act,
}: {
  lists: SeverLists;
  act?: (line: SeverLine, list: ListName) => ReactNode;
}) {
  return order.map((name) => (
    <Section key={name} title={`${words.lists[name]} (${lists[name].length})`} lead={words.listLeads[name]}>
      {lists[name].length === 0 ? (
        <p className="text-soft">{words.empty[name]}</p>
      ) : (
        <ul className="border-t border-line" aria-label={words.lists[name]}>
          {lists[name].map((line) => (
            <li key={line.id} className="flex flex-col gap-1 border-b border-line py-2">
              <Line line={line} />
              {act?.(line, name)}
            </li>
          ))}
        </ul>
      )}
    </Section>
  ));
}

function Line({ line }: { line: SeverLine }) {
  const { what, owner, proof, done, layer, kind } = line;
  return (
    <>
      <p className="break-words">{what}</p>
      <p className="text-small break-words text-soft">
        <span aria-hidden="true">{marks[layer]}</span> {words.layers[layer]}
        {kind === 'unknown' ? '' : `. ${words.owner(owner)}`}
        {proof === null ? null : (
          <>
            .{' '}
            <a href={proof.href} className="underline underline-offset-4">
              {proof.text}
            </a>
          </>
        )}
      </p>
      {done === null ? null : (
        <p className="text-small break-words">
          ✓ {words.done(done.by)} {done.proof ?? ''} <Ago at={done.at} />
        </p>
      )}
    </>
  );
}
