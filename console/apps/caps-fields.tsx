import { TextField } from '../design/field.tsx';
import { m } from '../messages/en.ts';
import { type CapsDraft, wrongCap } from './caps-draft.ts';

const words = m.apps.caps;
const MOST_PER_DAY = 1_000_000_000_000;

/** What a key may use per minute and per day. */
export function CapsFields({
  caps,
  publishable,
  onChange,
  error,
}: {
  caps: CapsDraft;
  publishable: boolean;
  onChange: (patch: Partial<CapsDraft>) => void;
  error: unknown;
}) {
  return (
    <>
      <TextField
        label={m.apps.perMinute}
        hint={publishable ? m.apps.perMinuteHintPublishable : m.apps.perMinuteHint}
        type="number"
        min={1}
        max={1_000_000}
        required={publishable}
        value={caps.perMinute}
        onChange={(event) => onChange({ perMinute: event.target.value })}
        error={wrongCap(error, 'perMinute')}
      />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-1 font-strong">{words.day}</legend>
        <p className="max-w-[60ch] text-small text-soft">{words.dayHint}</p>
        <div className="grid max-w-[480px] gap-3 sm:grid-cols-2">
          <TextField
            label={words.requests}
            type="number"
            min={1}
            max={MOST_PER_DAY}
            value={caps.requests}
            onChange={(event) => onChange({ requests: event.target.value })}
            error={wrongCap(error, 'perDay.requests')}
          />
          <TextField
            label={words.tokens}
            type="number"
            min={1}
            max={MOST_PER_DAY}
            value={caps.tokens}
            onChange={(event) => onChange({ tokens: event.target.value })}
            error={wrongCap(error, 'perDay.tokens')}
          />
          <TextField
            label={words.money}
            type="number"
            min={0.000001}
            max={1_000_000_000}
            step="any"
            value={caps.money}
            onChange={(event) => onChange({ money: event.target.value })}
            error={wrongCap(error, 'perDay.money')}
          />
          <TextField
            label={words.currency}
            pattern="[A-Za-z]{3}"
            title={words.currencyHint}
            maxLength={3}
            required={caps.money !== ''}
            value={caps.currency}
            onChange={(event) => onChange({ currency: event.target.value })}
            error={wrongCap(error, 'perDay.money.currency')}
          />
        </div>
      </fieldset>
    </>
  );
}
