import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { PlaceKind, TransferBasis } from '../api/residency-types.ts';
import { classLabel, classNames } from '../design/classes.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.world.declare;
const kinds = Object.keys(m.world.kinds) as PlaceKind[];

interface Draft {
  kind: PlaceKind;
  place: string;
  service: string;
  class: string;
  jurisdiction: string;
  adequacy: string;
  dpf: string;
  sccModules: string;
  sccAssessedOn: string;
  bcr: boolean;
  plan: string;
  source: string;
  asOf: string;
  reason: string;
}

const empty: Draft = {
  kind: 'storage',
  place: '',
  service: '',
  class: '',
  jurisdiction: '',
  adequacy: '',
  dpf: '',
  sccModules: '',
  sccAssessedOn: '',
  bcr: false,
  plan: '',
  source: '',
  asOf: '',
  reason: '',
};

/** What of the form is a basis; several stand beside each other. */
function basesOf(draft: Draft): TransferBasis[] {
  const modules = [...draft.sccModules].filter((sign) => '1234'.includes(sign)).map(Number);
  const bases: TransferBasis[] = [];
  if (draft.adequacy !== '') bases.push({ kind: 'adequacy', country: draft.adequacy.trim().toUpperCase() });
  if (draft.dpf !== '') {
    const certified = draft.dpf === 'unknown' ? null : draft.dpf === 'yes';
    bases.push({ kind: 'dpf', certified, active: null, coversHr: null });
  }
  if (modules.length > 0)
    bases.push({ kind: 'scc', modules: [...new Set(modules)], assessedOn: draft.sccAssessedOn || null });
  if (draft.bcr) bases.push({ kind: 'bcr' });
  return bases;
}

/** A statement: where a vendor keeps or processes data, on what basis, and who said so. */
export function DeclareSheet({ vendor, onClose }: { vendor: string; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`residency.${vendor}`, empty);
  const given = (text: string): string | undefined => text.trim() || undefined;
  const declare = useMutation({
    mutationFn: () =>
      write('POST', '/residency/statements', {
        reason: draft.reason.trim(),
        body: {
          vendor,
          kind: draft.kind,
          place: draft.place.trim(),
          service: given(draft.service),
          class: given(draft.class),
          jurisdiction: given(draft.jurisdiction)?.toUpperCase(),
          bases: basesOf(draft),
          conditions: { plan: given(draft.plan) },
          source: draft.source.trim(),
          asOf: draft.asOf,
        },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) =>
    declare.error instanceof ApiError ? declare.error.field(field) : undefined;
  const text = (name: Exclude<keyof Draft, 'kind' | 'bcr'>) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => edit({ [name]: event.target.value }),
    error: wrong(name),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    declare.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
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
          <TextField label={words.adequacy} hint={words.countryHint} maxLength={2} {...text('adequacy')} />
          <SelectField
            label={words.dpf}
            value={draft.dpf}
            onChange={(event) => edit({ dpf: event.target.value })}
          >
            {Object.entries(words.dpfChoices).map(([value, label]) => (
              <option key={value} value={value === 'none' ? '' : value}>
                {label}
              </option>
            ))}
          </SelectField>
          <TextField label={words.scc} hint={words.sccHint} maxLength={20} {...text('sccModules')} />
          <TextField
            label={words.assessed}
            hint={words.assessedHint}
            type="date"
            {...text('sccAssessedOn')}
          />
          <label className="flex gap-3">
            <input
              type="checkbox"
              checked={draft.bcr}
              onChange={(event) => edit({ bcr: event.target.checked })}
            />
            {words.bcr}
          </label>
        </fieldset>
        <TextField label={words.plan} hint={words.planHint} maxLength={200} {...text('plan')} />
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
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
