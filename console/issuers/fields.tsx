import { ApiError } from '../api/client.ts';
import { ChoiceField, TextArea, TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { m } from '../messages/en.ts';
import { roleName } from '../people/words.ts';
import type { IssuerDraft } from './draft.ts';

const words = m.issuers.form;
/** Who may do everything is asked in by a person. */
const newRoles = ['security', 'developer', 'privacy_officer', 'auditor', 'responder', 'member'] as const;

/** What is believed of an issuer, each with what was wrong with it. */
export function IssuerFields({
  draft,
  isNew,
  onChange,
  acr,
  lack,
  error,
}: {
  draft: IssuerDraft;
  isNew: boolean;
  onChange: (patch: Partial<IssuerDraft>) => void;
  acr: readonly string[];
  lack: 'mfa' | 'roles' | null;
  error: Error | null | undefined;
}) {
  const wrong = (field: string): string | undefined =>
    error instanceof ApiError ? error.field(field) : undefined;
  return (
    <>
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => onChange({ name: event.target.value })}
        error={wrong('name')}
      />
      {isNew ? (
        <TextField
          label={words.issuer}
          hint={words.issuerHint}
          required
          inputMode="url"
          maxLength={300}
          value={draft.issuer}
          onChange={(event) => onChange({ issuer: event.target.value })}
          error={wrong('issuer')}
        />
      ) : null}
      <TextField
        label={words.client}
        required
        maxLength={300}
        value={draft.clientId}
        onChange={(event) => onChange({ clientId: event.target.value })}
        error={wrong('clientId')}
      />
      <TextArea
        label={words.domains}
        hint={words.domainsHint}
        required
        rows={2}
        value={draft.domains}
        onChange={(event) => onChange({ domains: event.target.value })}
        error={wrong('domains')}
      />
      <ChoiceField
        label={words.mfa}
        name="proves"
        value={draft.proves}
        choices={[
          { value: 'no', label: words.mfaNo },
          { value: 'yes', label: words.mfaYes, hint: words.mfaYesHint },
        ]}
        onChoose={(proves) => onChange({ proves: proves === 'yes' ? 'yes' : 'no' })}
      />
      {draft.proves === 'yes' ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextArea
            label={words.amr}
            hint={words.amrHint}
            rows={2}
            value={draft.amr}
            onChange={(event) => onChange({ amr: event.target.value })}
            error={wrong('mfa.amr') ?? (lack === 'mfa' ? words.mfaMissing : undefined)}
          />
          <TextArea
            label={words.acr}
            hint={acr.length === 0 ? words.acrHint : words.acrOffered([...acr])}
            rows={2}
            value={draft.acr}
            onChange={(event) => onChange({ acr: event.target.value })}
            error={wrong('mfa.acr')}
          />
        </div>
      ) : null}
      <ChoiceField
        label={words.newcomers}
        name="newcomers"
        value={draft.newcomers}
        choices={[
          { value: 'no', label: words.newcomersNo },
          { value: 'yes', label: words.newcomersYes },
        ]}
        onChoose={(newcomers) => onChange({ newcomers: newcomers === 'yes' ? 'yes' : 'no' })}
      />
      {draft.newcomers === 'yes' ? (
        <Roles chosen={draft.roles} lacking={lack === 'roles'} onChoose={(roles) => onChange({ roles })} />
      ) : null}
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          checked={draft.private}
          onChange={(event) => onChange({ private: event.target.checked })}
        />
        {words.private}
      </label>
      <ReasonField value={draft.reason} onChange={(reason) => onChange({ reason })} error={wrong('reason')} />
    </>
  );
}

function Roles({
  chosen,
  lacking,
  onChoose,
}: {
  chosen: readonly string[];
  lacking: boolean;
  onChoose: (roles: string[]) => void;
}) {
  return (
    <fieldset>
      <legend className="sr-only">{words.newcomersYes}</legend>
      <div className="flex flex-wrap gap-x-6 gap-y-1">
        {newRoles.map((role) => (
          <label key={role} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={chosen.includes(role)}
              onChange={(event) =>
                onChoose(event.target.checked ? [...chosen, role] : chosen.filter((one) => one !== role))
              }
            />
            {roleName(role)}
          </label>
        ))}
      </div>
      {lacking ? (
        <p role="alert" className="mt-1 text-alert">
          {words.rolesMissing}
        </p>
      ) : null}
    </fieldset>
  );
}
