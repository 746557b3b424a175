/**
 * The state of a page lies in its address, as plain text that people can read and change: `?decision=refused&app=…`,
 * never JSON in quotes.
 */
export type Kept<Name extends string> = { [Key in Name]?: string | undefined };

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Keeps the named parameters of an address and drops what the page does not know. */
export function keep<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): Kept<Name> => {
    const kept: Kept<Name> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') kept[name] = value;
    }
    return kept;
  };
}
