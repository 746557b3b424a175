import { useState } from 'react';
import type { Notice, NoticeBlock } from '../api/notice-types.ts';
import { ChoiceField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { notices as words } from '../messages/pages/notices.ts';

/** What the reader gets, as kept: of what is being typed nothing shows here. */
export function ReaderView({ notice }: { notice: Notice }) {
  const [view, setView] = useState('formatted');
  return (
    <Section title={words.readerView}>
      <ChoiceField
        label={words.form}
        name="view"
        columns={2}
        value={view}
        choices={[
          { value: 'formatted', label: words.formattedView },
          { value: 'plain', label: words.plainView },
        ]}
        onChoose={setView}
      />
      <article
        lang={notice.language}
        aria-label={notice.subject}
        className="flex flex-col gap-3 rounded-md border border-line-strong bg-panel px-6 py-5 break-words"
      >
        <p className="text-head font-strong">{notice.subject}</p>
        {view === 'plain' ? (
          <pre className="font-mono text-small whitespace-pre-wrap">{notice.plain}</pre>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no name but their place
          notice.blocks.map((block, at) => <Part key={at} block={block} />)
        )}
      </article>
    </Section>
  );
}

function Part({ block }: { block: NoticeBlock }) {
  if (block.kind === 'heading') return <h3 className="mt-2 font-strong">{block.text}</h3>;
  if (block.kind === 'text') return <p className="whitespace-pre-line">{block.text}</p>;
  return (
    <ul className="list-disc pl-5">
      {block.items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no name but their place
        <li key={at}>{item}</li>
      ))}
    </ul>
  );
}
