import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Section } from '../design/page.tsx';
import { saveAs } from '../design/save.ts';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { bytesOf, type KnownLog } from './checking.ts';
import type { LitPath } from './entry-checking.ts';
import type { BundlePart, OpenedFile } from './outsider/bundle.ts';
import { verifyLine } from './outsider/page.ts';

const words = m.outsider;

/** An entry whose way to the signed root was found to fit here. */
export interface ProvenPart {
  name: BundlePart['name'];
  /** Base64. */
  entry: string;
  proof: string;
  way: LitPath;
}

/** Something beside the log that goes along when it is ticked. */
export interface Choice {
  name: string;
  label: string;
  hint: string;
  files: readonly OpenedFile[];
}

interface OutsideProps {
  /** Of the zip, without its ending. */
  file: string;
  title: string;
  log: KnownLog;
  parts: readonly ProvenPart[];
  choices: readonly Choice[];
  /** What goes along with any choice, so that the commitment can be opened. */
  besides?: readonly (OpenedFile & { unless: string })[];
  /** What can't be chosen, and why. */
  absent?: ReactNode;
}

/** What somebody needs who believes nothing: a zip to save, and what they run. */
export function Outside({ file, title, log, parts, choices, besides = [], absent }: OutsideProps) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = choices.filter(({ name }) => ticked.has(name));
  const save = useMutation({
    mutationFn: async () => {
      // What zips, and the scripts that go along, come when they are asked for.
      const { zipBundle } = await import('./outsider/bundle.ts');
      const opened =
        chosen.length === 0
          ? []
          : [...chosen.flatMap(({ files }) => files), ...besides.filter(({ unless }) => !ticked.has(unless))];
      const bundled = parts.map(({ name, entry, proof, way: { checkpoint, index, size } }) => {
        return { name, entry: bytesOf(entry), proof, checkpoint, index, size };
      });
      saveAs(`${file}.zip`, [zipBundle({ title, log, parts: bundled, opened })], 'application/zip');
    },
  });
  const lines = [
    ...parts.map(({ name }) => verifyLine(name, log.verifierKey)),
    ...(chosen.length === 0 ? [] : ['node opens.mjs']),
  ];

  function tick(name: string, isTicked: boolean): void {
    const others = [...ticked].filter((one) => one !== name);
    setTicked(new Set(isTicked ? [...others, name] : others));
  }

  return (
    <Section title={words.title} lead={words.lead}>
      {choices.length === 0 && absent === undefined ? null : (
        <fieldset className="flex max-w-[84ch] flex-col gap-2">
          <legend className="mb-1 font-strong">{words.include}</legend>
          <p className="text-soft">{words.nothingElse}</p>
          {choices.map(({ name, label, hint }) => (
            <label
              key={name}
              className="flex gap-3 rounded-md border border-line bg-panel px-3 py-2 has-checked:border-act has-checked:bg-act-wash"
            >
              <input
                type="checkbox"
                className="mt-0.5 shrink-0"
                checked={ticked.has(name)}
                onChange={(event) => tick(name, event.target.checked)}
              />
              <span className="flex min-w-0 flex-col">
                <span className="break-words">{label}</span>
                <span className="text-small text-soft">{hint}</span>
              </span>
            </label>
          ))}
          {absent}
        </fieldset>
      )}
      <div>
        <Button weight="main" disabled={save.isPending} onClick={() => save.mutate()}>
          {words.download}
        </Button>
      </div>
      {save.error ? <Trouble error={save.error} onRetry={() => save.mutate()} /> : null}
      <CodeBlock code={lines.join('\n')} label={words.lines} />
      {parts.map(({ name, entry, way }) => (
        <details key={name}>
          <summary className="w-fit py-1 text-soft">{words.bytes[name]}</summary>
          <div className="flex flex-col gap-3 pt-2">
            <CodeBlock code={new TextDecoder().decode(bytesOf(entry))} label={m.audit.one.entryBytes} />
            <CodeBlock code={way.checkpoint.trimEnd()} label={m.audit.one.checkpoint} />
          </div>
        </details>
      ))}
    </Section>
  );
}
