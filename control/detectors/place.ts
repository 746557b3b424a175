import { countryCode } from '@drawbridge/minimise';

/** Where people are and what they read, in one spelling. */

/** The ISO 3166-1 code of a country given by code or English name; null: it is neither. */
export const countryOf = (text: string): string | null => countryCode(text);

const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** The primary language of a BCP 47 tag, also with `_` as programs write it: `de` of `de_CH`; null: it is no language. */
export function languageOf(tag: string): string | null {
  const read = tag.trim().replaceAll('_', '-');
  try {
    const { language } = new Intl.Locale(read);
    return names.of(language) === undefined ? null : language;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
