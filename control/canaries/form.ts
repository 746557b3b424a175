import { formVirtualKey, type Pack } from '@drawbridge/protocol';
import type { Random } from '../platform/index.ts';

/** How a planted key may look. `text`: of the pack; null: as a virtual key of this deployment. */
export interface KeyForm {
  vendor: string;
  vendorName: string;
  id: string;
  name: string;
  text: string | null;
}

export const OWN = 'drawbridge';

/** All forms that there are: those of the packs, and this deployment's own. */
export function formsOf(packs: readonly Pack[]): KeyForm[] {
  const own: KeyForm = {
    vendor: OWN,
    vendorName: 'Drawbridge',
    id: 'virtual',
    name: 'Virtual key of this deployment',
    text: null,
  };
  return [
    own,
    ...packs.flatMap((pack) =>
      (pack.key_forms ?? []).map(({ id, name, form }) => ({
        vendor: pack.vendor,
        vendorName: pack.name,
        id,
        name,
        text: form,
      })),
    ),
  ];
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const alphabets: Readonly<Record<string, string>> = {
  hex: `${DIGITS}abcdef`,
  lower: LOWER + DIGITS,
  upper: LOWER.toUpperCase() + DIGITS,
  alnum: LOWER.toUpperCase() + LOWER + DIGITS,
  base64url: `${LOWER.toUpperCase()}${LOWER}${DIGITS}-_`,
};
const RUN = /\{(hex|lower|upper|alnum|base64url):(\d{1,3})\}/g;
const RANDOM_BYTES_OF_A_KEY = 42;

/** A made-up key of a form, of which nobody can tell that it was never given out by the vendor. */
export function makeCanary(form: KeyForm, random: Random): string {
  if (form.text === null) return formVirtualKey(random.bytes(RANDOM_BYTES_OF_A_KEY)).key;
  return form.text.replaceAll(RUN, (_, name: string, length: string) =>
    randomText(alphabets[name] ?? '', Number(length), random),
  );
}

/** Each character equally likely: bytes that would favour some are thrown away. */
function randomText(alphabet: string, length: number, random: Random): string {
  const most = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < most && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
