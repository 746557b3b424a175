import { invalid } from '../platform/index.ts';

/**
 * Exact web origins in the form in which browsers send them: `https://app.example.com`, no path, no wildcard.
 * Throws Problem 422 that names the one that is not.
 */
export function checkedOrigins(origins: readonly string[], field = 'origins'): string[] {
  return [...new Set(origins.map((origin, index) => checkedOrigin(origin, `${field}.${index}`)))];
}

function checkedOrigin(text: string, field: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isWeb || (url.origin !== text && `${url.origin}/` !== text) || text.includes('*')) {
    throw invalid(field, 'is not an exact origin such as https://app.example.com (no path, no wildcard)');
  }
  return url.origin;
}
