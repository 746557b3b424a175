import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { TriedFinding } from '../api/detector-types.ts';
import { Button } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { TextArea } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { detectors } from '../messages/pages/detectors.ts';

const words = detectors.tryIt;

/** Paste a text and see what is found in it. It is sent to the control plane, which keeps nothing of it. */
export function Try() {
  const [text, setText] = useState('');
  const [tried, setTried] = useState<{ text: string; findings: TriedFinding[] } | null>(null);
  const look = useMutation({
    mutationFn: async (given: string) => ({
      text: given,
      ...(await write<{ findings: TriedFinding[] }>('POST', '/detector-tries', { body: { text: given } })),
    }),
    onSuccess: setTried,
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    look.mutate(text);
  };
  return (
    <Section title={detectors.tabNames.try} lead={words.lead}>
      <form onSubmit={onSubmit} className="flex max-w-[760px] flex-col gap-3 [&_.field]:max-w-none">
        <TextArea
          label={words.text}
          required
          rows={8}
          maxLength={65_536}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={look.error instanceof ApiError ? look.error.field('text') : undefined}
        />
        {look.error ? <Trouble error={look.error} /> : null}
        <div>
          <Button type="submit" weight="main" disabled={look.isPending}>
            {words.submit}
          </Button>
        </div>
      </form>
      {tried === null ? null : <Tried text={tried.text} findings={tried.findings} />}
    </Section>
  );
}

function Tried({ text, findings }: { text: string; findings: readonly TriedFinding[] }) {
  if (findings.length === 0)
    return (
      <div role="status">
        <Note>{words.none}</Note>
      </div>
    );
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="font-strong">
        {words.found(findings.length)}
      </p>
      <figure className="flex max-w-[760px] flex-col gap-2">
        <figcaption className="text-small text-soft">{words.inPlace}</figcaption>
        <ScrollRegion label={words.inPlace}>
          <pre className="rounded-md border border-line bg-sunken p-3 font-mono text-small break-words whitespace-pre-wrap">
            {piecesOf(text, findings)}
          </pre>
        </ScrollRegion>
      </figure>
      <PlainTable
        label={words.table}
        heads={[words.what, detectors.confidence, words.by, words.whose, words.why]}
      >
        {findings.map((one) => (
          <tr key={`${one.start} ${one.end}`} className="border-b border-line">
            <th scope="row" className="px-3 py-1.5 font-normal">
              {classLabel(one.class)}
            </th>
            <td className="px-3 py-1.5">{one.confidence}</td>
            <td className="px-3 py-1.5 font-mono text-small">{one.detector}</td>
            <td className="px-3 py-1.5">{one.known}</td>
            <td className="px-3 py-1.5">{one.why}</td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}

/** The text with what was found marked; each mark says what it is. */
function piecesOf(text: string, findings: readonly TriedFinding[]): ReactNode[] {
  const pieces: ReactNode[] = [];
  let from = 0;
  for (const { start, end, class: name } of findings) {
    pieces.push(text.slice(from, start));
    pieces.push(
      <mark
        key={start}
        title={classLabel(name)}
        className="rounded-sm bg-act-wash text-ink underline decoration-act"
      >
        {text.slice(start, end)}
      </mark>,
    );
    from = end;
  }
  return [...pieces, text.slice(from)];
}
