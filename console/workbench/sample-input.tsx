import type { ServiceDetail } from '../api/types.ts';
import { SelectField, TextArea } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { m } from '../messages/en.ts';
import { samplesFor, type Tried } from './samples.ts';

const words = m.workbench;

/** What is tried: pasted, or begun with something made up. */
export function SampleInput({
  service,
  tried,
  error,
  onChange,
}: {
  service: ServiceDetail;
  tried: Tried;
  error: string | undefined;
  onChange: (tried: Tried) => void;
}) {
  const samples = samplesFor(service);
  const endpoints = service.endpoints.filter(({ fields }) => fields !== undefined);
  return (
    <Section title={words.sample}>
      <SelectField
        label={words.samples.label}
        value=""
        onChange={(event) => {
          const chosen = samples.find(({ id }) => id === event.target.value);
          if (chosen !== undefined) onChange(chosen.tried);
        }}
      >
        <option value="">{words.samples.choose}</option>
        {samples.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.kind}
        value={tried.kind}
        onChange={(event) =>
          onChange({ ...tried, kind: event.target.value === 'request' ? 'request' : 'text' })
        }
      >
        <option value="text">{words.kinds.text}</option>
        <option value="request">{words.kinds.request}</option>
      </SelectField>
      {tried.kind === 'text' ? null : (
        <SelectField
          label={words.endpoint}
          value={tried.endpoint}
          onChange={(event) => onChange({ ...tried, endpoint: event.target.value })}
        >
          {endpoints.map(({ id, methods, path }) => (
            <option key={id} value={id}>
              {methods.join(', ')} {path}
            </option>
          ))}
        </SelectField>
      )}
      <TextArea
        label={words.paste}
        hint={words.pasteHint}
        error={error}
        rows={12}
        spellCheck={false}
        autoComplete="off"
        value={tried.text}
        onChange={(event) => onChange({ ...tried, text: event.target.value })}
      />
      <p className="max-w-[480px] text-small text-soft">{words.notKnown}</p>
    </Section>
  );
}
