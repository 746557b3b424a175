import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import type { EvidenceRun } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { bytes } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Trouble } from '../design/state.tsx';
import { discover } from '../messages/pages/discover.ts';
import { useDraft } from '../shell/draft.ts';
import { type Chosen, type FileState, filesOfDrop, filesOfField, readFiles } from './upload.ts';

const words = discover.drop;
/** As many as a run takes. */
const MOST_FILES = 2_000;
const cell = 'border-b border-line px-3 py-2';

/** Where evidence is handed in: dropped or chosen, read one after the other, with how far it is. */
export function Drop() {
  const client = useQueryClient();
  const formats = useQuery(queries.evidenceFormats()).data;
  const [draft, change] = useDraft('discover.drop', { source: '', reason: '', whole: true });
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [states, setStates] = useState<readonly FileState[]>([]);
  const [isOver, setIsOver] = useState(false);
  const [result, setResult] = useState<EvidenceRun | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopping = useRef<AbortController | null>(null);
  const [isReading, setIsReading] = useState(false);
  const done = states.filter(({ at }) => at === 'done' || at === 'failed').length;

  function choose(files: readonly Chosen[]): void {
    setChosen(files);
    setStates(files.map(() => ({ at: 'waiting' })));
    setResult(null);
    setError(null);
  }

  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setIsOver(false);
    if (isReading) return;
    filesOfDrop(event.dataTransfer.items, MOST_FILES).then(choose, setError);
  }

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const stop = new AbortController();
    stopping.current = stop;
    setIsReading(true);
    setError(null);
    try {
      const run = await readFiles(
        chosen,
        { source: draft.source.trim(), whole: draft.whole, reason: draft.reason.trim() },
        {
          onRun: () => undefined,
          onFile: (index, state) =>
            setStates((before) => before.map((one, at) => (at === index ? state : one))),
        },
        stop.signal,
      );
      setResult(run);
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setIsReading(false);
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/discovery'),
      });
    }
  }

  return (
    <Section title={words.title} lead={words.lead}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is for pointers; the two fields below do the same */}
      <div
        className={`flex flex-col gap-4 rounded-md border border-dashed p-6 ${isOver ? 'border-act bg-act-wash' : 'border-line-strong'}`}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={onDrop}
      >
        <div className="flex flex-wrap gap-6">
          <FileField label={words.choose} disabled={isReading} onChoose={choose} />
          <FileField label={words.folder} folder disabled={isReading} onChoose={choose} />
        </div>
        {formats === undefined ? null : (
          <details>
            <summary className="cursor-pointer text-soft">{words.formats}</summary>
            <p className="mt-2 max-w-[72ch] text-small">{formats.map(({ name }) => name).join(' · ')}</p>
          </details>
        )}
        {chosen.length === 0 ? null : (
          <form onSubmit={(event) => void onSubmit(event)} className="flex max-w-[72ch] flex-col gap-4">
            <TextField
              label={words.source}
              hint={words.sourceHint}
              placeholder={words.sourceExample}
              required
              maxLength={200}
              value={draft.source}
              onChange={(event) => change({ source: event.target.value })}
            />
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={draft.whole}
                onChange={(event) => change({ whole: event.target.checked })}
              />
              {words.whole}
            </label>
            <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
            <div className="flex items-center gap-4">
              <Button type="submit" weight="main" disabled={isReading}>
                {words.start(chosen.length)}
              </Button>
              {isReading ? <Button onClick={() => stopping.current?.abort()}>{words.stop}</Button> : null}
              <p role="status" className="text-soft">
                {isReading ? words.progress(done, chosen.length) : null}
                {result === null ? null : words.done(result.fresh, result.gone, result.changed)}
              </p>
            </div>
          </form>
        )}
        {error === null ? null : <Trouble error={error} />}
        {chosen.length === 0 ? null : (
          <PlainTable label={words.files} heads={[words.file, words.state]} numeric={[words.size]}>
            {chosen.map(({ name, file }, index) => (
              <tr key={name}>
                <td className={`${cell} font-mono text-small break-all`}>{name}</td>
                <td className={cell}>
                  <State state={states[index] ?? { at: 'waiting' }} size={file.size} />
                </td>
                <td className={`${cell} text-right whitespace-nowrap`}>{bytes(file.size)}</td>
              </tr>
            ))}
          </PlainTable>
        )}
      </div>
    </Section>
  );
}

function FileField({
  label,
  folder = false,
  disabled,
  onChoose,
}: {
  label: string;
  folder?: boolean;
  disabled: boolean;
  onChoose: (files: readonly Chosen[]) => void;
}) {
  return (
    <label className="flex flex-col gap-1 text-small text-soft">
      {label}
      <input
        type="file"
        multiple
        disabled={disabled}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          if (event.target.files !== null) onChoose(filesOfField(event.target.files, MOST_FILES));
        }}
      />
    </label>
  );
}

function State({ state, size }: { state: FileState; size: number }) {
  switch (state.at) {
    case 'waiting':
      return <span className="text-soft">{words.waiting}</span>;
    case 'sending':
      return <span>{words.sent(state.sent, size)}</span>;
    case 'reading':
      return <span>{words.reading}</span>;
    case 'failed':
      return (
        <span className="text-alert">
          {words.failed}: {state.error.message}
        </span>
      );
    case 'done': {
      const { refused, refusedWhy, formatName, sightings, unreadCount } = state.file;
      if (refused !== null)
        return (
          <span>
            {words.refused}: {refusedWhy}
          </span>
        );
      return (
        <span>
          {words.read(formatName ?? '', sightings)}
          {unreadCount === 0 ? '' : words.left(unreadCount)}
        </span>
      );
    }
  }
}
