const place = 'drawbridge.return-to';

/** Where somebody was going when they had to sign in first. */
export function rememberWhereTo(href: string): void {
  if (!/^\/(sign-in|welcome)\b/.test(href)) sessionStorage.setItem(place, href);
}

/** The remembered address; the overview if there is none. Only addresses of this console are kept. */
export function whereTo(): string {
  const href = sessionStorage.getItem(place) ?? '/';
  return href.startsWith('/') && !href.startsWith('//') ? href : '/';
}

/** The same, once. */
export function takeWhereTo(): string {
  const href = whereTo();
  forgetWhereTo();
  return href;
}

/** Whoever signs in next begins at the overview. */
export function forgetWhereTo(): void {
  sessionStorage.removeItem(place);
}
