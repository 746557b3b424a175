/**
 * Whether this is a Legal Entity Identifier: 18 letters and digits and two check digits, as ISO 17442-1 has it. The check is that
 * of ISO 7064 MOD 97-10: letters as 10 to 35, the whole number leaves 1 when divided by 97.
 */
export function isLei(text: string): boolean {
  if (!/^[0-9A-Z]{18}[0-9]{2}$/.test(text)) return false;
  let left = 0;
  for (const mark of text) {
    const value = Number.parseInt(mark, 36);
    left = (left * (value > 9 ? 100 : 10) + value) % 97;
  }
  return left === 1;
}
