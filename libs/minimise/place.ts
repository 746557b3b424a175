/** Countries by code and English name, from the platform's own tables. Made when first asked for. */
let table: { byCode: Map<string, string>; byName: Map<string, string> } | null = null;

const ALIASES: readonly (readonly [string, string])[] = [
  ['usa', 'US'],
  ['u.s.', 'US'],
  ['united states of america', 'US'],
  ['uk', 'GB'],
  ['great britain', 'GB'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
  ['south korea', 'KR'],
  ['russian federation', 'RU'],
];

function countries(): { byCode: Map<string, string>; byName: Map<string, string> } {
  if (table !== null) return table;
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const byCode = new Map<string, string>();
  const byName = new Map<string, string>(ALIASES);
  for (let index = 0; index < 26 * 26; index++) {
    const code = String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26));
    const name = names.of(code);
    if (name === undefined || code === 'ZZ') continue;
    // Codes that are another one's old or second name, such as UK, lead to that one.
    const { region } = new Intl.Locale(`und-${code}`);
    if (region === code) byCode.set(code, name);
    byName.set(name.toLowerCase(), region ?? code);
    byName.set(code.toLowerCase(), region ?? code);
  }
  table = { byCode, byName };
  return table;
}

/** The ISO 3166 code of a country given by code or English name, or null when it is neither. */
export function countryCode(text: string): string | null {
  if (text.length > 60) return null;
  const trimmed = text.trim();
  const { byCode, byName } = countries();
  const upper = trimmed.toUpperCase();
  if (byCode.has(upper)) return upper;
  return byName.get(trimmed.toLowerCase()) ?? null;
}

/** A country in one spelling, in the form in which it came: code to code, name to name. Null: no country. */
export function countryOf(text: string): string | null {
  const code = countryCode(text);
  if (code === null) return null;
  return text.trim().length === 2 ? code : (countries().byCode.get(code) ?? null);
}
