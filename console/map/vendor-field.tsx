import { useQuery } from '@tanstack/react-query';
import { useId, useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { TextField } from '../design/field.tsx';
import { map } from '../messages/pages/map.ts';
import { US } from './layout.ts';

const words = map.vendorField;
const LONGEST_ID = 61;

export interface NamedVendor {
  id: string;
  name: string;
}

/** Whom a name means: `isNew` has an id made of it. Null: nobody can be meant by it. */
export interface MeantVendor extends NamedVendor {
  isNew: boolean;
}

/** Vendors that have a name already: of the chain, and those of which something is publicly known. */
export function useNamedVendors(): readonly NamedVendor[] {
  const known = useQuery(queries.knownVendors()).data;
  const chain = useQuery(queries.chain(undefined)).data;
  return useMemo(() => {
    const all = new Map<string, NamedVendor>();
    for (const { id, name } of [...(chain?.nodes ?? []), ...(known ?? [])]) {
      if (!all.has(id)) all.set(id, { id, name });
    }
    return [...all.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }, [known, chain]);
}

/** Whom somebody means who writes this: a vendor by its name or id, else a new one. */
export function meantBy(text: string, vendors: readonly NamedVendor[]): MeantVendor | null {
  const name = text.trim();
  const lower = name.toLowerCase();
  const found =
    vendors.find((one) => one.name.toLowerCase() === lower) ?? vendors.find(({ id }) => id === lower);
  if (found !== undefined) return { ...found, isNew: false };
  const id = name
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, LONGEST_ID)
    .replace(/-+$/, '');
  return id === '' || id === US ? null : { id, name, isNew: true };
}

/** A vendor by its name; below it stands who is meant. */
export function VendorField({
  label,
  value,
  onChange,
  vendors,
  error,
  isOptional = false,
  unknown,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  vendors: readonly NamedVendor[];
  error?: string | undefined;
  isOptional?: boolean;
  /** Said where nobody known is meant; left out: that one is new. */
  unknown?: string;
}) {
  const list = useId();
  const meant = meantBy(value, vendors);
  return (
    <>
      <TextField
        label={label}
        required={!isOptional}
        maxLength={120}
        autoComplete="off"
        list={list}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        hint={
          meant !== null && !meant.isNew
            ? words.known(meant.name, meant.id)
            : (unknown ?? (meant === null ? words.hint : words.new(meant.id)))
        }
        error={error}
      />
      <datalist id={list}>
        {vendors.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </>
  );
}
