import { useId } from 'react';
import { m } from '../messages/en.ts';

/** One filter above a table: a short list, "all" first. */
export function Filter({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChoose: (value: string | undefined) => void;
}) {
  const id = useId();
  const known = value === undefined || options.some((option) => option.value === value);
  return (
    <div className="flex shrink-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-small text-soft">
        {label}
      </label>
      <select
        id={id}
        data-filter
        className={`control control-slim max-w-[180px] ${value === undefined ? '' : 'border-act bg-act-wash'}`}
        value={value ?? ''}
        onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{m.common.all}</option>
        {known ? null : <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
