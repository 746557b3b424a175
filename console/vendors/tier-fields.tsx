import type { RegisterTier } from '../api/register-types.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { register } from '../messages/pages/register.ts';
import { tiers as words } from '../messages/pages/tiers.ts';

type Kind = RegisterTier['agreements'][number];
const kinds = Object.entries(register.agreementKinds) as [Kind, string][];
const expiries = ['warn', 'close'] as const;
/** The tier that asks for nothing: it is always there. */
const NONE = 'none';

/** What one tier asks for, to be changed. */
export function TierFields({
  tier,
  isNew,
  wrong,
  onChange,
  onRemove,
}: {
  tier: RegisterTier;
  /** It was not there before: its id can be chosen. */
  isNew: boolean;
  wrong: (field: string) => string | undefined;
  onChange: (patch: Partial<RegisterTier>) => void;
  onRemove: () => void;
}) {
  const isNone = tier.id === NONE && !isNew;
  return (
    <fieldset className="flex flex-col gap-3 border-l-3 border-line pl-4">
      <legend className="text-head font-strong">{tier.name || words.added}</legend>
      <TextField
        label={words.name}
        required
        maxLength={60}
        value={tier.name}
        onChange={({ target }) => onChange({ name: target.value })}
        error={wrong('name')}
      />
      {isNew ? (
        <TextField
          label={words.id}
          hint={words.idHint}
          required
          pattern="[a-z][a-z0-9\-]{0,30}"
          value={tier.id}
          onChange={({ target }) => onChange({ id: target.value })}
          error={wrong('id')}
        />
      ) : null}
      {isNone ? (
        <p className="text-soft">{words.fixed}</p>
      ) : (
        <>
          <fieldset>
            <legend className="mb-1 font-strong">{words.agreements}</legend>
            <div className="flex flex-wrap gap-x-5 gap-y-1">
              {kinds.map(([kind, label]) => (
                <Check
                  key={kind}
                  label={label}
                  checked={tier.agreements.includes(kind)}
                  onChange={(isChosen) =>
                    onChange({
                      agreements: kinds
                        .map(([one]) => one)
                        .filter((one) => (one === kind ? isChosen : tier.agreements.includes(one))),
                    })
                  }
                />
              ))}
            </div>
          </fieldset>
          <fieldset>
            <legend className="mb-1 font-strong">{words.asks}</legend>
            <Check
              label={words.reviewed}
              checked={tier.reviewed}
              onChange={(reviewed) => onChange({ reviewed })}
            />
            <Check
              label={words.residency}
              checked={tier.residency}
              onChange={(residency) => onChange({ residency })}
            />
          </fieldset>
        </>
      )}
      <TextField
        label={words.every}
        hint={words.everyHint}
        type="number"
        min={7}
        max={3660}
        value={tier.reviewEveryDays ?? ''}
        onChange={({ target }) =>
          onChange({ reviewEveryDays: target.value === '' ? null : Number(target.value) })
        }
        error={wrong('reviewEveryDays')}
      />
      {isNone ? null : (
        <>
          <SelectField
            label={words.atExpiry}
            value={tier.atExpiry}
            onChange={({ target }) =>
              onChange({ atExpiry: expiries.find((one) => one === target.value) ?? 'warn' })
            }
          >
            {expiries.map((one) => (
              <option key={one} value={one}>
                {words.atExpiryNames[one]}
              </option>
            ))}
          </SelectField>
          <div>
            <Button slim onClick={onRemove}>
              {words.remove(tier.name || words.added)}
            </Button>
          </div>
        </>
      )}
    </fieldset>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (isChosen: boolean) => void;
}) {
  return (
    <label className="flex min-h-8 items-center gap-2">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  );
}
