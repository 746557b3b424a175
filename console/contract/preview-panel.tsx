import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { type CSSProperties, useState } from 'react';
import type { ServiceDetail } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { ChoiceField, SelectField, TextArea } from '../design/field.tsx';
import { bytes } from '../design/format.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Note } from '../design/state.tsx';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { ClassOptions } from './class-treatment.tsx';
import type { Preview, PreviewLine, PreviewName } from './preview.ts';
import { mutable, withAllowedName, withProperty } from './rules.ts';
import { levelOf } from './texts.ts';

const words = m.connect.preview;

export interface SampleChoice {
  /** `seen`: what really crossed of a connection; there must be one. */
  source: 'seen' | 'made' | 'pasted';
  endpoint: string;
  pasted: string;
}

/** Which request the preview shows. A pasted one is held in this page's memory only. */
export function SampleChooser({
  service,
  sample,
  error,
  connected = false,
  onChange,
}: {
  service: ServiceDetail;
  sample: SampleChoice;
  error: string | undefined;
  /** There is a connection, on which something may have crossed. */
  connected?: boolean;
  onChange: (sample: SampleChoice) => void;
}) {
  const endpoints = service.endpoints.filter((endpoint) => endpoint.fields !== undefined);
  return (
    <div className="flex flex-col gap-4">
      <div className="max-w-[640px]">
        <ChoiceField
          label={words.title}
          name="sample"
          columns={2}
          value={sample.source}
          choices={[
            ...(connected ? [{ value: 'seen', label: m.seen.choice }] : []),
            { value: 'made', label: connected ? m.seen.example : words.made },
            { value: 'pasted', label: words.pasted },
          ]}
          onChoose={(source) =>
            onChange({ ...sample, source: source === 'seen' || source === 'pasted' ? source : 'made' })
          }
        />
      </div>
      {sample.source !== 'pasted' ? null : (
        <div className="grid gap-4 sm:grid-cols-[480px_240px]">
          <TextArea
            label={words.paste}
            hint={words.pasteHint}
            error={error}
            rows={6}
            spellCheck={false}
            autoComplete="off"
            value={sample.pasted}
            onChange={(event) => onChange({ ...sample, pasted: event.target.value })}
          />
          <SelectField
            label={words.endpoint}
            value={sample.endpoint}
            onChange={(event) => onChange({ ...sample, endpoint: event.target.value })}
          >
            {endpoints.map((endpoint) => (
              <option key={endpoint.id} value={endpoint.id}>
                {endpoint.methods.join(', ')} {endpoint.path}
              </option>
            ))}
          </SelectField>
        </div>
      )}
    </div>
  );
}

/** The two texts side by side, line by line, with what became of each value between them. */
export function PreviewPanel({
  preview,
  vendor,
  rules,
}: {
  preview: Preview;
  vendor: string;
  rules: ContractDocument;
}) {
  return (
    <div className="flex flex-col gap-3">
      {preview.refused === null ? null : (
        <Note urgent>
          <span className="font-strong">{words.refused}</span> {preview.refused}.
        </Note>
      )}
      <ScrollRegion label={words.title} className="max-h-[560px] rounded-md border border-line bg-panel">
        <table className="w-full table-fixed border-collapse text-left font-mono text-small">
          <thead>
            <tr className="font-sans">
              <th scope="col" className="sticky top-0 bg-sunken px-3 py-1.5 font-strong">
                {words.before}
              </th>
              <th scope="col" className="sticky top-0 w-8 bg-sunken">
                <span className="sr-only">{m.vendors.treatment}</span>
              </th>
              <th scope="col" className="sticky top-0 bg-sunken px-3 py-1.5 font-strong">
                {words.after(vendor)}
              </th>
            </tr>
          </thead>
          <tbody>
            {preview.lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity beyond their place
              <Line key={index} line={line} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <p className="text-small text-soft">
        {words.summary(bytes(preview.bytes.before), bytes(preview.bytes.after))}. {words.other}
        {levelOf(rules.text) === 'off' ? '' : ` ${m.texts.notInPreview}`}
      </p>
    </div>
  );
}

function Line({ line }: { line: PreviewLine }) {
  const indent = { '--depth': line.depth } as CSSProperties;
  const gone = line.before !== null && line.after === null;
  const shown = line.treatment !== null && line.treatment !== 'pass';
  return (
    <tr className={shown ? 'bg-sunken' : ''}>
      <td
        className={`indented py-0.5 pr-2 break-words whitespace-pre-wrap ${gone ? 'text-soft line-through decoration-line-strong' : ''}`}
        style={indent}
      >
        {line.before}
      </td>
      <td className="text-center align-top leading-5">
        {line.treatment === null ? null : <TreatmentMark treatment={line.treatment} titled />}
      </td>
      <td className="indented py-0.5 pr-2 break-words whitespace-pre-wrap" style={indent}>
        {gone ? (
          <span className="font-sans text-soft">{line.treatment === null ? '' : words.dropped}</span>
        ) : shown ? (
          <span data-treatment={line.treatment} className="treated-value">
            {line.after}
          </span>
        ) : (
          line.after
        )}
      </td>
    </tr>
  );
}

/** Names of the sample that no rule knows, each of which can be allowed on the spot. */
export function UnknownNames({
  names,
  rules,
  onChange,
}: {
  names: readonly PreviewName[];
  rules: ContractDocument;
  onChange: (rules: ContractDocument) => void;
}) {
  const unknown = names.filter(({ name, kind }) =>
    kind === 'event_name' || kind === 'path_segment'
      ? !rules.names.allowed.includes(name)
      : !Object.hasOwn(rules.properties, name),
  );
  if (unknown.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-strong">{words.names}</h3>
      <p className="text-soft">{words.namesLead}</p>
      <ul className="border-t border-line">
        {unknown.map((found) => (
          <li key={`${found.kind} ${found.name}`} className="border-b border-line py-1">
            <UnknownName found={found} rules={rules} onChange={onChange} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What an unknown property usually turns out to be; anything else can be chosen. */
const commonest: FieldClass = 'event.property';

function UnknownName({
  found,
  rules,
  onChange,
}: {
  found: PreviewName;
  rules: ContractDocument;
  onChange: (rules: ContractDocument) => void;
}) {
  const [fieldClass, setFieldClass] = useState<FieldClass>(commonest);
  const isName = found.kind === 'event_name' || found.kind === 'path_segment';

  function allow(): void {
    if (isName) onChange(withAllowedName(rules, found.name));
    else onChange(withProperty(rules, found.name, { class: fieldClass, treatment: mutable({ do: 'pass' }) }));
  }

  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span className="min-w-40 flex-1 truncate font-mono text-small">{found.name}</span>
      <span className="w-28 text-small text-soft">{m.review.kinds[found.kind]}</span>
      {isName ? null : (
        <label className="flex items-center gap-2 text-small text-soft">
          {words.allowAs}
          <select
            className="control control-slim w-56 text-ink"
            value={fieldClass}
            onChange={(event) => setFieldClass(event.target.value as FieldClass)}
          >
            <ClassOptions />
          </select>
        </label>
      )}
      <Button slim onClick={allow} aria-label={words.allow(found.name)}>
        {words.allowName}
      </Button>
    </div>
  );
}
