/**
 * The token of a one-time link, which stands in the fragment so that no server's log has it. Taken out of the address
 * at once: it must not stay in the history or be copied with it. Null where there is none.
 */
export function takeLinkToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return null;
  history.replaceState(history.state, '', location.pathname);
  return token;
}
