import { useId } from 'react';

/** A filter above a table that is typed. */
export function SearchFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (text: string | undefined) => void;
}) {
  const id = useId();
  return (
    <div className="flex shrink-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-small text-soft">
        {label}
      </label>
      <input
        id={id}
        type="search"
        data-filter
        className={`control control-slim w-[200px] ${value === undefined ? '' : 'border-act bg-act-wash'}`}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      />
    </div>
  );
}
