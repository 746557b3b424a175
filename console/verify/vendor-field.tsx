import { meantBy, VendorField as NamedVendorField, useNamedVendors } from '../map/vendor-field.tsx';
import { desk } from '../messages/pages/verify-desk.ts';

/** The id of whom a text means: a vendor by its name or id. */
export function useVendorId(text: string): string {
  return meantBy(text, useNamedVendors())?.id ?? text.trim();
}

/** A vendor by its name. */
export function VendorField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (text: string) => void;
  error?: string | undefined;
}) {
  return (
    <NamedVendorField
      label={desk.one.correctVendor}
      value={value}
      onChange={onChange}
      vendors={useNamedVendors()}
      error={error}
    />
  );
}
