/** What a company's name ends with and does not tell it from another. */
const forms = new Set(
  'inc incorporated llc ltd limited gmbh ag sa sas bv nv ab oy as aps corp corporation company co pbc plc pty srl spa kg kgaa se ug sarl lp llp kk'.split(
    ' ',
  ),
);

/**
 * A company's name as it is compared: lower case without accents, letters and digits only, without its legal form.
 * `Mixpanel, Inc.` is `mixpanel`. Empty where nothing is left.
 */
export function comparable(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    // B.V., S.A.: points within a form part nothing.
    .replace(/\b([a-z])\.(?=[a-z]\b)/g, '$1')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  while (words.length > 1 && forms.has(words.at(-1) ?? '')) words.pop();
  return words.join(' ');
}
