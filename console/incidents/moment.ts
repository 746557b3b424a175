/** What a `datetime-local` field holds, in the device's zone, as ISO 8601; undefined: empty, or no time. */
export function toIso(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The other way; empty for null. */
export function toLocal(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** IANA name, as `Europe/Lisbon`. */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
