import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { PlaceKind, ResidencyStatement } from '../api/residency-types.ts';
import { classLabel, classNames } from '../design/classes.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { residency } from '../messages/pages/residency.ts';
import { useDraft } from '../shell/draft.ts';
import { draftOf, emptyStatement, letters, type StatementDraft, statementOf } from './statement-draft.ts';

const words = m.world.declare;
const { statement: change, declare: more } = residency;
const kinds = Object.keys(m.world.kinds) as PlaceKind[];

const flags = Object.entries(more.flags);

/**
 * A statement: where a vendor keeps or processes data, on what basis, and who said so. `statement`: one that holds, which gets
 * another version.
 */
export function DeclareSheet({
  vendor,
  statement: given,
  onClose,
}: {
  vendor: string;
  statement?: ResidencyStatement;
  onClose: () => void;
}) {
  const client = useQueryClient();
  // As it was read when the form was opened: what others change meanwhile is a conflict, and no silent overwriting.
  const [statement] = useState(given);
  const name = statement === undefined ? vendor : `${statement.id}.${statement.version}`;
  const first = statement === undefined ? emptyStatement : draftOf(statement);
  const [draft, edit, forget] = useDraft(`residency.${name}`, first);
  const declare = useMutation({
    mutationFn: () => {
      const reason = draft.reason.trim();
      const body = statementOf(draft, vendor);
      return statement === undefined
        ? write('POST', '/residency/statements', { reason, body })
        : write('PUT', `/residency/statements/${encodeURIComponent(statement.id)}`, {
            reason,
            body: { ...body, basedOn: statement.version },
          });
    },
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) =>
    declare.error instanceof ApiError ? declare.error.field(field) : undefined;
  const text = (name: Exclude<keyof StatementDraft, 'kind' | 'bcr' | 'eea'>) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => edit({ [name]: event.target.value }),
    error: wrong(name),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    declare.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={statement === undefined ? words.title : change.changeTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {statement === undefined ? null : <p className="text-soft">{change.changeLead(statement.version)}</p>}
        <SelectField
          label={words.kind}
          value={draft.kind}
          onChange={(event) => edit({ kind: event.target.value as PlaceKind })}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {m.world.kinds[kind]}
            </option>
          ))}
        </SelectField>
        <TextField label={words.place} hint={words.placeHint} required maxLength={46} {...text('place')} />
        <TextField label={words.service} hint={words.serviceHint} maxLength={61} {...text('service')} />
        <SelectField
          label={words.class}
          value={draft.class}
          onChange={(event) => edit({ class: event.target.value })}
          error={wrong('class')}
        >
          <option value="">{words.allClasses}</option>
          {classNames.map((name) => (
            <option key={name} value={name}>
              {classLabel(name)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={words.jurisdiction}
          hint={words.countryHint}
          maxLength={2}
          {...text('jurisdiction')}
        />
        <fieldset className="flex flex-col gap-4 border-l-3 border-line pl-4">
          <legend className="font-strong">{words.bases}</legend>
          <p className="text-soft">{words.basesLead}</p>
          <Check checked={draft.eea} onChange={(eea) => edit({ eea })}>
            {more.eea}
          </Check>
          <TextField label={words.adequacy} hint={words.countryHint} maxLength={2} {...text('adequacy')} />
          <SelectField
            label={words.dpf}
            value={draft.dpf}
            onChange={(event) => edit({ dpf: event.target.value as StatementDraft['dpf'] })}
          >
            {Object.entries(words.dpfChoices).map(([value, label]) => (
              <option key={value} value={value === 'none' ? '' : value}>
                {label}
              </option>
            ))}
          </SelectField>
          {draft.dpf === ''
            ? null
            : (['dpfActive', 'dpfHr'] as const).map((flag) => (
                <SelectField
                  key={flag}
                  label={more[flag]}
                  value={draft[flag]}
                  onChange={(event) => edit({ [flag]: event.target.value })}
                >
                  {flags.map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </SelectField>
              ))}
          <TextField label={words.scc} hint={words.sccHint} maxLength={20} {...text('sccModules')} />
          <TextField
            label={words.assessed}
            hint={words.assessedHint}
            type="date"
            {...text('sccAssessedOn')}
          />
          <Check checked={draft.bcr} onChange={(bcr) => edit({ bcr })}>
            {words.bcr}
          </Check>
          <SelectField
            label={more.derogation}
            value={draft.derogation}
            onChange={(event) => edit({ derogation: event.target.value as StatementDraft['derogation'] })}
          >
            <option value="">{more.derogationNone}</option>
            {letters.map((letter) => (
              <option key={letter} value={letter}>
                {more.letter(letter)}
              </option>
            ))}
          </SelectField>
        </fieldset>
        <fieldset className="flex flex-col gap-4 border-l-3 border-line pl-4">
          <legend className="font-strong">{more.conditions}</legend>
          <p className="text-soft">{more.conditionsLead}</p>
          <TextField label={more.plan} maxLength={200} {...text('plan')} />
          <TextField label={more.region} maxLength={200} {...text('region')} />
          <TextField label={more.option} maxLength={200} {...text('option')} />
        </fieldset>
        <TextField
          label={words.source}
          hint={words.sourceHint}
          required
          minLength={3}
          maxLength={500}
          {...text('source')}
        />
        <TextField label={words.asOf} type="date" required {...text('asOf')} />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
        <FormActs error={declare.error} disabled={declare.isPending} onCancel={onClose}>
          {statement === undefined ? words.submit : change.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

function Check({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <label className="flex gap-3">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}
