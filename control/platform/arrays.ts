/**
 * An array parameter as PostgreSQL writes it, for numbers, dates and hexadecimal ids, which need no quoting: several
 * times faster than the driver's own way, which quotes each element. Null stays null.
 */
export function plainArray(values: readonly (number | string | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
